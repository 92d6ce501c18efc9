use super::*;

#[test]
fn a_thread_holds_a_device_once() {
    let held = enter(2, Holder::Access);
    assert!(held.is_ok());
    assert_eq!(enter(2, Holder::Guard).err(), Some(Holder::Access));
    drop(held);
    assert!(enter(2, Holder::Guard).is_ok());
}

#[test]
fn what_holds_the_device_is_remembered() {
    let _guard = enter(4, Holder::Guard);
    assert_eq!(enter(4, Holder::Access).err(), Some(Holder::Guard));
}

#[test]
fn entries_may_go_in_any_order() {
    let (first, second) = (enter(6, Holder::Access), enter(8, Holder::Access));
    assert_eq!(count(), 2);
    drop(first);
    assert_eq!(enter(8, Holder::Access).err(), Some(Holder::Access));
    drop(second);
    assert_eq!(count(), 0);
}

#[test]
fn another_thread_is_free_to_wait() {
    let _held = enter(10, Holder::Access);
    assert!(std::thread::spawn(|| enter(10, Holder::Access).is_ok()).join().unwrap());
}

#[test]
fn the_depth_is_limited() {
    let held: Vec<_> = (0..DEPTH).map(|key| enter(20 + 2 * key, Holder::Access)).collect();
    assert!(held.iter().all(Result::is_ok));
    assert_eq!(enter(2000, Holder::Access).err(), Some(Holder::Others));
    drop(held);
    assert!(enter(2000, Holder::Access).is_ok());
}
