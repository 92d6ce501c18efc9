//! Sites that are hot, and what becomes of them.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{
    Access, Bus, BusError, Context, Device,
    promotion::{self, Promotion},
};
use std::{
    arch::asm,
    os::unix::process::ExitStatusExt as _,
    process::Command,
    ptr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Counts accesses; a read gives the number of accesses before.
#[derive(Debug, Default)]
struct Counter {
    reads: u64,
    writes: u64,
    sum: u64,
}

impl Device for Counter {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.reads += 1;
        Ok(self.reads)
    }

    fn write(&mut self, _access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.writes += 1;
        self.sum += value;
        Ok(())
    }
}

/// What follows a short instruction says where the jump leads that takes its place; this, where there is nothing.
macro_rules! nops {
    () => {
        "nop; nop; nop"
    };
}

#[inline(never)]
fn load(at: *const u32) -> u32 {
    let value;
    // SAFETY: One load of the register.
    unsafe { asm!("mov {0:e}, [{1}]", nops!(), out(reg) value, in(reg) at, options(nostack, preserves_flags)) };
    value
}

#[inline(never)]
fn store(at: *mut u32, value: u32) {
    // SAFETY: One store to the register.
    unsafe { asm!("mov [{1}], {0:e}", nops!(), in(reg) value, in(reg) at, options(nostack, preserves_flags)) };
}

/// Tests that change the process's settings, or ask how many sites are promoted, are alone.
static ALONE: Mutex<()> = Mutex::new(());

fn alone(promotion: Promotion) -> MutexGuard<'static, ()> {
    let guard = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    Promotion::off().apply();
    promotion.apply();
    guard
}

/// A site for each caller: a function that is promoted in one test would be so in the next.
macro_rules! site {
    ($name:ident, $instruction:literal) => {
        #[inline(never)]
        fn $name(at: *mut u32, value: u32) -> u32 {
            let mut value = value;
            // SAFETY: One access to the register.
            unsafe { asm!($instruction, nops!(), inout(reg) value, in(reg) at, options(nostack)) };
            value
        }
    };
}

#[test]
fn a_hot_site_reaches_the_same_device_without_traps() {
    let _alone = alone(Promotion::after(3));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    let register = region.base().cast::<u32>();
    for n in 1..=1000 {
        assert_eq!(load(register), n);
        store(register, n);
    }
    assert_eq!(region.device().reads, 1000);
    assert_eq!(region.device().sum, 500_500);
    let statistics = promotion::statistics();
    assert!(statistics.promoted >= 2, "{statistics:?}");
    assert!(statistics.entries >= 2 * 990, "{statistics:?}");
    let mut memory = 7;
    store(&raw mut memory, 8);
    assert_eq!(load(&raw const memory), 8);
}

site!(add, "add dword ptr [{1}], {0:e}");

#[test]
fn a_promoted_read_modify_write_is_one_read_and_one_write() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    for _ in 0..100 {
        add(region.base().cast(), 1);
    }
    let device = region.device();
    assert_eq!((device.reads, device.writes), (100, 100));
    // Read n, written n + 1.
    assert_eq!(device.sum, (1..=100).map(|n| n + 1).sum());
}

site!(load_often, "mov {0:e}, [{1}]");

#[test]
fn a_site_that_is_used_for_memory_gets_its_instruction_back() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    load_often(region.base().cast(), 0);
    assert_eq!(load_often(region.base().cast(), 0), 2);
    let before = promotion::statistics().promoted;
    assert!(before >= 1, "{:?}", promotion::statistics());
    let mut memory = 5;
    for _ in 0..200_000 {
        assert_eq!(load_often(&raw mut memory, 0), 5);
    }
    assert_eq!(promotion::statistics().promoted, before - 1);
    assert_eq!(load_often(region.base().cast(), 0), 3, "it traps again");
}

site!(load_for_a_while, "mov {0:e}, [{1}]");

#[test]
fn turned_off_all_sites_get_their_instructions_back() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    let bytes = || {
        let code = (load_for_a_while as *const ()).cast::<[u8; 16]>();
        // SAFETY: A function is longer than that, or has other code or padding behind it.
        unsafe { code.read_volatile() }
    };
    let before = bytes();
    load_for_a_while(region.base().cast(), 0);
    load_for_a_while(region.base().cast(), 0);
    Promotion::off().apply();
    assert_eq!(promotion::statistics().promoted, 0);
    assert_eq!(bytes(), before);
    assert_eq!(load_for_a_while(region.base().cast(), 0), 3);
}

/// Notes whether a backtrace taken in the model names the driver.
#[derive(Default)]
struct Looks(bool);

impl Device for Looks {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.0 = std::backtrace::Backtrace::force_capture().to_string().contains("load_with_a_witness");
        Ok(0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

site!(load_with_a_witness, "mov {0:e}, [{1}]");

#[test]
fn a_backtrace_in_a_model_goes_through_a_pad() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Looks::default()).unwrap();
    for _ in 0..3 {
        region.device().0 = false;
        load_with_a_witness(region.base().cast(), 0);
        assert!(region.device().0);
    }
    assert!(promotion::statistics().promoted >= 1, "{:?}", promotion::statistics());
}

/// Single-steps through two accesses and takes a backtrace at every instruction that is in no file.
#[cfg(target_env = "gnu")]
mod steps {
    use std::{
        ffi::{c_int, c_void},
        mem::{MaybeUninit, zeroed},
        ptr,
        sync::atomic::{AtomicUsize, Ordering},
    };

    /// The function that the accesses are in.
    static DRIVER: AtomicUsize = AtomicUsize::new(0);
    /// Instructions that are in no file, and those of them from which a backtrace reaches the driver.
    static IN_PADS: AtomicUsize = AtomicUsize::new(0);
    static THROUGH: AtomicUsize = AtomicUsize::new(0);

    unsafe extern "C" {
        fn backtrace(frames: *mut *mut c_void, length: c_int) -> c_int;
    }

    unsafe extern "C" fn step(_: c_int, _: *mut libc::siginfo_t, context: *mut c_void) {
        // SAFETY: The kernel passes the context of the interrupted code.
        let context = unsafe { &*context.cast::<libc::ucontext_t>() };
        let rip = context.uc_mcontext.gregs[libc::REG_RIP as usize] as usize;
        let mut file = MaybeUninit::<libc::Dl_info>::zeroed();
        // SAFETY: The function fills in what it is given.
        if unsafe { libc::dladdr(ptr::without_provenance(rip), file.as_mut_ptr()) } != 0 {
            return;
        }
        IN_PADS.fetch_add(1, Ordering::Relaxed);
        let mut frames = [ptr::null_mut::<c_void>(); 64];
        // SAFETY: The array has as many places.
        let count = unsafe { backtrace(frames.as_mut_ptr(), 64) };
        let driver = DRIVER.load(Ordering::Relaxed);
        let is_driver = |frame: &*mut c_void| (driver..driver + 64).contains(&frame.addr());
        let after_this_one = frames[..count as usize].iter().skip_while(|frame| frame.addr() != rip).skip(1);
        if after_this_one.take(1).any(is_driver) {
            THROUGH.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many instructions of pads were stepped through, and from how many the driver was found.
    pub(super) fn through(driver: usize, drive: impl Fn()) -> (usize, usize) {
        DRIVER.store(driver, Ordering::Relaxed);
        IN_PADS.store(0, Ordering::Relaxed);
        THROUGH.store(0, Ordering::Relaxed);
        let mut frames = [ptr::null_mut::<c_void>(); 4];
        // SAFETY: The array has as many places. The first call may load the unwinder, which is nothing for a handler.
        unsafe { backtrace(frames.as_mut_ptr(), 4) };
        // SAFETY: All zeros is such a structure.
        let mut action: libc::sigaction = unsafe { zeroed() };
        action.sa_sigaction = step as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO;
        let mut before = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: The handler only reads, and steps are all that it is called for: nothing is promoted meanwhile.
        assert_eq!(unsafe { libc::sigaction(libc::SIGTRAP, &raw const action, before.as_mut_ptr()) }, 0);
        // SAFETY: Sets the trap flag, whose signal has a handler.
        unsafe { std::arch::asm!("pushfq", "or dword ptr [rsp], 0x100", "popfq") };
        drive();
        // SAFETY: Clears it.
        unsafe { std::arch::asm!("pushfq", "and dword ptr [rsp], 0xfffffeff", "popfq") };
        // SAFETY: The handler that was there before.
        assert_eq!(unsafe { libc::sigaction(libc::SIGTRAP, before.as_ptr(), ptr::null_mut()) }, 0);
        (IN_PADS.load(Ordering::Relaxed), THROUGH.load(Ordering::Relaxed))
    }
}

site!(load_step_by_step, "mov {0:e}, [{1}]");
// Longer than its jump needs to be, and shorter: then a jump leads to the pad's jump.
site!(store_step_by_step, "mov byte ptr [{1}], {0:l}");

#[test]
#[cfg(target_env = "gnu")]
fn a_backtrace_from_anywhere_in_a_pad_reaches_the_driver() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    let memory = Box::leak(Box::new(5_u32));
    for (driver, address) in [
        (load_step_by_step as fn(*mut u32, u32) -> u32, load_step_by_step as *const () as usize),
        (store_step_by_step, store_step_by_step as *const () as usize),
    ] {
        driver(region.base().cast(), 0);
        for at in [region.base().cast(), &raw mut *memory] {
            let (in_pads, through) = steps::through(address, || _ = driver(at, 1));
            assert!(in_pads > 10, "{in_pads} instructions were in a pad");
            assert_eq!(through, in_pads);
        }
    }
}

site!(load_in_a_child, "mov {0:e}, [{1}]");

#[test]
fn a_forked_child_has_the_promoted_sites() {
    let _alone = alone(Promotion::after(1));
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter::default()).unwrap();
    load_in_a_child(region.base().cast(), 0);
    assert_eq!(load_in_a_child(region.base().cast(), 0), 2);
    // SAFETY: The child only loads, and ends without unwinding or exit handlers.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let code = load_in_a_child(region.base().cast(), 0);
        // SAFETY: Ends the process.
        unsafe { libc::_exit(code as i32) };
    }
    let mut status = 0;
    // SAFETY: The child is this process's own.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!((libc::WIFEXITED(status), libc::WEXITSTATUS(status)), (true, 3));
    assert_eq!(load_in_a_child(region.base().cast(), 0), 3, "the child had its own device");
}

site!(load_null, "mov {0:e}, [{1}]");

#[test]
fn a_wild_pointer_at_a_promoted_site_faults_there() {
    if std::env::var_os("MEMTRAP_TEST_CHILD").is_some() {
        Promotion::after(1).apply();
        let bus = Bus::new();
        let region = bus.map(0x1000, Counter::default()).unwrap();
        load_null(region.base().cast(), 0);
        load_null(region.base().cast(), 0);
        load_null(ptr::without_provenance_mut(0x10), 0);
        unreachable!("there is nothing at that address");
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_wild_pointer_at_a_promoted_site_faults_there", "--nocapture"])
        .env("MEMTRAP_TEST_CHILD", "1")
        .output()
        .unwrap();
    assert_eq!(child.status.signal(), Some(libc::SIGSEGV), "{child:?}");
}

#[test]
fn a_retired_region_is_reported_at_a_promoted_site() {
    if std::env::var_os("MEMTRAP_TEST_CHILD").is_some() {
        Promotion::after(1).apply();
        let bus = Bus::new();
        let region = bus.map(0x1000, Counter::default()).unwrap();
        let base = region.base().cast();
        load_null(base, 0);
        load_null(base, 0);
        drop(region);
        load_null(base, 0);
        unreachable!("the region is retired");
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_retired_region_is_reported_at_a_promoted_site", "--nocapture"])
        .env("MEMTRAP_TEST_CHILD", "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&child.stderr);
    assert_eq!(child.status.signal(), Some(libc::SIGSEGV), "{printed}");
    // In a release build functions of the same code are one, which has the name of any of them.
    assert!(printed.contains("whose simulation was dropped before") && printed.contains("promotion.rs"), "{printed}");
}

#[test]
fn the_environment_has_the_last_word() {
    if std::env::var_os("MEMTRAP_TEST_CHILD").is_some() {
        Promotion::after(1).apply();
        let bus = Bus::new();
        let region = bus.map(0x1000, Counter::default()).unwrap();
        for n in 1..=100 {
            assert_eq!(load(region.base().cast()), n);
        }
        println!("promoted: {}", promotion::statistics().promoted);
        return;
    }
    let child = |value: &str| {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_environment_has_the_last_word", "--nocapture"])
            .env("MEMTRAP_TEST_CHILD", "1")
            .env("MEMTRAP_PROMOTE", value)
            .output()
            .unwrap();
        String::from_utf8_lossy(&child.stdout).into_owned() + &String::from_utf8_lossy(&child.stderr)
    };
    assert!(child("off").contains("promoted: 0"), "{}", child("off"));
    assert!(child("on").contains("promoted: 1"), "{}", child("on"));
    assert!(child("99").contains("promoted: 1"), "{}", child("99"));
    assert!(child("101").contains("promoted: 0"), "{}", child("101"));
    let report = child("often");
    assert!(report.contains("MEMTRAP_PROMOTE must be `off`, `on`, or the number of traps"), "{report}");
}
