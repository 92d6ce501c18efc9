//! Which registers a driver has used, over the buses and processes of a test run.

use memtrap::{Bus, simulated, trace::Coverage};
use std::{env, fs, process::Command};

/// A UART.
#[simulated(size = 0x100, width = 32)]
pub struct Uart {
    #[reg(0x00, rw)]
    pub dr: u32,
    #[reg(0x18, ro, reset = 0x90)]
    pub fr: u32,
    #[reg(0x30, rw, reset = 0x300)]
    pub cr: u32,
    #[reg(0x40, rw)]
    pub filter: [u16; 4],
}

struct Plain;

impl uart::Model for Plain {}

/// What was done to a register.
fn of<'c>(coverage: &'c Coverage, register: &str) -> memtrap::trace::RegisterCoverage<'c> {
    coverage.registers().find(|entry| entry.register == register).expect("the register is declared")
}

#[test]
fn regions_of_one_block_add_up() {
    let bus = Bus::new();
    let (one, other) = (bus.simulate::<Uart, _>(Plain).unwrap(), bus.simulate::<Uart, _>(Plain).unwrap());
    one.regs().cr().write(0x301);
    other.regs().cr().write(0x300);
    let coverage = bus.coverage();
    let cr = of(&coverage, "cr");
    assert_eq!((cr.writes, cr.toggled), (2, 1));
    assert_eq!(coverage.untouched().map(|entry| entry.register).collect::<Vec<_>>(), ["dr", "fr", "filter"]);
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn both_doors_count() {
    let sim = Uart::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.filter().at(1).write(1);
    let filter = sim.base().wrapping_add(0x40).cast::<u16>();
    // SAFETY: The access is trapped.
    unsafe { filter.write_volatile(2) };
    let coverage = sim.bus().coverage();
    let filter = of(&coverage, "filter");
    assert_eq!((filter.writes, filter.elements_touched, filter.elements), (2, 2, 4));
}

#[test]
fn clearing_the_trace_does_not_clear_the_coverage() {
    let sim = Uart::simulate(Plain).unwrap();
    sim.regs().fr().read();
    sim.bus().clear_trace();
    assert_eq!(sim.trace().coverage().untouched().count(), 4);
    assert_eq!(sim.bus().coverage().untouched().count(), 3);
}

/// Tells a process that this test started what to do.
const ROLE: &str = "MEMTRAP_COVERAGE_ROLE";

#[test]
fn a_run_of_several_processes_adds_up() {
    if let Ok(role) = env::var(ROLE) {
        // Two buses in the life of one process.
        for _ in 0..2 {
            let sim = Uart::simulate(Plain).unwrap();
            let mut regs = sim.regs();
            if role == "reads" { _ = regs.fr().read() } else { regs.dr().write(1) }
        }
        return;
    }
    let directory = env::temp_dir().join(format!("memtrap-coverage-{}", std::process::id()));
    for role in ["reads", "writes"] {
        let mut child = Command::new(env::current_exe().unwrap());
        child.args(["--exact", "a_run_of_several_processes_adds_up"]).env(ROLE, role);
        assert!(child.env("MEMTRAP_COVERAGE", &directory).output().unwrap().status.success());
    }
    let coverage = Coverage::load(&directory).unwrap();
    fs::remove_dir_all(&directory).unwrap();
    assert_eq!((of(&coverage, "fr").reads, of(&coverage, "dr").writes), (2, 2), "{coverage}");
    assert_eq!(coverage.untouched().count(), 2);
}

#[test]
fn a_file_that_memtrap_has_not_written_is_an_error() {
    let directory = env::temp_dir().join(format!("memtrap-no-coverage-{}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("1.coverage"), "something else").unwrap();
    let error = Coverage::load(&directory).unwrap_err();
    fs::remove_dir_all(&directory).unwrap();
    assert!(error.to_string().ends_with("1.coverage is malformed"), "{error}");
    assert!(Coverage::load(&directory).is_err(), "a directory that does not exist");
}
