//! Registers at one offset: which of them an access reaches.

use super::{Extent, Register, RegisterMap};
#[cfg(simulation)]
use crate::trace::Direction;

/// A register that is there only while a field of another one has some value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct When {
    /// Name of the register with the field.
    pub register: &'static str,
    /// Name of the field, which has one bit.
    pub field: &'static str,
    /// Value of the field.
    pub value: bool,
    /// Number of the field among those that conditions of the block name.
    bit: u32,
}

/// The registers of a block that accesses in one direction reach while its fields have some values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// They.
    pub map: RegisterMap,
    /// The position of each in the map of the block.
    pub indices: &'static [usize],
}

impl When {
    /// The condition on a field, which is number `bit` of those that conditions name.
    pub const fn new(register: &'static str, field: &'static str, value: bool, bit: u32) -> Self {
        Self { register, field, value, bit }
    }
}

#[cfg(simulation)]
impl RegisterMap {
    /// What an access reaches while the fields that conditions name have the bits of `bank`, if registers share bytes.
    #[inline(always)]
    pub(crate) fn view(&self, bank: u8, direction: Direction) -> Option<&'static View> {
        self.views.get(2 * usize::from(bank) + usize::from(direction == Direction::Write))
    }

    /// The registers that such an access reaches.
    pub(crate) fn reachable(&'static self, bank: u8, direction: Direction) -> &'static Self {
        self.view(bank, direction).map_or(self, |view| &view.map)
    }
}

impl Register {
    /// Whether the register is there while the fields that conditions name have the bits of `bank`.
    const fn is_there(&self, bank: u32) -> bool {
        match self.when {
            Some(when) => (bank >> when.bit & 1 != 0) == when.value,
            None => true,
        }
    }

    const fn permits(&self, is_write: bool) -> bool {
        if is_write { self.access.is_writable() } else { self.access.is_readable() }
    }

    /// Whether an access reaches this register rather than `other`, which is there as well and shares a byte with it.
    const fn goes_before(&self, other: &Self, is_write: bool) -> bool {
        match (self.permits(is_write), other.permits(is_write)) {
            (true, false) => true,
            (false, true) => false,
            _ => self.when.is_some() && other.when.is_none(),
        }
    }

    const fn extent(&self) -> Extent {
        Extent::new(self.offset as u64, self.width.bytes() as u64, self.stride as u64, self.len() as u64)
    }
}

/// Which registers an access reaches.
pub const fn shown<const LEN: usize>(registers: &[Register], bank: u32, is_write: bool) -> [bool; LEN] {
    let (mut shown, mut index) = ([false; LEN], 0);
    while index < LEN {
        let register = &registers[index];
        shown[index] = register.is_there(bank);
        let mut other = 0;
        while other < LEN {
            let rival = &registers[other];
            if rival.is_there(bank)
                && rival.goes_before(register, is_write)
                && rival.offset < register.end()
                && register.offset < rival.end()
                && rival.extent().meet(&register.extent())
            {
                shown[index] = false;
            }
            other += 1;
        }
        index += 1;
    }
    shown
}

/// Number of registers that are shown.
pub const fn count_shown(shown: &[bool]) -> usize {
    let (mut count, mut index) = (0, 0);
    while index < shown.len() {
        count += shown[index] as usize;
        index += 1;
    }
    count
}

/// The registers that are shown.
pub const fn select<const COUNT: usize>(registers: &[Register], shown: &[bool]) -> [Register; COUNT] {
    let indices = shown_indices::<COUNT>(shown);
    let (mut selected, mut at) = ([Register::NOTHING; COUNT], 0);
    while at < COUNT {
        selected[at] = registers[indices[at]];
        at += 1;
    }
    selected
}

/// Their positions.
pub const fn shown_indices<const COUNT: usize>(shown: &[bool]) -> [usize; COUNT] {
    let (mut indices, mut at, mut index) = ([0; COUNT], 0, 0);
    while index < shown.len() {
        if shown[index] {
            indices[at] = index;
            at += 1;
        }
        index += 1;
    }
    indices
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::{AccessKind, Width};

    #[test]
    fn direction_and_bank_decide() {
        let register = |name, access| Register::new(name, 0, Width::U8, access, 0);
        let dlab = Some(When::new("lcr", "dlab", true, 0));
        let registers = [
            register("rbr", AccessKind::ReadOnly),
            register("thr", AccessKind::WriteOnly),
            Register { when: dlab, ..register("dll", AccessKind::ReadWrite) },
        ];
        assert_eq!(shown::<3>(&registers, 0, false), [true, false, false]);
        assert_eq!(shown::<3>(&registers, 0, true), [false, true, false]);
        assert_eq!(shown::<3>(&registers, 1, false), [false, false, true]);
        assert_eq!(shown::<3>(&registers, 1, true), [false, false, true]);
        let shown = shown::<3>(&registers, 1, true);
        assert_eq!(count_shown(&shown), 1);
        assert_eq!(select::<1>(&registers, &shown)[0].name, "dll");
        assert_eq!(shown_indices::<1>(&shown), [2]);
    }
}
