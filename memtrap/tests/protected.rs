//! Registers that are locked, undefined after reset or of several widths; and handles that are shared or split.

use memtrap::simulated;
use std::thread;

/// The lock of a watchdog (Arm SP805, DDI 0270, section 3.3.8): other values lock again.
#[simulated(size = 0x1000)]
pub struct Watchdog {
    #[reg(0x000, rw, reset = 0xffff_ffff)]
    pub load: u32,
    #[reg(0x008, rw)]
    pub control: u32,
    #[reg(0x010, rw)]
    pub free: u32,
    #[reg(0xc00, rw, write = key(0x1acc_e551, unlocks(load, control)))]
    pub lock: u32,
}

#[derive(Default)]
struct Plain(u32);

impl watchdog::Model for Plain {
    fn write_control(&mut self, regs: &mut watchdog::State, value: u32, _cx: &mut memtrap::Context<'_>) {
        regs.control = value;
        self.0 += 1;
    }
}

#[test]
fn a_locked_register_is_not_written() {
    let sim = Watchdog::simulate(Plain::default()).unwrap();
    let mut regs = sim.regs();
    regs.load().write(1);
    regs.control().write(1);
    regs.free().write(1);
    assert_eq!(
        {
            let state = sim.state();
            (state.load, state.control, state.free)
        },
        (0xffff_ffff, 0, 1)
    );
    assert_eq!(sim.model().0, 0, "the model does not see it either");
    assert!(
        sim.trace().to_string().contains("the write to `load` does nothing: it is locked, and `lock` takes the key")
    );
    regs.lock().write(0x1acc_e551);
    regs.load().write(2);
    regs.control().write(3);
    regs.lock().write(0);
    regs.control().write(4);
    assert_eq!(
        {
            let state = sim.state();
            (state.load, state.control)
        },
        (2, 3)
    );
    regs.lock().write(0x1acc_e551);
    sim.reset();
    regs.load().write(5);
    assert_eq!(sim.state().load, 0xffff_ffff, "a reset locks");
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64", not(miri)))]
fn the_trapped_door_is_locked_as_well() {
    let sim = Watchdog::simulate(Plain::default()).unwrap();
    let write = |offset: usize, value: u32| {
        // SAFETY: The region is live; what the address reaches is the model.
        unsafe { sim.base().wrapping_add(offset).cast::<u32>().write_volatile(value) }
    };
    write(0x8, 1);
    assert_eq!(sim.state().control, 0);
    write(0xc00, 0x1acc_e551);
    write(0x8, 1);
    assert_eq!(sim.state().control, 1);
}

/// A distributor's priorities, which are read byte by byte or word by word (Arm IHI 0048B, section 4.1.4).
#[simulated(size = 0x100)]
pub struct Priorities {
    #[reg(0x00, rw, width = 8 | 32)]
    pub priority: [u8; 16],
    #[reg(0x20, rw, reset = undefined)]
    pub scratch: [u32; 2],
    #[reg(0x40, rw, width = 16 | 32)]
    pub word: u32,
}

impl priorities::Model for Plain {}

/// The same as words.
#[simulated(size = 0x100)]
pub struct Words {
    #[reg(0x00, rw)]
    pub word: [u32; 0x40],
}

/// The same as halves of words.
#[simulated(size = 0x100)]
pub struct Halves {
    #[reg(0x00, rw)]
    pub half: [u16; 0x80],
}

#[test]
fn an_access_of_a_declared_width_is_legal() {
    let sim = Priorities::simulate(Plain::default()).unwrap();
    // SAFETY: The addresses of a simulation stay reserved until the process ends.
    let mut words = unsafe { Words::new(sim.base()) };
    words.word().at(1).write(0x4433_2211);
    sim.regs().priority().at(4).write(0x10);
    assert_eq!(sim.state().priority[4..8], [0x10, 0x22, 0x33, 0x44]);
    assert_eq!(words.word().at(1).read(), 0x4433_2210);
    // SAFETY: As above.
    let mut halves = unsafe { Halves::new(sim.base()) };
    halves.half().at(0x21).write(0x1234);
    assert_eq!(sim.state().word, 0x1234_0000);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| halves.half().at(1).write(1)));
    assert!(refused.unwrap_err().downcast::<String>().unwrap().contains("write of priorities.priority[2] refused"));
}

#[test]
fn a_read_of_what_is_undefined_is_remarked_on() {
    let sim = Priorities::simulate(Plain::default()).unwrap();
    let mut regs = sim.regs();
    let remark = "`scratch` is read before it is written, and its bits after reset are undefined";
    assert_ne!(regs.scratch().at(1).read(), 0, "a driver that relies on zero shall notice");
    assert_eq!(sim.trace().to_string().matches(remark).count(), 1);
    regs.scratch().at(1).write(0);
    assert_eq!(regs.scratch().at(1).read(), 0);
    assert_eq!(sim.trace().to_string().matches(remark).count(), 1);
    regs.scratch().at(0).read();
    assert_eq!(sim.trace().to_string().matches(remark).count(), 2);
    sim.reset();
    regs.scratch().at(1).read();
    assert_eq!(sim.trace().to_string().matches(remark).count(), 3);
}

/// A device of which an interrupt handler and the main program use the same handle.
#[simulated(size = 0x10, shared)]
pub struct Shared {
    #[reg(0x0, rw, read = pop, write = push)]
    pub data: u32,
    #[reg(0x4, rw)]
    pub mask: [u32; 2],
}

impl shared::Model for Plain {}

#[test]
fn a_shared_handle_needs_no_exclusive_borrow() {
    let sim = Shared::simulate(Plain::default()).unwrap();
    let regs = sim.regs();
    let (one, other) = (&regs, &regs);
    one.data().write(1);
    other.mask().at(1).modify(|mask| mask | 2);
    assert_eq!(sim.state().data.from_driver, [1]);
    assert_eq!(sim.state().mask, [0, 2]);
}

#[test]
fn a_handle_is_split_between_threads() {
    let sim = Watchdog::simulate(Plain::default()).unwrap();
    let watchdog::Split { mut load, mut free, mut lock, .. } = sim.regs().split();
    lock.write(0x1acc_e551);
    thread::scope(|scope| {
        scope.spawn(move || load.write(7));
        scope.spawn(move || free.write(8));
    });
    assert_eq!(
        {
            let state = sim.state();
            (state.load, state.free)
        },
        (7, 8)
    );
}

#[test]
fn arrays_are_split_and_a_borrowed_handle_comes_back() {
    let sim = Priorities::simulate(Plain::default()).unwrap();
    let mut regs = sim.regs();
    let split = regs.exclusive().split();
    let [mut first, mut second] = split.scratch.split();
    first.write(1);
    second.write(2);
    regs.word().write(3);
    assert_eq!(
        {
            let state = sim.state();
            (state.scratch, state.word)
        },
        ([1, 2], 3)
    );
}
