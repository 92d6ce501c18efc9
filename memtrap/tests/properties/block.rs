//! A register block as a description: what the generator writes as source, and what the oracle goes by.

use crate::uvm::Rule;

/// One register, or one array of equal registers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Register {
    pub(crate) offset: usize,
    /// Width in bytes.
    pub(crate) bytes: usize,
    pub(crate) count: Option<usize>,
    /// Distance between elements in bytes.
    pub(crate) stride: usize,
    pub(crate) is_readable: bool,
    pub(crate) is_writable: bool,
    pub(crate) reset: u64,
    /// What accesses do to each bit.
    pub(crate) rules: Vec<Rule>,
    /// What each bit must be written as, if it matters.
    pub(crate) reserved: Vec<Option<bool>>,
    pub(crate) storage: Storage,
    /// What the source says beside the offset and the access, and the value type with its definition, if it has one.
    pub(crate) facts: String,
    pub(crate) value_type: String,
    pub(crate) definition: String,
}

/// Where a register's value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Own,
    /// The stored value of the register at this index.
    View(usize),
    /// The bits that both registers have.
    Both(usize, usize),
    Constant(Vec<u64>),
    Fifo {
        pops: bool,
        pushes: bool,
    },
}

impl Register {
    /// Number of elements.
    pub(crate) fn len(&self) -> usize {
        self.count.unwrap_or(1)
    }

    /// The first byte behind the last element.
    pub(crate) fn end(&self) -> usize {
        self.offset + (self.len() - 1) * self.stride + self.bytes
    }

    /// A value in which all bits of the register are set.
    pub(crate) fn mask(&self) -> u64 {
        u64::MAX >> (64 - 8 * self.bytes)
    }
}

/// A register block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) name: String,
    pub(crate) size: usize,
    /// Width of its bus in bytes.
    pub(crate) bus: usize,
    pub(crate) registers: Vec<Register>,
}
