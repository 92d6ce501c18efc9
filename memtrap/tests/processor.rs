//! What drivers ask of the processor: through `cortex-m`, `critical-section` and the driver of `embassy-time`.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use cortex_m::{
    asm, interrupt,
    peripheral::NVIC,
    register::{basepri, basepri_max, primask},
};
use memtrap::{
    Access, Bus, BusError, Context, Device, Region,
    models::{Nvic, SysTick},
    trace::EventKind,
};
use std::{
    cell::Cell,
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    task::Poll,
    thread,
    time::Duration,
};

const LINE: u32 = 5;

/// Pulses its line when a number of microseconds has passed that is written; refuses 0.
struct Alarm;

impl Device for Alarm {
    fn read(&mut self, _: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(0)
    }

    fn write(&mut self, _: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if value == 0 {
            return Err(BusError::refused("an alarm of 0"));
        }
        cx.after(Duration::from_micros(value), 0);
        Ok(())
    }

    fn event(&mut self, _: u64, cx: &mut Context<'_>) {
        cx.pulse(LINE);
    }
}

fn alarm() -> Region<Alarm> {
    Bus::new().map(4, Alarm).unwrap()
}

fn set(address: usize, microseconds: u32) {
    let register = std::ptr::with_exposed_provenance_mut::<u32>(address);
    // SAFETY: The region traps the access.
    unsafe { register.write_volatile(microseconds) };
}

/// How often the line's handler was called.
fn count(bus: &Bus) -> Arc<AtomicU32> {
    let calls = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls);
    bus.on_interrupt(LINE, move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    calls
}

fn message(panic: Box<dyn std::any::Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(formatted) => *formatted,
        Err(panic) => (*panic.downcast::<&str>().expect("a message")).to_owned(),
    }
}

#[test]
fn a_delay_takes_virtual_time() {
    let bus = Bus::new();
    asm::delay(1_000);
    asm::nop();
    assert_eq!(bus.clock().now(), Duration::from_nanos(10_010), "100 MHz unless set");
    bus.set_processor_frequency(125_000_000);
    bus.run(|| asm::delay(125_000_000));
    assert_eq!(bus.clock().now(), Duration::from_nanos(1_000_010_010));
}

#[test]
fn waiting_runs_to_the_next_interrupt() {
    for wait in [asm::wfi, asm::wfe] {
        let alarm = alarm();
        let calls = count(&alarm.bus());
        let address = alarm.base().expose_provenance();
        alarm.bus().run(move || {
            set(address, 70);
            wait();
        });
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert_eq!(alarm.bus().clock().now(), Duration::from_nanos(70_100));
    }
}

#[test]
fn an_event_that_was_sent_is_not_waited_for() {
    let bus = Bus::new();
    asm::sev();
    asm::wfe();
    assert_eq!(bus.clock().now(), Duration::ZERO);
    let panic = catch_unwind(AssertUnwindSafe(|| bus.run(asm::wfe))).unwrap_err();
    assert!(message(panic).contains("no line is raised and no event is scheduled"));
}

#[test]
fn a_masked_interrupt_wakes_and_runs_when_it_is_unmasked() {
    let alarm = alarm();
    let calls = count(&alarm.bus());
    let address = alarm.base().expose_provenance();
    let during = Arc::clone(&calls);
    alarm.bus().run(move || {
        interrupt::free(|_| {
            assert!(primask::read().is_inactive());
            set(address, 70);
            asm::wfi();
            assert_eq!(during.load(Ordering::Relaxed), 0);
        });
        assert!(primask::read().is_active());
        assert_eq!(during.load(Ordering::Relaxed), 1);
    });
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn waiting_for_what_nobody_serves_is_a_report() {
    let alarm = alarm();
    let address = alarm.base().expose_provenance();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        alarm.bus().run(move || {
            set(address, 1);
            loop {
                asm::wfi();
            }
        });
    }))
    .unwrap_err();
    assert!(message(panic).contains("waited for an interrupt 10000 times without anything happening"));
}

#[memtrap::test]
fn the_base_priority_masks_what_is_less_urgent() {
    let bus = Bus::new();
    let nvic = Nvic::new(32).with_priority_bits(4).attach(&bus).unwrap();
    let calls = count(&bus);

    #[derive(Clone, Copy)]
    struct Line;
    // SAFETY: The number is that of an interrupt of this controller.
    unsafe impl interrupt::InterruptNumber for Line {
        fn number(self) -> u16 {
            LINE as u16
        }
    }
    let during = Arc::clone(&calls);
    bus.run(move || {
        // SAFETY: The test's process runs one driver.
        let mut core = unsafe { cortex_m::Peripherals::steal() };
        // SAFETY: Handlers may run from here on.
        unsafe { core.NVIC.set_priority(Line, 0x80) };
        // SAFETY: As above.
        unsafe { NVIC::unmask(Line) };
        assert!(NVIC::is_enabled(Line));
        // SAFETY: As above.
        unsafe { basepri::write(0x40) };
        basepri_max::write(0x80);
        assert_eq!(basepri::read(), 0x40, "the maximum only raises the priority");
        NVIC::pend(Line);
        assert!(NVIC::is_pending(Line));
        assert_eq!(during.load(Ordering::Relaxed), 0);
        // SAFETY: As above.
        unsafe { basepri::write(0xc0) };
        assert!(!NVIC::is_pending(Line));
    });
    assert_eq!((calls.load(Ordering::Relaxed), nvic.device().priority(5)), (1, 0x80));
}

#[memtrap::test]
fn a_delay_of_the_system_timer_is_as_long_as_asked_for() {
    let bus = Bus::new();
    let _timer = SysTick::new(48_000_000).attach(&bus).unwrap();
    bus.run(|| {
        let core = cortex_m::Peripherals::take().unwrap();
        cortex_m::delay::Delay::new(core.SYST, 48_000_000).delay_ms(1_500);
    });
    let took = bus.clock().now();
    assert!((1_500_000..1_500_100).contains(&took.as_micros()), "{took:?}");
}

#[test]
fn barriers_are_marks_in_the_trace() {
    let alarm = alarm();
    let address = alarm.base().expose_provenance();
    alarm.bus().run(move || {
        asm::dmb();
        set(address, 1);
        asm::dsb();
        asm::isb();
    });
    let trace = alarm.bus().trace();
    let kinds = trace.events().iter().map(|event| match &event.kind {
        EventKind::Note(text) => text.clone(),
        EventKind::Access(_) => "access".to_owned(),
        other => format!("{other:?}"),
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["dmb", "access", "dsb", "isb"]);
}

#[test]
fn a_critical_section_masks_interrupts_until_the_outermost_ends() {
    let alarm = alarm();
    let calls = count(&alarm.bus());
    let address = alarm.base().expose_provenance();
    let during = Arc::clone(&calls);
    alarm.bus().run(move || {
        critical_section::with(|_| {
            critical_section::with(|_| {
                set(address, 1);
                alarm_is_due();
            });
            assert_eq!(during.load(Ordering::Relaxed), 0);
        });
    });
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

fn alarm_is_due() {
    asm::delay(1_000);
}

#[test]
fn a_critical_section_keeps_other_threads_out() {
    let cell = Arc::new(critical_section::Mutex::new(Cell::new(0)));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let cell = Arc::clone(&cell);
            thread::spawn(move || {
                let _bus = Bus::new();
                for _ in 0..500 {
                    critical_section::with(|section| {
                        let value = cell.borrow(section).get();
                        thread::yield_now();
                        cell.borrow(section).set(value + 1);
                    });
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(critical_section::with(|section| cell.borrow(section).get()), 2_000);
}

#[test]
fn a_driver_that_is_abandoned_in_a_critical_section_leaves_it() {
    let alarm = alarm();
    let address = alarm.base().expose_provenance();
    let panic = catch_unwind(AssertUnwindSafe(|| {
        alarm.bus().run(move || interrupt::free(|_| critical_section::with(|_| set(address, 0))));
    }))
    .unwrap_err();
    assert!(message(panic).contains("an alarm of 0"));
    assert!(primask::read().is_active(), "the mask is as before");
    let (entered, entry) = mpsc::channel();
    thread::spawn(move || critical_section::with(|_| entered.send(()).unwrap()));
    entry.recv_timeout(Duration::from_secs(60)).expect("the section is free");
}

#[test]
fn the_time_of_embassy_is_that_of_the_bus() {
    let bus = Bus::new();
    bus.clock().sleep(Duration::from_millis(3));
    assert_eq!(embassy_time_driver::now(), 3_000);
    let clock = bus.clock();
    let woken_at = bus.run(move || {
        clock.block_on(poll_fn(|cx| {
            let now = embassy_time_driver::now();
            if now >= 10_000 {
                return Poll::Ready(now);
            }
            embassy_time_driver::schedule_wake(10_000, cx.waker());
            Poll::Pending
        }))
    });
    assert_eq!(woken_at, 10_000);
}

#[test]
fn an_interrupt_wakes_a_driver_that_waits() {
    let alarm = alarm();
    let calls = count(&alarm.bus());
    set(alarm.base().expose_provenance(), 40);
    let clock = alarm.bus().clock();
    clock.block_on(poll_fn(|cx| {
        if calls.load(Ordering::Relaxed) > 0 {
            return Poll::Ready(());
        }
        embassy_time_driver::schedule_wake(embassy_time_driver::now() + 1, cx.waker());
        Poll::Pending
    }));
    let panic = catch_unwind(AssertUnwindSafe(|| clock.block_on(std::future::pending::<()>()))).unwrap_err();
    assert!(message(panic).contains("no event is scheduled that could wake it"));
}
