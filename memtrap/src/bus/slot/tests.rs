use super::{
    super::{
        Access, Context,
        held::Holder,
        testing::{region, span},
    },
    *,
};
use std::{sync::atomic::AtomicUsize, thread};

/// Counts how often it is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Device for Dropped {
    fn read(&mut self, _: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(0)
    }

    fn write(&mut self, _: Access, _: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

#[test]
fn a_device_is_locked_once_a_thread() {
    let (mapping, slot, _bus) = region(span(1), 0x10);
    let guard = slot.guard(Holder::Guard).expect("nobody holds it");
    assert_eq!(mapping.with(|_| ()), Err(Closed::Held(Holder::Guard)));
    drop(guard);
    assert_eq!(mapping.with(|_| mapping.with(|_| ())), Ok(Err(Closed::Held(Holder::Access))));
}

#[test]
fn a_retired_device_is_dropped_and_answers_no_more() {
    let drops = Arc::new(AtomicUsize::new(0));
    let bus = Arc::new(Core::default());
    let (mapping, slot) = Mapping::unreserved(&bus, span(1), 0x10, Dropped(Arc::clone(&drops)));
    mapping.retire();
    drop(slot.retire());
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert_eq!(mapping.with(|_| ()), Err(Closed::Retired));
}

#[test]
fn a_device_that_is_retired_while_its_thread_holds_it_lives_until_the_guard_goes() {
    let drops = Arc::new(AtomicUsize::new(0));
    let bus = Arc::new(Core::default());
    let (mapping, slot) = Mapping::unreserved(&bus, span(1), 0x10, Dropped(Arc::clone(&drops)));
    let guard = slot.guard(Holder::Guard).expect("nobody holds it");
    mapping.retire();
    drop(slot.retire());
    assert_eq!(drops.load(Ordering::Relaxed), 0);
    drop(guard);
    assert_eq!(drops.load(Ordering::Relaxed), 1);
    assert_eq!(mapping.with(|_| ()), Err(Closed::Retired));
}

#[test]
fn retiring_waits_for_an_access_in_flight() {
    let (mapping, slot, _bus) = region(span(1), 0x10);
    let (entered, wait_for_entry) = std::sync::mpsc::channel();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            mapping.with(|_| {
                entered.send(()).unwrap();
                thread::sleep(std::time::Duration::from_millis(20));
                done.store(true, Ordering::SeqCst);
            })
        });
        wait_for_entry.recv().unwrap();
        mapping.retire();
        drop(slot.retire());
        assert!(done.load(Ordering::SeqCst), "the access was not interrupted");
    });
}

#[test]
fn a_panic_of_a_model_does_not_close_its_region() {
    let (mapping, ..) = region(span(1), 0x10);
    let panic = std::panic::catch_unwind(|| mapping.with(|_| panic!("a model's panic")));
    assert!(panic.is_err());
    assert_eq!(mapping.with(|_| ()), Ok(()));
}
