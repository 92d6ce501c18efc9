//! `#[memtrap::test]` runs each test in a process of its own.

use std::{
    fmt, process,
    sync::atomic::{AtomicU32, Ordering},
};

static STARTED: AtomicU32 = AtomicU32::new(0);

/// Counts the tests that have started in this process.
fn is_first_in_its_process() -> bool {
    STARTED.fetch_add(1, Ordering::Relaxed) == 0
}

#[memtrap::test]
fn a_test_has_its_statics_to_itself() {
    assert!(is_first_in_its_process());
}

#[memtrap::test]
fn so_has_another() {
    assert!(is_first_in_its_process());
}

#[memtrap::test]
#[should_panic(expected = "the message arrives")]
fn a_panic_arrives_with_its_message() {
    panic!("the message arrives: {}", process::id());
}

#[memtrap::test]
#[should_panic(expected = "the process of test `a_crash_fails_only_this_test` ended with signal: 6")]
#[cfg(unix)]
fn a_crash_fails_only_this_test() {
    process::abort();
}

#[memtrap::test(timeout = 1)]
#[should_panic(expected = "did not end within 1s and was killed")]
fn a_hang_is_ended() {
    loop {
        std::thread::park();
    }
}

#[memtrap::test]
fn a_test_may_return_a_result() -> Result<(), fmt::Error> {
    Ok(())
}

#[memtrap::test]
#[should_panic(expected = "the test returned an error")]
fn an_error_fails_the_test() -> Result<(), fmt::Error> {
    Err(fmt::Error)
}

mod nested {
    #[memtrap::test]
    fn tests_in_modules_are_found() {
        assert!(super::is_first_in_its_process());
    }
}
