//! Virtual time and interrupts, through each door and from the test.

#[path = "support/doors.rs"]
#[allow(dead_code, reason = "no bits are set and no reports are compared here")]
mod doors;

use doors::Door;
use embedded_hal::delay::DelayNs as _;
use memtrap::{
    Access, Bus, BusError, Context, Device, Region, Width,
    trace::{EventKind, LineChange},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

const LINE: u32 = 7;

/// A timer: writing a number of microseconds to offset 0 starts it; offset 4 reads 1 when it has run out, and writing
/// there acknowledges the interrupt. Offset 8 starts it again and again.
#[derive(Default)]
struct Timer {
    expired: bool,
    expiries: u32,
}

impl Device for Timer {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(if access.offset == 4 { u64::from(self.expired) } else { 0 })
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0 => cx.after(Duration::from_micros(value), 1),
            4 => {
                self.expired = false;
                cx.lower(LINE);
            }
            8 if value == 0 => cx.cancel(2),
            8 => cx.every(Duration::from_micros(value), 2),
            12 => cx.pulse(u32::try_from(value).unwrap()),
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        assert_ne!(event, 3);
        self.expiries += 1;
        if event == 1 {
            self.expired = true;
            cx.raise(LINE);
        }
    }
}

fn timer() -> Region<Timer> {
    Bus::new().map(0x1000, Timer::default()).unwrap()
}

#[derive(Clone, Copy)]
struct Registers {
    door: Door,
    base: usize,
}

impl Registers {
    fn base(self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.base)
    }

    fn read(self, offset: usize) -> u32 {
        self.door.read(self.base(), offset, Width::U32) as u32
    }

    fn write(self, offset: usize, value: u32) {
        self.door.write(self.base(), offset, Width::U32, u64::from(value));
    }
}

/// Runs a test with a timer of its own through each door.
fn through_each_door(test: impl Fn(&Region<Timer>, Registers)) {
    for door in Door::ALL {
        let region = timer();
        let base = region.base().expose_provenance();
        test(&region, Registers { door: *door, base });
    }
}

#[test]
fn time_passes_with_accesses_and_with_sleep() {
    through_each_door(|region, registers| {
        let clock = region.bus().clock();
        assert_eq!(clock.now(), Duration::ZERO);
        registers.read(0);
        assert_eq!(clock.now(), Duration::from_nanos(100));
        region.bus().set_access_time(Duration::from_micros(1));
        registers.read(0);
        assert_eq!(clock.now(), Duration::from_nanos(1100));
        clock.sleep(Duration::from_secs(3600));
        let later = Duration::from_nanos(1100) + Duration::from_secs(3600);
        assert_eq!(clock.now(), later);
        // A driver's own delays, by `embedded-hal`.
        let mut delay = clock;
        delay.delay_ns(5);
        delay.delay_us(7);
        delay.delay_ms(70_000);
        assert_eq!(delay.now(), later + Duration::from_nanos(70_000_007_005));
    });
}

#[test]
fn a_driver_that_polls_is_not_kept_waiting() {
    through_each_door(|region, registers| {
        registers.write(0, 1_000_000);
        let mut reads = 0;
        while registers.read(4) == 0 {
            reads += 1;
        }
        assert!(reads < 20, "time jumps to the event when nothing else happens, but the driver read {reads} times");
        let now = region.bus().clock().now();
        assert!(now >= Duration::from_secs(1) && now < Duration::from_millis(1001), "{now:?}");
    });
}

#[test]
fn periodic_events_fire_at_their_times_until_they_are_cancelled() {
    through_each_door(|region, registers| {
        let clock = region.bus().clock();
        registers.write(8, 10);
        clock.sleep(Duration::from_micros(95));
        assert_eq!(region.device().expiries, 9);
        registers.write(8, 0);
        clock.sleep(Duration::from_secs(1));
        assert_eq!(region.device().expiries, 9);
    });
}

#[test]
fn a_raised_line_is_served_on_the_drivers_thread_between_two_accesses() {
    through_each_door(|region, registers| {
        let bus = region.bus();
        let served = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&served);
        let driver = std::thread::current().id();
        bus.on_interrupt(LINE, move || {
            assert_eq!(std::thread::current().id(), driver);
            assert_eq!(registers.read(4), 1);
            registers.write(4, 1);
            counter.fetch_add(1, Ordering::Relaxed);
        });
        registers.write(0, 1);
        for _ in 0..20 {
            registers.read(0);
        }
        assert_eq!(served.load(Ordering::Relaxed), 1);
        assert_eq!(bus.interrupts_served(LINE), 1);
        assert!(!bus.is_interrupt_pending(LINE));
        let changes: Vec<_> = region
            .trace()
            .events()
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Interrupt { line: LINE, change } => Some(change),
                _ => None,
            })
            .collect();
        assert_eq!(changes, [LineChange::Raised, LineChange::Entered, LineChange::Lowered, LineChange::Left]);
    });
}

#[test]
fn masked_lines_wait_until_they_are_unmasked() {
    through_each_door(|region, registers| {
        let bus = region.bus();
        let served = Arc::new(AtomicU32::new(0));
        let counter = Arc::clone(&served);
        bus.on_interrupt(3, move || {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        assert!(!bus.mask_interrupts(true));
        registers.write(12, 3);
        registers.read(0);
        assert_eq!(served.load(Ordering::Relaxed), 0);
        assert!(bus.is_interrupt_pending(3));
        assert!(bus.mask_interrupts(false));
        assert_eq!(served.load(Ordering::Relaxed), 1);
        bus.set_interrupt_enabled(3, false);
        registers.write(12, 3);
        assert_eq!(served.load(Ordering::Relaxed), 1);
        bus.set_interrupt_enabled(3, true);
        assert_eq!(served.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn a_more_urgent_line_interrupts_a_handler() {
    through_each_door(|region, registers| {
        let bus = region.bus();
        let order = Arc::new(std::sync::Mutex::new(Vec::new()));
        bus.set_interrupt_priority(2, 1);
        let log = Arc::clone(&order);
        bus.on_interrupt(2, move || log.lock().unwrap().push("urgent"));
        let log = Arc::clone(&order);
        bus.on_interrupt(1, move || {
            log.lock().unwrap().push("begins");
            registers.write(12, 2);
            log.lock().unwrap().push("ends");
        });
        registers.write(12, 1);
        assert_eq!(*order.lock().unwrap(), ["begins", "urgent", "ends"]);
    });
}

#[test]
fn waiting_for_an_interrupt_runs_to_the_next_event() {
    through_each_door(|region, registers| {
        let clock = region.bus().clock();
        registers.write(0, 500);
        clock.wait_for_interrupt();
        assert!(region.bus().is_interrupt_pending(LINE));
        assert!(clock.now() >= Duration::from_micros(500));
        registers.write(4, 1);
        let panic = catch_unwind(AssertUnwindSafe(|| clock.wait_for_interrupt())).unwrap_err();
        assert!(panic.downcast_ref::<&str>().unwrap().contains("no event is scheduled"));
    });
}

#[test]
fn a_handler_that_does_not_silence_its_device_is_a_report() {
    through_each_door(|region, registers| {
        region.bus().on_interrupt(LINE, || {});
        let panic = catch_unwind(AssertUnwindSafe(|| {
            region.bus().run(move || {
                registers.write(0, 1);
                loop {
                    registers.read(0);
                }
            })
        }))
        .unwrap_err();
        let report = panic.downcast_ref::<String>().unwrap();
        assert!(report.contains("interrupt 7 is still raised after its handler ran 1000 times"), "{report}");
    });
}

#[test]
fn a_panic_in_a_handler_ends_the_driver() {
    through_each_door(|region, registers| {
        region.bus().on_interrupt(5, || panic!("the handler found something wrong"));
        let panic = catch_unwind(AssertUnwindSafe(|| {
            region.bus().run(move || {
                registers.write(12, 5);
                unreachable!("the driver was ended");
            })
        }))
        .unwrap_err();
        // Through the trapped door it is in a report, through the typed one it unwinds as it is.
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let report = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap();
        assert!(report.contains("the handler found something wrong"), "{report}");
        // The line is not left as if it were being served.
        region.bus().on_interrupt(5, || {});
        registers.write(12, 5);
        assert_eq!(region.bus().interrupts_served(5), 2);
    });
}

#[test]
fn time_does_not_pass_while_the_test_holds_a_device() {
    let region = timer();
    let guard = region.device();
    let clock = region.bus().clock();
    let panic = catch_unwind(AssertUnwindSafe(|| clock.sleep(Duration::from_micros(1)))).unwrap_err();
    drop(guard);
    assert!(panic.downcast_ref::<&str>().unwrap().contains("drop the guards"));
}

#[test]
fn what_happens_on_the_devices_other_side_reaches_the_driver() {
    through_each_door(|region, registers| {
        let bus = region.bus();
        bus.on_interrupt(LINE, move || registers.write(4, 1));
        let expiries = region.stimulate(|timer, cx| {
            timer.expired = true;
            cx.raise(LINE);
            cx.after(Duration::from_millis(1), 2);
            timer.expiries
        });
        assert_eq!(expiries, 0);
        assert_eq!(bus.interrupts_served(LINE), 1, "the handler runs before the test goes on");
        bus.clock().sleep(Duration::from_millis(1));
        assert_eq!(region.device().expiries, 1);
        let panic =
            catch_unwind(AssertUnwindSafe(|| region.stimulate(|_, cx| cx.fail("the cable is broken")))).unwrap_err();
        assert!(panic.downcast_ref::<String>().unwrap().contains("the cable is broken"));
    });
}
