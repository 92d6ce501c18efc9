//! The trapped door, and other ways to trap: with a signal handler alone, with a single step, with a
//! supervisor, by paging.

use crate::{
    barest::{Barest, FAULTS},
    device::{Counter, Counting},
    instruction,
    rounds::Mechanism,
    single_step::SingleStep,
    supervisor::Supervisor,
    userfault::Userfault,
};
use std::sync::atomic::Ordering::Relaxed;

const REGISTER: usize = 0x18;
/// Accesses a batch, of what takes microseconds.
const COUNT: u32 = 200;

/// All of them. Those that own the handler of SIGSEGV for as long as they live have it for a batch only.
///
/// # Panics
///
/// If there is no address space for the simulated device, or the operating system refuses a handler.
#[must_use]
pub fn mechanisms() -> Vec<Mechanism<'static>> {
    let mut mechanisms = vec![
        trapped_load(),
        trapped_store(),
        trapped_set(),
        barest_load(),
        barest_store(),
        barest_set(),
        mock_behind_a_signal(),
        single_step(),
    ];
    match Supervisor::start() {
        Ok(supervisor) => mechanisms.push(supervised(supervisor)),
        Err(error) => println!("not measured: ptrace supervisor: {error}"),
    }
    match Userfault::new() {
        Ok(userfault) => mechanisms.push(paged(userfault)),
        Err(error) => println!("not measured: userfaultfd: {error}"),
    }
    mechanisms
}

/// A thread provides the page, and the driver's side takes it away again: the driver itself could not.
fn paged(userfault: Userfault) -> Mechanism<'static> {
    let mut reads = 0;
    Mechanism::new("userfaultfd-load", COUNT, move |count| {
        let load = || {
            userfault.take_away().expect("the page can be taken away");
            // SAFETY: The page is mapped, and its server provides it.
            unsafe { instruction::load(userfault.register(REGISTER)) }
        };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
        assert_eq!(userfault.served(), reads);
    })
}

fn sum_of(before: u32, count: u32) -> u32 {
    (1..=count).fold(0, |sum: u32, number| sum.wrapping_add(before.wrapping_add(number)))
}

fn trapped_load() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut reads = 0;
    Mechanism::new("trapped-load", COUNT, move |count| {
        // SAFETY: The access is trapped.
        let load = || unsafe { instruction::load(register) };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
        assert_eq!(sim.model().reads, reads);
    })
}

fn trapped_store() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut writes = 0;
    Mechanism::new("trapped-store", COUNT, move |count| {
        for value in 1..=count {
            // SAFETY: The access is trapped.
            unsafe { instruction::store(register, value) };
        }
        writes += count;
        let model = sim.model();
        assert_eq!((model.written, model.writes), (count, writes));
    })
}

fn trapped_set() -> Mechanism<'static> {
    let sim = Counter::simulate(Counting::default()).expect("there is address space");
    let register = sim.base().wrapping_add(REGISTER).cast::<u32>();
    let mut sets = 0;
    Mechanism::new("trapped-rmw", COUNT, move |count| {
        for _ in 0..count {
            // SAFETY: The access is trapped.
            unsafe { instruction::set(register, 1) };
        }
        sets += count;
        let model = sim.model();
        assert_eq!((model.reads, model.writes, model.written), (sets, sets, sets | 1));
    })
}

fn barest_load() -> Mechanism<'static> {
    Mechanism::new("bare-sigsegv-load", COUNT, |count| {
        let barest = Barest::install();
        let before = FAULTS.load(Relaxed);
        // SAFETY: The access is trapped.
        let load = || unsafe { instruction::load(barest.address()) };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(before, count));
    })
}

fn barest_store() -> Mechanism<'static> {
    Mechanism::new("bare-sigsegv-store", COUNT, |count| {
        let barest = Barest::install();
        let before = FAULTS.load(Relaxed);
        for value in 0..count {
            // SAFETY: The access is trapped.
            unsafe { instruction::store(barest.address(), value) };
        }
        assert_eq!(FAULTS.load(Relaxed).wrapping_sub(before), count);
    })
}

fn barest_set() -> Mechanism<'static> {
    Mechanism::new("bare-sigsegv-rmw", COUNT, |count| {
        let barest = Barest::install();
        let before = FAULTS.load(Relaxed);
        for _ in 0..count {
            // SAFETY: The access is trapped.
            unsafe { instruction::set(barest.address(), 1) };
        }
        assert_eq!(FAULTS.load(Relaxed).wrapping_sub(before), count);
    })
}

/// What somebody writes who has one driver, compiled once: the length of the instruction and its register are built in.
fn mock_behind_a_signal() -> Mechanism<'static> {
    let mut reads = 0;
    Mechanism::new("hard-wired-load", COUNT, move |count| {
        let wired = Barest::install_with_mock();
        // SAFETY: The access is trapped.
        let load = || unsafe { instruction::load(wired.address().wrapping_byte_add(REGISTER)) };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!(sum, sum_of(reads, count));
        reads += count;
    })
}

fn single_step() -> Mechanism<'static> {
    Mechanism::new("single-step-load", COUNT / 4, |count| {
        let stepped = SingleStep::install();
        let before = stepped.steps();
        let load = || {
            // SAFETY: The access is trapped, and carried out on the page.
            unsafe { instruction::load(stepped.address()) }
        };
        let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(load()));
        assert_eq!((sum, stepped.steps() - before), (count * SingleStep::VALUE, count));
    })
}

fn supervised(mut supervisor: Supervisor) -> Mechanism<'static> {
    Mechanism::new("ptrace-load", COUNT / 4, move |count| supervisor.serve(count))
}
