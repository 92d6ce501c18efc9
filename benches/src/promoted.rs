//! The trapped door at sites that were promoted: the instruction has become a jump.

use crate::{
    device::{Counter, Counting},
    instruction,
    rounds::Mechanism,
};
use memtrap::{
    Access, Bus, BusError, Context, Device, Region,
    promotion::{Promotion, statistics},
};
use std::hint::black_box;

const REGISTER: usize = 0x18;
/// Accesses a batch: as many as through the typed door.
const COUNT: u32 = 10_000;
/// Accesses before the first batch: enough for every copy that the compiler made of an instruction.
const WARM_UP: u32 = 64;

/// Sites that are promoted now; from then on no other is, and those of other mechanisms keep trapping.
///
/// # Panics
///
/// If there is no address space for the simulated devices.
#[must_use]
pub fn mechanisms() -> Vec<Mechanism<'static>> {
    Promotion::after(1).apply();
    let mut mechanisms = vec![load(), store(), set(), vector(), masked(), string(), memory()];
    mechanisms.retain_mut(|mechanism| {
        let before = statistics();
        mechanism.run(WARM_UP);
        let after = statistics();
        let is_promoted = after.promoted > before.promoted && after.refused.len() == before.refused.len();
        if !is_promoted {
            let why = after.refused.last().map_or("", |site| &site.reason);
            println!("not measured: {}: its site was not promoted: {why}", mechanism.name());
        }
        is_promoted
    });
    Promotion::after(u32::MAX).apply();
    mechanisms
}

fn sum_of(before: u32, count: u32) -> u32 {
    (1..=count).fold(0, |sum: u32, number| sum.wrapping_add(before.wrapping_add(number)))
}

fn load() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut reads = 0;
    Mechanism::new("promoted-load", COUNT, move |count| {
        // SAFETY: The access is carried out by memtrap.
        let load = || unsafe { instruction::load(register) };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
        assert_eq!(sim.model().reads, reads);
    })
}

fn store() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut writes = 0;
    Mechanism::new("promoted-store", COUNT, move |count| {
        for value in 1..=count {
            // SAFETY: The access is carried out by memtrap.
            unsafe { instruction::store(register, value) };
        }
        writes += count;
        let model = sim.model();
        assert_eq!((model.written, model.writes), (count, writes));
    })
}

fn set() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut sets = 0;
    Mechanism::new("promoted-rmw", COUNT, move |count| {
        for _ in 0..count {
            // SAFETY: The access is carried out by memtrap.
            unsafe { instruction::set(register, 1) };
        }
        sets += count;
        let model = sim.model();
        assert_eq!((model.reads, model.writes, model.written), (sets, sets, sets | 1));
    })
}

/// Reads as 1 in the first 8 bytes, as 2 in the next, and so on.
#[derive(Debug, Default)]
struct Halves {
    reads: u32,
    writes: u32,
    written: u64,
}

impl Device for Halves {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.reads += 1;
        Ok(1 + access.offset as u64 / 8)
    }

    fn write(&mut self, _access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.writes += 1;
        self.written = value;
        Ok(())
    }
}

/// A device that may be read for ever, although it never changes.
fn halves(size: usize) -> Region<Halves> {
    let bus = Bus::new();
    bus.set_poll_budget(u64::MAX);
    bus.map(size, Halves::default()).expect("there is address space")
}

fn vector() -> Mechanism<'static> {
    let region = halves(16);
    let mut reads = 0;
    Mechanism::new("promoted-vector", COUNT, move |count| {
        for _ in 0..count {
            // SAFETY: The access is carried out by memtrap.
            assert_eq!(unsafe { instruction::load_vector(region.base()) }, 2 << 64 | 1);
        }
        reads += 2 * count;
        assert_eq!(region.device().reads, reads);
    })
}

fn masked() -> Mechanism<'static> {
    let region = halves(16);
    let mut writes = 0;
    Mechanism::new("promoted-masked", COUNT, move |count| {
        for value in 1..=count {
            // SAFETY: The access is carried out by memtrap.
            unsafe { instruction::store_masked(region.base(), value) };
        }
        writes += count;
        let device = region.device();
        assert_eq!((device.writes, device.written), (writes, count.into()));
    })
}

/// One instruction, of eight accesses.
fn string() -> Mechanism<'static> {
    const WORDS: usize = 8;
    let region = halves(4 * WORDS);
    let mut reads = 0;
    Mechanism::new("promoted-rep-movs", COUNT, move |count| {
        for _ in 0..count {
            let mut words = [0; WORDS];
            // SAFETY: The region is so large, and its accesses are carried out by memtrap.
            unsafe { instruction::copy_words(region.base().cast(), &mut words) };
            assert_eq!(words, [1, 1, 2, 2, 3, 3, 4, 4]);
        }
        reads += WORDS as u32 * count;
        assert_eq!(region.device().reads, reads);
    })
}

/// A promoted site that is used for memory.
fn memory() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let device = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let memory: &'static u32 = Box::leak(Box::new(7));
    Mechanism::new("ram-at-promoted-site", 10_000, move |count| {
        let device_first = count == WARM_UP;
        let from = if device_first { device.cast_const() } else { memory };
        let mut sum = 0_u32;
        for _ in 0..count {
            // SAFETY: The variable may be read, and an access to the device is carried out by memtrap.
            sum = sum.wrapping_add(unsafe { instruction::load(black_box(from)) });
        }
        assert_eq!(sum, if device_first { sum_of(0, count) } else { 7 * count });
        assert_eq!(sim.model().reads, WARM_UP);
    })
}
