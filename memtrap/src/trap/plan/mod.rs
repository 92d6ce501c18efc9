//! What to do for one instruction: which bytes it reads and writes, and how its effect on the registers comes about.
//!
//! A plan knows nothing of opcodes' meanings. Loads and stores of general registers are moves between the frame and the
//! bus; everything else is the instruction itself, re-encoded to work on a buffer (its stub).
#![forbid(unsafe_code)]

mod address;
mod classify;
mod fixed;
mod lower;
mod relocate;
mod stack;
mod tables;

pub(super) use address::{Address, Segment, SegmentBases};
pub(super) use classify::plan;
pub(super) use fixed::Fixed;
pub(super) use relocate::{Recipe, Relative, relocate};
pub(super) use stack::{Stack, Target};

use super::frame::Frame;
use crate::map::Width;

/// What to do for one instruction.
#[derive(Debug)]
pub(super) struct Plan {
    /// Address of the next instruction.
    pub(super) next: usize,
    /// Whether the device is held for the whole instruction.
    pub(super) locked: bool,
    /// The opcode as the x87 unit remembers it, of one of its instructions.
    pub(super) x87_opcode: Option<u16>,
    pub(super) operation: Operation,
}

/// How the instruction is carried out.
#[derive(Debug)]
pub(super) enum Operation {
    /// The instruction touches no memory that a device could see.
    Nothing,
    /// Memory to a general register.
    Load { from: Address, width: Width, to: Register, extend: Extend },
    /// A general register or a constant to memory.
    Store { to: Address, width: Width, value: Value },
    /// Memory to a vector register, or the other way.
    VectorMove(VectorMove),
    /// The bytes of one vector register that the sign bits of another leave, to memory. Not replayed: the instruction's
    /// store goes around the caches, and to read it back from a buffer takes as long as a fifth of a trap.
    MaskedStore { to: Address, value: u8, mask: u8 },
    /// Memory onto the stack.
    Push { from: Address, width: Width },
    /// The top of the stack to memory.
    Pop { to: Address, width: Width },
    /// Jump to the address in memory; a call pushes the address of the next instruction.
    Jump { to: Address, width: Width, call: bool },
    /// The instruction uses the stack and no other memory.
    Stack(Stack),
    /// As `Jump`, with a code segment, which must be the current one.
    FarJump { to: Address, offset: Width, call: Option<Width> },
    /// Memory to memory, 64 bytes.
    Move64 { from: Address, to: Address },
    /// Zeros for the 64 bytes of a cache line.
    Clear64 { to: Address },
    /// Port to accumulator, or the other way.
    Port { port: Port, width: Width, output: bool },
    /// Port to memory at `rdi`, or memory at `rsi` to port.
    PortString { width: Width, memory: Address, output: bool, repeats: bool, narrow: bool },
    /// The re-encoded instruction runs on a buffer.
    Replay(Replay),
    /// As `Replay`, once for each element whose address is in a vector register.
    Vector(VectorReplay),
    /// A string instruction: `Replay` of one iteration on one or two buffers.
    String(StringReplay),
}

/// Where the number of an I/O port is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    /// In the instruction.
    Constant(u8),
    /// In `dx`.
    Dx,
}

/// A general register, or part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Register {
    /// The number of the 64-bit register.
    pub(super) number: u8,
    pub(super) part: Part,
}

/// Which part of a general register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Bits 0 to 7.
    Low8,
    /// Bits 8 to 15.
    High8,
    /// Bits 0 to 15.
    Low16,
    /// Bits 0 to 31; a write clears the rest.
    Low32,
    /// All bits.
    All,
}

impl Register {
    /// The value of the part, zero-extended.
    pub(super) fn get(self, gpr: &[u64; 16]) -> u64 {
        let whole = gpr[usize::from(self.number)];
        match self.part {
            Part::Low8 => whole & 0xff,
            Part::High8 => whole >> 8 & 0xff,
            Part::Low16 => whole & 0xffff,
            Part::Low32 => whole & 0xffff_ffff,
            Part::All => whole,
        }
    }

    /// Writes the part as an instruction would: 8 and 16 bits leave the rest, 32 bits clear it.
    pub(super) fn set(self, gpr: &mut [u64; 16], value: u64) {
        let whole = &mut gpr[usize::from(self.number)];
        *whole = match self.part {
            Part::Low8 => *whole & !0xff | value & 0xff,
            Part::High8 => *whole & !0xff00 | (value & 0xff) << 8,
            Part::Low16 => *whole & !0xffff | value & 0xffff,
            Part::Low32 => value & 0xffff_ffff,
            Part::All => value,
        };
    }
}

/// How a loaded value fills a wider register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extend {
    Zero,
    Sign,
}

/// What a store writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Register(Register),
    Constant(u64),
}

/// An instruction that runs on a buffer.
#[derive(Debug)]
pub(super) struct Replay {
    pub(super) address: Address,
    /// The register whose value, in bits, displaces the operand.
    pub(super) bit_offset: Option<Register>,
    /// Size of the memory operand in bytes; 0 for an image of the extended state.
    pub(super) size: usize,
    pub(super) reads: Bytes,
    pub(super) writes: Bytes,
    pub(super) code: Code,
}

/// What runs on the buffer.
#[derive(Debug)]
pub(super) enum Code {
    /// The re-encoded instruction.
    Stub(Stub),
    /// A member of the fixed set, where no executable memory can be had.
    Fixed(Fixed),
}

impl Plan {
    /// Whether the instruction reads and then writes the same location.
    pub(super) fn is_read_modify_write(&self) -> bool {
        matches!(&self.operation, Operation::Replay(Replay { reads: Bytes::All, writes: Bytes::All, .. }))
    }
}

impl Replay {
    /// Bytes between the operand that is written in the instruction and the one that is accessed.
    pub(super) fn displacement(&self, frame: &Frame) -> u64 {
        let Some(register) = self.bit_offset else { return 0 };
        let value = register.get(&frame.gpr);
        let bits = match register.part {
            Part::Low16 => i64::from(value as i16),
            Part::Low32 => i64::from(value as i32),
            _ => value.cast_signed(),
        };
        // A signed number of whole operands (Intel SDM volume 2, 3.1.1.9, "bit offset").
        let operands = bits >> (8 * self.size).ilog2();
        operands.cast_unsigned().wrapping_mul(self.size as u64)
    }
}

/// Which bytes of a memory operand are transferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bytes {
    None,
    All,
    /// The elements whose bits are set in the mask register.
    Masked(Mask),
    /// As many elements, from the first, as bits are set in the mask register.
    Packed(Mask),
    /// Only found out by running the instruction on two buffers of different contents.
    Observed,
    /// The elements of this many bytes whose sign bits are set in the vector register.
    Signed {
        vector: u8,
        granule: u8,
    },
}

/// A mask register over the elements of an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mask {
    /// `k1` to `k7`.
    pub(super) register: u8,
    /// Bytes of one element that one bit governs.
    pub(super) granule: u8,
    /// Elements of the vector that the bits govern.
    pub(super) lanes: u8,
    /// Elements in memory; lane `j` uses element `j % elements`.
    pub(super) elements: u8,
}

/// A re-encoded instruction and how to set up its registers.
#[derive(Debug)]
pub(super) struct Stub {
    /// Address of the code.
    pub(super) code: usize,
    /// The register that points to the buffer.
    pub(super) base: u8,
    /// The register that stands in for `rsp`, if the instruction names it.
    pub(super) stack_pointer: Option<u8>,
    /// Whether the instruction uses extended state.
    pub(super) extended: bool,
}

/// A move of all bytes of a vector register.
#[derive(Debug)]
pub(super) struct VectorMove {
    pub(super) load: bool,
    pub(super) register: u8,
    /// Whether a load clears the bytes of the register above the operand.
    pub(super) clears: bool,
    /// The same as an instruction that runs on a buffer, for operands that are not aligned, which may fault.
    pub(super) replay: Replay,
}

/// A gather or scatter.
#[derive(Debug)]
pub(super) struct VectorReplay {
    /// The address without the index.
    pub(super) address: Address,
    /// The vector register with the indices.
    pub(super) index: u8,
    /// Bytes of one index: 4 or 8.
    pub(super) index_size: u8,
    pub(super) scale: u8,
    /// Bytes of one element in memory.
    pub(super) element: u8,
    pub(super) lanes: u8,
    pub(super) scatter: bool,
    /// Where the lanes' enable bits are.
    pub(super) enable: Enable,
    /// The vector register that takes the place of the index in the stub; it holds offsets into the buffer.
    pub(super) substitute: u8,
    pub(super) stub: Stub,
}

impl VectorReplay {
    /// What the lane's index adds to the address.
    pub(super) fn offset(&self, indices: &[u8; 64], lane: usize) -> u64 {
        let size = usize::from(self.index_size);
        let mut index = [0; 8];
        index[..size].copy_from_slice(&indices[lane * size..][..size]);
        let index = i64::from_le_bytes(index);
        let index = if size == 4 { i64::from(index as i32) } else { index };
        index.cast_unsigned().wrapping_mul(u64::from(self.scale))
    }
}

/// What enables a lane of a gather or scatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Enable {
    /// Bits of a mask register.
    Mask(u8),
    /// Sign bits of a vector register's elements, as wide as the data.
    Signs(u8),
}

/// A string instruction.
#[derive(Debug)]
pub(super) struct StringReplay {
    /// Bytes of one element.
    pub(super) size: u8,
    /// The operand at `rsi`, if there is one.
    pub(super) source: Option<Address>,
    /// The operand at `rdi`, if there is one, and whether it is written.
    pub(super) destination: Option<(Address, bool)>,
    /// Whether and how the instruction repeats.
    pub(super) repeat: Repeat,
    /// Whether the registers are used with 32 bits.
    pub(super) narrow: bool,
    pub(super) stub: usize,
}

/// How a string instruction repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    /// `rep`: until the count is zero.
    Count,
    /// `repe`: also until an element differs.
    WhileEqual,
    /// `repne`: also until an element is equal.
    WhileNotEqual,
}
