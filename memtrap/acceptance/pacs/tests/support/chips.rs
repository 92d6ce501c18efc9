//! What the tests of a chip have in common.

use crate::files;
use memtrap::{
    Bus, Width,
    map::AccessKind,
    svd::{Chip, SimulatedChip},
};

/// Compares what the register crate reads with what the file promises: pairs of the value and the register's name. One of
/// them at least is not zero, where the file has such.
pub(crate) fn promised(chip: &Chip, read: &[(u64, &str)]) {
    for (value, name) in read {
        let info = chip.register(name).unwrap_or_else(|| panic!("{} has no register {name}", chip.name()));
        assert_eq!(*value, info.register.reset, "{name}");
    }
}

/// Reads every register that can be read, through a pointer to its address, on a bus of its own; how many there were.
pub(crate) fn read_all(chip: &Chip) -> usize {
    let bus = Bus::new();
    let sim = chip.simulate(&bus).unwrap();
    let mut count = 0;
    for region in sim.regions() {
        let map = memtrap::Device::registers(&*region.device()).unwrap();
        for register in map.registers.iter().filter(|register| register.access != AccessKind::WriteOnly) {
            // Of several at one address, only the first is read.
            let first = map.find(register.offset).map(|place| map.registers[place.register]);
            if first != Some(*register) {
                continue;
            }
            let pointer = region.base().wrapping_add(register.offset);
            // SAFETY: The address belongs to the simulation, whose accesses are trapped.
            let value = unsafe {
                match register.width {
                    Width::U8 => u64::from(pointer.read_volatile()),
                    Width::U16 => u64::from(pointer.cast::<u16>().read_volatile()),
                    Width::U32 => u64::from(pointer.cast::<u32>().read_volatile()),
                    Width::U64 => pointer.cast::<u64>().read_volatile(),
                }
            };
            assert_eq!(value, register.reset, "{}.{}", map.name, register.name);
            count += 1;
        }
    }
    bus.clear_trace();
    count
}

pub(crate) fn simulate(package: &str, file: &str) -> (Chip, Bus, SimulatedChip) {
    let chip = files::chip(package, file);
    let bus = Bus::new();
    let sim = chip.simulate(&bus).unwrap_or_else(|error| panic!("{error}"));
    (chip, bus, sim)
}
