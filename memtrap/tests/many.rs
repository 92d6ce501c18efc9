//! Many devices, many threads, devices that access devices.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;
#[path = "support/device.rs"]
mod device;

use device::Scratch;
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::{
    arch::asm,
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Barrier,
};

fn store(address: *mut u8, value: u32) {
    // SAFETY: The access is trapped.
    unsafe { address.cast::<u32>().write_volatile(value) };
}

#[test]
fn each_of_4096_regions_has_its_own_device_and_name() {
    const COUNT: usize = 4096;
    let bus = Bus::new();
    let regions: Vec<_> = (0..COUNT).map(|_| bus.map(0x1000, Scratch::default()).expect("there is space")).collect();
    for (number, region) in regions.iter().enumerate() {
        store(region.base().wrapping_add(8), number as u32);
    }
    for (number, region) in regions.iter().enumerate() {
        assert_eq!(region.device().written, [(8, number as u64)]);
    }
    let names: HashSet<_> = regions.iter().map(Region::name).collect();
    assert_eq!(names.len(), COUNT);
}

/// A 64-bit counter at offset 0, as in the memory of a device.
#[derive(Debug, Default)]
struct Counter(u64);

impl Device for Counter {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(self.0)
    }

    fn write(&mut self, _access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.0 = value;
        Ok(())
    }
}

#[test]
fn locked_instructions_of_several_threads_lose_no_increment() {
    const THREADS: u64 = 4;
    const EACH: u64 = 5_000;
    let region = Bus::new().map(8, Counter::default()).expect("there is space");
    let address = region.base().addr();
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(move || {
                for _ in 0..EACH {
                    // SAFETY: The access is trapped.
                    unsafe { asm!("lock inc qword ptr [{}]", in(reg) address) };
                }
            });
        }
    });
    assert_eq!(region.device().0, THREADS * EACH);
    let trace = region.trace();
    let sequences: Vec<_> = trace.accesses().map(|access| access.access.sequence).collect();
    assert_eq!(sequences, (1..=2 * THREADS * EACH).collect::<Vec<_>>(), "every access, in one order");
}

#[test]
fn threads_and_devices_do_not_mix() {
    const THREADS: usize = 8;
    const EACH: usize = 1_000;
    let bus = Bus::new();
    let regions: Vec<_> = (0..THREADS).map(|_| bus.map(0x40, Scratch::default()).expect("there is space")).collect();
    let start = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for (thread, region) in regions.iter().enumerate() {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                for count in 0..EACH {
                    store(region.base().wrapping_add(4 * (count % 16)), (thread * EACH + count) as u32);
                }
            });
        }
    });
    for (thread, region) in regions.iter().enumerate() {
        let expected: Vec<_> = (0..EACH).map(|count| (4 * (count % 16), (thread * EACH + count) as u64)).collect();
        assert_eq!(region.device().written, expected);
    }
}

#[test]
fn regions_come_and_go_on_several_threads_at_one_address() {
    const ADDRESS: usize = 0x2345_6000_0000;
    let mapped: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                scope.spawn(move || {
                    let mut mapped = 0;
                    for count in 0..500 {
                        let region = Bus::new().map_at(ADDRESS, 0x10, Scratch::default()).expect("each has its own");
                        let value = thread * 1_000 + count;
                        store(region.base(), value);
                        assert_eq!(region.device().written, [(0, u64::from(value))]);
                        mapped += 1;
                    }
                    mapped
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no thread panics")).sum()
    });
    assert_eq!(mapped, 2_000);
}

/// Passes every access on to another address through a raw pointer, and notes it.
#[derive(Debug)]
struct Bridge {
    to: usize,
}

impl Device for Bridge {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        cx.note("passed on");
        let address = std::ptr::with_exposed_provenance::<u32>(self.to + access.offset);
        // SAFETY: The access is trapped.
        Ok(unsafe { address.read_volatile() }.into())
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        store(std::ptr::with_exposed_provenance_mut(self.to + access.offset), value as u32);
        Ok(())
    }
}

#[test]
fn a_model_may_access_another_device_that_accesses_a_third() {
    let bus = Bus::new();
    let memory = bus.map(0x10, Scratch::default()).expect("there is space");
    let inner = bus.map(0x10, Bridge { to: memory.base().addr() }).expect("there is space");
    let outer = bus.map(0x10, Bridge { to: inner.base().addr() }).expect("there is space");
    // SAFETY: The access is trapped.
    assert_eq!(unsafe { outer.base().cast::<u32>().wrapping_add(1).read_volatile() }, 4);
    store(outer.base(), 7);
    assert_eq!(memory.device().written, [(0, 7)]);
    assert_eq!(
        bus.trace().to_string(),
        "#1     R bridge.2+0x004  0x00000004\n       . bridge.2        passed on\n\
         #2     R bridge+0x004    0x00000004\n       . bridge          passed on\n\
         #3     R scratch+0x004   0x00000004\n\
         #4     W bridge.2+0x000  0x00000007\n\
         #5     W bridge+0x000    0x00000007\n\
         #6     W scratch+0x000   0x00000007\n"
    );
}

#[test]
fn a_circle_of_devices_is_a_report_and_not_a_deadlock() {
    let bus = Bus::new();
    let first = bus.map(0x10, Bridge { to: 0 }).expect("there is space");
    let second = bus.map(0x10, Bridge { to: first.base().addr() }).expect("there is space");
    first.device().to = second.base().addr();
    store(first.base(), 1);
    let panic = catch_unwind(AssertUnwindSafe(|| bus.trace())).expect_err("a report must be raised");
    let report = panic.downcast::<String>().expect("a report is a string");
    assert!(report.starts_with("memtrap: write of bridge+0x000 while its model answers another access"), "{report}");
}

#[test]
fn devices_that_nest_too_deep_are_a_report() {
    let bus = Bus::new();
    let memory = bus.map(0x10, Scratch::default()).expect("there is space");
    let mut bridges: Vec<Region<Bridge>> = Vec::new();
    for _ in 0..20 {
        let to = bridges.last().map_or(memory.base().addr(), |bridge| bridge.base().addr());
        bridges.push(bus.map(0x10, Bridge { to }).expect("there is space"));
    }
    store(bridges.last().expect("there are 20").base(), 1);
    let panic = catch_unwind(AssertUnwindSafe(|| bus.trace())).expect_err("a report must be raised");
    let report = panic.downcast::<String>().expect("a report is a string");
    assert!(report.contains("while this thread holds 16 other devices"), "{report}");
}

#[test]
fn a_region_that_is_dropped_under_a_polling_driver_is_reported() {
    if child::role().is_some() {
        let region = Bus::new().map(0x1000, Scratch::default()).expect("there is space");
        let address = region.base().addr();
        let (started, wait) = std::sync::mpsc::channel();
        let driver = std::thread::spawn(move || {
            let register = std::ptr::with_exposed_provenance::<u32>(address);
            loop {
                // SAFETY: The access is trapped, or ends the process.
                let _ = unsafe { register.read_volatile() };
                let _ = started.send(());
            }
        });
        wait.recv().expect("the driver polls");
        drop(region);
        let _ = driver.join();
        return;
    }
    let ended = child::run("a_region_that_is_dropped_under_a_polling_driver_is_reported", "child");
    let ended = ended.by_signal(libc::SIGSEGV);
    assert!(
        ended.stderr.starts_with("memtrap: read of scratch+0x000, whose simulation was dropped before\n"),
        "{ended:#?}"
    );
}
