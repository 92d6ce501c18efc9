//! Mocks, and the typed door.

use crate::{
    device::{Counter, Counting},
    instruction,
    mock::{Bus, Mock},
    rounds::Mechanism,
};
use std::{hint::black_box, sync::Mutex};

const REGISTER: usize = 0x18;
/// Accesses a batch.
const COUNT: u32 = 10_000;

/// Plain memory, mocks and typed accessors.
///
/// # Panics
///
/// If there is no address space for the simulated device.
#[must_use]
pub fn mechanisms() -> Vec<Mechanism<'static>> {
    vec![
        plain_load(),
        plain_store(),
        dyn_load(),
        dyn_store(),
        mutex_load(),
        mutex_store(),
        typed_load("typed-load", true),
        typed_store("typed-store", true),
        typed_load("typed-load-quiet", false),
        typed_store("typed-store-quiet", false),
    ]
}

fn plain_load() -> Mechanism<'static> {
    let memory: &'static u32 = Box::leak(Box::new(7));
    Mechanism::new("plain-load", COUNT, |count| {
        let mut sum = 0;
        for _ in 0..count {
            // SAFETY: The variable may be read.
            sum += unsafe { instruction::load(memory) };
        }
        assert_eq!(sum, 7 * count);
    })
}

fn plain_store() -> Mechanism<'static> {
    let memory: &'static mut u32 = Box::leak(Box::new(0));
    let register = &raw mut *memory;
    Mechanism::new("plain-store", COUNT, move |count| {
        for value in 1..=count {
            // SAFETY: The variable may be written.
            unsafe { instruction::store(register, value) };
        }
        // SAFETY: The variable may be read.
        assert_eq!(unsafe { instruction::load(register) }, count);
    })
}

fn boxed() -> Box<dyn Bus> {
    black_box(Box::new(Mock::default()))
}

/// The sum of the next `count` numbers after `before`.
fn sum_of(before: u32, count: u32) -> u32 {
    (1..=count).fold(0, |sum: u32, number| sum.wrapping_add(before.wrapping_add(number)))
}

fn dyn_load() -> Mechanism<'static> {
    let mut mock = boxed();
    let mut reads = 0;
    Mechanism::new("dyn-load", COUNT, move |count| {
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(mock.read(REGISTER)));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
    })
}

fn dyn_store() -> Mechanism<'static> {
    let mut mock = boxed();
    Mechanism::new("dyn-store", COUNT, move |count| {
        (1..=count).for_each(|value| mock.write(REGISTER, value));
        assert_eq!(mock.written(), count);
    })
}

fn mutex_load() -> Mechanism<'static> {
    let mock = Mutex::new(boxed());
    let mut reads = 0;
    Mechanism::new("mutex-dyn-load", COUNT, move |count| {
        let load = || mock.lock().expect("no mock panics").read(REGISTER);
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
    })
}

fn mutex_store() -> Mechanism<'static> {
    let mock = Mutex::new(boxed());
    Mechanism::new("mutex-dyn-store", COUNT, move |count| {
        (1..=count).for_each(|value| mock.lock().expect("no mock panics").write(REGISTER, value));
        assert_eq!(mock.lock().expect("no mock panics").written(), count);
    })
}

fn typed_load(name: &'static str, tracing: bool) -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    sim.bus().set_tracing(tracing);
    let mut regs = sim.regs();
    let mut reads = 0;
    Mechanism::new(name, COUNT, move |count| {
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(regs.value().read()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
        assert_eq!(sim.model().reads, reads);
    })
}

fn typed_store(name: &'static str, tracing: bool) -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    sim.bus().set_tracing(tracing);
    let mut regs = sim.regs();
    let mut writes = 0;
    Mechanism::new(name, COUNT, move |count| {
        (1..=count).for_each(|value| regs.value().write(value));
        writes += count;
        let model = sim.model();
        assert_eq!((model.written, model.writes), (count, writes));
    })
}
