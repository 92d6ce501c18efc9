//! A register map as data: names, offsets, widths, access kinds and reset values.
//!
//! `#[simulated]` writes one [`RegisterMap`] per block as a constant. The simulation answers from it, the trace takes
//! its names from it, and on hardware the linker drops it when nobody asks.
#![forbid(unsafe_code)]

mod alias;
mod bank;
mod effects;
mod extent;
mod field;
#[cfg(simulation)]
mod index;
mod nest;
mod policy;
mod reserved;
mod width;

pub use alias::{Alias, AliasOperation};
pub use bank::When;
#[doc(hidden)]
pub use bank::{View, count_shown, select, shown, shown_indices};
#[doc(hidden)]
pub use effects::{Effects, acting_bits};
#[doc(hidden)]
pub use extent::Extent;
pub use field::{Field, NamedValue};
#[cfg(simulation)]
pub(crate) use index::Index;
#[doc(hidden)]
pub use nest::{Part, Route, nested, nested_len, nested_name_bytes, nested_names, nested_registers, nested_routes};
pub use policy::{Policy, ReadEffect, WriteEffect};
pub use reserved::Reserved;
pub use width::Width;

/// Which accesses a register permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccessKind {
    /// `ro`: reads only.
    ReadOnly,
    /// `wo`: writes only.
    WriteOnly,
    /// `rw`: reads and writes.
    ReadWrite,
}

impl AccessKind {
    /// Whether a read is permitted.
    #[inline]
    pub const fn is_readable(self) -> bool {
        !matches!(self, Self::WriteOnly)
    }

    /// Whether a write is permitted.
    #[inline]
    pub const fn is_writable(self) -> bool {
        !matches!(self, Self::ReadOnly)
    }

    /// Whether an access in this direction is permitted.
    #[cfg(simulation)]
    pub(crate) fn permits(self, direction: crate::trace::Direction) -> bool {
        match direction {
            crate::trace::Direction::Read => self.is_readable(),
            crate::trace::Direction::Write => self.is_writable(),
        }
    }
}

/// One register, or one array of equal registers, of a [`RegisterMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Register {
    /// The name as it is declared, for example `dr`; of a register of a nested block, with the name of that, for example
    /// `channel[2].control`.
    pub name: &'static str,
    /// Offset of the first element from the start of the block, in bytes.
    pub offset: usize,
    /// Width of one element.
    pub width: Width,
    /// Which accesses are permitted.
    pub access: AccessKind,
    /// Number of elements: `None` for a single register, `Some(n)` for an array of `n`.
    pub count: Option<usize>,
    /// Distance between the starts of two neighbouring elements, in bytes.
    pub stride: usize,
    /// Value of every element after reset.
    pub reset: u64,
    /// What accesses do to the bits of fields that have no policy of their own, and to those outside of all fields.
    pub policy: Policy,
    /// The fields of every element in ascending order of their bits, if its value type declares any.
    pub fields: &'static [Field],
    /// Further widths of accesses that the register answers, beside its own.
    pub widths: &'static [Width],
    /// The condition under which the register is there, if it is not always.
    pub when: Option<When>,
    /// What the bits that belong to no field must be written as.
    pub reserved: Reserved,
}

impl Register {
    /// A single register.
    pub const fn new(name: &'static str, offset: usize, width: Width, access: AccessKind, reset: u64) -> Self {
        let policy = match access {
            AccessKind::ReadOnly => Policy::RO,
            AccessKind::WriteOnly => Policy::WO,
            AccessKind::ReadWrite => Policy::RW,
        };
        Self {
            name,
            offset,
            width,
            access,
            count: None,
            stride: width.bytes(),
            reset,
            policy,
            fields: &[],
            widths: &[],
            when: None,
            reserved: Reserved { zero: 0, one: 0 },
        }
    }

    /// Stands where a register will be.
    const NOTHING: Self = Self::new("", 0, Width::U8, AccessKind::ReadOnly, 0);

    /// The same register, which answers accesses of these widths as well.
    #[must_use]
    pub const fn with_widths(self, widths: &'static [Width]) -> Self {
        Self { widths, ..self }
    }

    /// The same register, there only under this condition.
    #[must_use]
    pub const fn when(self, when: When) -> Self {
        Self { when: Some(when), ..self }
    }

    /// The same register with these reserved bits.
    #[must_use]
    pub const fn with_reserved(self, reserved: Reserved) -> Self {
        Self { reserved, ..self }
    }

    /// The same register as an array of `count` elements, `stride` bytes apart.
    #[must_use]
    pub const fn array(self, count: usize, stride: usize) -> Self {
        Self { count: Some(count), stride, ..self }
    }

    /// The same register with this policy.
    #[must_use]
    pub const fn with_policy(self, policy: Policy) -> Self {
        Self { policy, ..self }
    }

    /// The same register with these fields, in ascending order of their bits.
    #[must_use]
    pub const fn with_fields(self, fields: &'static [Field]) -> Self {
        Self { fields, ..self }
    }

    /// Number of elements: 1 for a single register.
    pub const fn len(&self) -> usize {
        match self.count {
            Some(count) => count,
            None => 1,
        }
    }

    /// Whether this is an array without elements.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Offset of the first byte behind the last element, in bytes.
    pub const fn end(&self) -> usize {
        match self.len() {
            0 => self.offset,
            n => self.offset + (n - 1) * self.stride + self.width.bytes(),
        }
    }

    /// The element whose bytes include `offset`, and the distance of `offset` from that element's start.
    pub fn element_at(&self, offset: usize) -> Option<(usize, usize)> {
        let distance = offset.checked_sub(self.offset)?;
        let element = distance / self.stride;
        let within = distance % self.stride;
        (element < self.len() && within < self.width.bytes()).then_some((element, within))
    }
}

/// The registers of one block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterMap {
    /// Name of the block in snake case, for example `pl011`; the default name of a region that simulates it.
    pub name: &'static str,
    /// Size of the block in bytes.
    pub size: usize,
    /// Width of the bus the block is attached to: no access that reaches it is wider.
    pub width: Width,
    /// The registers in ascending order of their offsets. Arrays with a stride may interleave. Registers that share a byte are
    /// alternates: [`find_access`](RegisterMap::find_access) tells them apart.
    pub registers: &'static [Register],
    /// Further windows on all of them.
    pub aliases: &'static [Alias],
    /// The registers that an access reaches, if some share bytes: by the bits of the fields that conditions name, then by
    /// direction, reads first.
    #[doc(hidden)]
    pub views: &'static [View],
}

/// Where in a [`RegisterMap`] an offset lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the register in [`RegisterMap::registers`].
    pub register: usize,
    /// Element of an array; 0 for a single register.
    pub element: usize,
    /// Distance from the start of the element, in bytes.
    pub within: usize,
    /// The window through which it is reached, if it is not the registers' own place.
    pub alias: Option<Alias>,
}

impl RegisterMap {
    /// A map of `registers`, which must be sorted by offset.
    pub const fn new(name: &'static str, size: usize, width: Width, registers: &'static [Register]) -> Self {
        Self { name, size, width, registers, aliases: &[], views: &[] }
    }

    /// The same map, in which registers share bytes.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_views(self, views: &'static [View]) -> Self {
        Self { views, ..self }
    }

    /// The same map with other registers.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_registers(self, registers: &'static [Register]) -> Self {
        Self { registers, ..self }
    }

    /// The same map with these windows, which do not overlap each other or the registers.
    #[must_use]
    pub const fn with_aliases(self, aliases: &'static [Alias]) -> Self {
        Self { aliases, ..self }
    }

    /// Width of the widest register, in bytes: the alignment of the block. 1 if it has none.
    pub const fn align(&self) -> usize {
        let (mut align, mut index) = (1, 0);
        while index < self.registers.len() {
            let bytes = self.registers[index].width.bytes();
            if bytes > align {
                align = bytes;
            }
            index += 1;
        }
        align
    }

    /// The register whose bytes include `offset`; of several, the last in the list.
    pub fn find(&self, offset: usize) -> Option<Place> {
        self.places(offset).next()
    }

    /// All registers whose bytes include `offset`, in the order in which [`find`](Self::find) prefers them.
    pub fn places(&self, offset: usize) -> impl Iterator<Item = Place> {
        let behind = self.aliases.iter().filter(|alias| alias.offset <= offset);
        let alias = behind.max_by_key(|alias| alias.offset).copied();
        let offset = offset - alias.map_or(0, |alias| alias.offset);
        let behind = self.registers.partition_point(|register| register.offset <= offset);
        // The last register that starts at or before the offset has it, unless arrays interleave.
        self.registers[..behind].iter().enumerate().rev().filter_map(move |(index, register)| {
            let (element, within) = register.element_at(offset)?;
            Some(Place { register: index, element, within, alias })
        })
    }

    /// The register that an access of `width` to `offset` is about: of several there one that `permits` the access, that
    /// starts there and is as wide.
    pub fn find_access(&self, offset: usize, width: Width, permits: fn(AccessKind) -> bool) -> Option<Place> {
        let first = self.find(offset)?;
        let rank = |place: &Place| {
            let register = &self.registers[place.register];
            (!permits(register.access), place.within != 0 || register.width != width)
        };
        if rank(&first) == (false, false) { Some(first) } else { self.places(offset).min_by_key(rank) }
    }

    /// The register that starts nearest to `offset`, for a message that helps.
    pub fn nearest(&self, offset: usize) -> Option<&'static Register> {
        self.registers.iter().min_by_key(|register| {
            if offset < register.offset { register.offset - offset } else { offset.saturating_sub(register.end() - 1) }
        })
    }
}
