//! More regions, more threads, and what a simulation costs to set up.

use crate::{
    device::{Counter, Counting},
    instruction,
    mock::{self, Mock},
    rounds::Mechanism,
};
use memtrap::{Bus, Simulation};
use std::{
    sync::{Barrier, Mutex},
    thread,
    time::Instant,
};

const REGISTER: usize = 0x18;

fn simulate(bus: &Bus) -> Simulation<Counter, Counting> {
    bus.simulate(Counting::default()).expect("there is address space")
}

/// Accesses to a bus with so many regions, each to another region than the one before.
///
/// They go round a few regions that are far apart, so that each has to be looked up anew, but what its device consists of is
/// in the processor's cache. Those called `all` go to all regions: then that is not, as with any 4,096 objects.
///
/// # Panics
///
/// If there is no address space.
#[must_use]
pub fn regions() -> Vec<Mechanism<'static>> {
    let mut mechanisms = vec![
        typed_regions("regions-1-typed", 1, FEW),
        typed_regions("regions-16-typed", 16, FEW),
        typed_regions("regions-256-typed", 256, FEW),
        typed_regions("regions-4096-typed", 4096, FEW),
        typed_regions("regions-4096-all-typed", 4096, 4096),
        mutex_mocks("mutex-dyn-1", 1),
        mutex_mocks("mutex-dyn-4096-all", 4096),
    ];
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        mechanisms.extend([
            trapped_regions("regions-1", 1, FEW),
            trapped_regions("regions-16", 16, FEW),
            trapped_regions("regions-256", 256, FEW),
            trapped_regions("regions-4096", 4096, FEW),
            trapped_regions("regions-4096-all", 4096, 4096),
        ]);
    }
    mechanisms
}

/// Regions that accesses go round. A multiple of this many pages apart, they take each other's place in what a thread
/// remembers of its last look-ups.
const FEW: usize = 16;

/// The region of an access, of those that accesses go round: far from that of the access before.
fn scattered(number: u32, regions: usize, visited: usize) -> usize {
    let visited = visited.min(regions);
    (number as usize).wrapping_mul(2_654_435_761) % visited * (regions / visited)
}

/// The mocks that devices replace, as many.
fn mutex_mocks(name: &'static str, mocks: usize) -> Mechanism<'static> {
    let mocks: Vec<Mutex<Box<dyn mock::Bus>>> = (0..mocks).map(|_| Mutex::new(boxed_mock())).collect();
    let mut reads = vec![0; mocks.len()];
    Mechanism::new(name, 10_000, move |count| {
        for number in 0..count {
            let mock = scattered(number, mocks.len(), mocks.len());
            reads[mock] += 1;
            assert_eq!(mocks[mock].lock().expect("no mock panics").read(REGISTER), reads[mock]);
        }
    })
}

fn boxed_mock() -> Box<dyn mock::Bus> {
    Box::new(Mock::default())
}

fn trapped_regions(name: &'static str, regions: usize, visited: usize) -> Mechanism<'static> {
    let bus = Bus::new();
    let sims: Vec<_> = (0..regions).map(|_| simulate(&bus)).collect();
    let mut reads = vec![0; regions];
    Mechanism::new(name, 400, move |count| {
        for number in 0..count {
            let region = scattered(number, regions, visited);
            let register = sims[region].base().wrapping_add(REGISTER).cast::<u32>();
            reads[region] += 1;
            // SAFETY: The access is trapped.
            assert_eq!(unsafe { instruction::load(register) }, reads[region]);
        }
    })
}

fn typed_regions(name: &'static str, regions: usize, visited: usize) -> Mechanism<'static> {
    let bus = Bus::new();
    let sims: Vec<_> = (0..regions).map(|_| simulate(&bus)).collect();
    let mut handles: Vec<_> = sims.iter().map(Simulation::regs).collect();
    let mut reads = vec![0; regions];
    Mechanism::new(name, 10_000, move |count| {
        for number in 0..count {
            let region = scattered(number, regions, visited);
            reads[region] += 1;
            assert_eq!(handles[region].value().read(), reads[region]);
        }
        assert_eq!(sims[0].model().reads, reads[0]);
    })
}

/// One thread and two, each with a device of its own: on one bus, and on a bus each.
///
/// # Panics
///
/// If there is no address space.
#[must_use]
pub fn threads() -> Vec<Mechanism<'static>> {
    vec![
        on_threads("threads-1-typed", 1, true),
        on_threads("threads-2-typed-one-bus", 2, true),
        on_threads("threads-2-typed-bus-each", 2, false),
    ]
}

/// The time is that of an access of one thread.
fn on_threads(name: &'static str, threads: usize, one_bus: bool) -> Mechanism<'static> {
    let bus = Bus::new();
    let bus_of_thread = || if one_bus { bus.clone() } else { Bus::new() };
    let sims: Vec<_> = (0..threads).map(|_| simulate(&bus_of_thread())).collect();
    let mut handles: Vec<_> = sims.iter().map(Simulation::regs).collect();
    let mut reads = 0;
    Mechanism::new(name, 100_000, move |count| {
        let start = Barrier::new(threads);
        thread::scope(|scope| {
            for handle in &mut handles {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    let sum = (0..count).fold(0_u32, |sum, _| sum.wrapping_add(handle.value().read()));
                    assert_eq!(sum, (1..=count).fold(0_u32, |sum, number| sum.wrapping_add(reads + number)));
                });
            }
        });
        reads += count;
        assert!(sims.iter().all(|sim| sim.model().reads == reads));
    })
}

/// A simulation that is made and dropped.
///
/// # Panics
///
/// If there is no address space.
#[must_use]
pub fn setup() -> Vec<Mechanism<'static>> {
    vec![Mechanism::new("simulate-and-drop", 100, |count| {
        for _ in 0..count {
            let sim = Counter::simulate(Counting::default()).expect("there is address space");
            assert_eq!(sim.regs().value().read(), 1);
        }
    })]
}

/// Prints the memory that simulations take while they live, and what is left of them: bytes of the process's resident set.
///
/// # Panics
///
/// If there is no address space.
pub fn memory() {
    const COUNT: usize = 2_000;
    let Some(before) = resident() else { return };
    let start = Instant::now();
    let sims: Vec<_> =
        (0..COUNT).map(|_| Counter::simulate(Counting::default()).expect("there is address space")).collect();
    let made = resident().unwrap_or(before);
    drop(sims);
    let dropped = resident().unwrap_or(before);
    let each = |now: usize| now.saturating_sub(before) / COUNT;
    println!(
        "memory simulation {} bytes while it lives, {} bytes left of it ({COUNT} of them in {:.1} ms)",
        each(made),
        each(dropped),
        start.elapsed().as_secs_f64() * 1e3
    );
}

fn resident() -> Option<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(statm.split_whitespace().nth(1)?.parse::<usize>().ok()? * 4096)
}
