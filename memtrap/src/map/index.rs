//! Offset → register without a search, for the registers that are no arrays.

use super::RegisterMap;

/// Entries: a power of two.
const SIZE: usize = 256;

/// Finds most registers of one map by their first byte. It is made by the compiler.
pub(crate) struct Index([u8; SIZE]);

/// The entry of an offset. Neighbours differ, whether they are one byte apart or four, over a range of 256 registers.
const fn entry(offset: usize) -> usize {
    (offset ^ offset >> 2 ^ offset >> 10) % SIZE
}

impl Index {
    /// The index of a map. Of registers that share an entry, the first has it.
    pub(crate) const fn new(map: &RegisterMap) -> Self {
        let mut entries = [0; SIZE];
        let mut register = 0;
        while register < map.registers.len() && register < u8::MAX as usize {
            let entry = entry(map.registers[register].offset);
            if map.registers[register].count.is_none() && entries[entry] == 0 {
                entries[entry] = 1 + register as u8;
            }
            register += 1;
        }
        Self(entries)
    }

    /// The register that starts at `offset`; `None` if [`RegisterMap::find`] must be asked.
    #[inline(always)]
    pub(crate) fn register_at(&self, map: &RegisterMap, offset: usize) -> Option<usize> {
        let register = usize::from(self.0[entry(offset)]).checked_sub(1)?;
        (map.registers.get(register)?.offset == offset).then_some(register)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::map::{AccessKind, Register, Width};

    const fn register(offset: usize) -> Register {
        Register::new("r", offset, Width::U32, AccessKind::ReadWrite, 0)
    }

    static REGISTERS: [Register; 4] = [register(0), register(4).array(4, 4), register(0x40), register(0x1000)];

    #[test]
    fn it_finds_what_the_map_finds_or_says_nothing() {
        let map = RegisterMap::new("block", 0x2000, Width::U32, &REGISTERS);
        let index = Index::new(&map);
        let found = (0..0x2000).filter_map(|offset| Some((offset, index.register_at(&map, offset)?)));
        let found: Vec<_> = found.collect();
        assert!(found.iter().all(|&(offset, register)| map.find(offset).unwrap().register == register));
        assert_eq!(found, [(0, 0), (0x40, 2), (0x1000, 3)], "arrays are not in it");
    }

    #[test]
    fn registers_that_share_an_entry_are_not_confused() {
        static TWO: [Register; 2] = [register(0), register(0x400 * 0x100)];
        assert_eq!(entry(TWO[0].offset), entry(TWO[1].offset));
        let map = RegisterMap::new("block", 0x4_1000, Width::U32, &TWO);
        let index = Index::new(&map);
        assert_eq!((index.register_at(&map, 0), index.register_at(&map, 0x4_0000)), (Some(0), None));
    }

    #[test]
    fn neighbours_have_entries_of_their_own() {
        for step in [1, 2, 4] {
            let entries: std::collections::HashSet<_> = (0..SIZE).map(|register| entry(register * step)).collect();
            assert_eq!(entries.len(), SIZE, "{step} bytes apart");
        }
    }
}
