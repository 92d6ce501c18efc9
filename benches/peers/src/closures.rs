//! `regmock-rs`: a driver's PAC calls it for every access; it looks for a closure by the register's address, and keeps a
//! record in which equal accesses are counted.

use memtrap_benches::rounds::Mechanism;
use regmock_rs::utils::Regmock;
use std::sync::{Arc, Mutex};

const REGISTER: usize = 0x0900_0018;
const COUNT: u32 = 10_000;

/// A load and a store. The record is emptied before each batch; without that it grows without bound.
pub fn mechanisms() -> Vec<Mechanism<'static>> {
    let mut mock = Regmock::default();
    let mut reads = 0;
    mock.read_fn.insert(
        REGISTER,
        Box::new(move |_, _| {
            reads += 1;
            reads
        }),
    );
    mock.write_fn.insert(REGISTER, Box::new(|_, _, value| value));
    regmock_rs::init_regmock(Arc::new(Mutex::new(mock)));
    vec![load(), store()]
}

fn forget() {
    regmock_rs::with_mock(|mock| mock.log = Default::default()).expect("the mock was made for this thread");
}

fn load() -> Mechanism<'static> {
    let mut last = 0;
    Mechanism::new("regmock-rs-load", COUNT, move |count| {
        forget();
        for _ in 0..count {
            last += 1;
            assert_eq!(regmock_rs::read_fn(REGISTER, 32), last);
        }
    })
}

fn store() -> Mechanism<'static> {
    Mechanism::new("regmock-rs-store", COUNT, |count| {
        forget();
        (1..=count).for_each(|value| regmock_rs::write_fn(REGISTER, 32, value.into()));
        let written = regmock_rs::with_mock(|mock| mock.register_mocks.get(&REGISTER).copied());
        assert_eq!(written.expect("the mock was made for this thread"), Some(count.into()));
    })
}
