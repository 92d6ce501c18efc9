//! `#[memtrap::test]` is a test as any other to whoever runs it: `cargo test` with its options, and runners as nextest, which
//! list the tests of a binary and then start a process for each.
//!
//! The tests of the module `subject` are what is run here, in a role; without one they do nothing.
#![cfg(unix)]

use std::{
    env,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

const ROLE: &str = "MEMTRAP_RUNNERS_ROLE";

/// Tests that pass and fail in every way there is, when they are asked to.
mod subject {
    use super::*;

    fn is_run() -> bool {
        env::var_os(ROLE).is_some()
    }

    #[memtrap::test]
    fn passes() {
        println!("output of a test that passes");
    }

    #[memtrap::test]
    fn fails() {
        println!("output of a test that fails");
        eprintln!("errors of a test that fails");
        assert!(!is_run(), "the message of the panic");
    }

    #[memtrap::test]
    fn fails_with_a_report() {
        let bus = memtrap::Bus::new();
        let script = bus.expect(memtrap::trace::write("+0x0"));
        if !is_run() {
            std::mem::forget(script);
        }
    }

    #[memtrap::test]
    fn returns_an_error() -> Result<(), String> {
        if is_run() { Err("the error".to_owned()) } else { Ok(()) }
    }

    #[memtrap::test]
    #[should_panic(expected = "the expected message")]
    fn panics_as_it_should() {
        panic!("with the expected message");
    }

    #[memtrap::test]
    #[should_panic(expected = "the expected message")]
    fn panics_otherwise() {
        if is_run() { panic!("another") } else { panic!("with the expected message") }
    }

    #[memtrap::test]
    #[should_panic]
    fn does_not_panic() {
        assert!(is_run(), "only in its role it does not");
    }

    #[memtrap::test]
    #[ignore = "run where ignored tests are asked for"]
    fn is_ignored() {
        println!("output of an ignored test");
    }

    #[memtrap::test(timeout = 1)]
    fn hangs() {
        while is_run() {
            std::thread::park();
        }
    }

    #[memtrap::test]
    fn leaves_a_process_behind() {
        if is_run() {
            println!("output before");
            // It has the test's pipes for much longer than the test takes.
            drop(Command::new("sleep").arg("20").stdin(Stdio::null()).spawn().expect("there is `sleep`"));
        }
    }
}

/// Runs this test binary with these arguments, and has the subjects do what they are there for.
fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env::current_exe().expect("a test binary knows its path"));
    for variable in
        ["MEMTRAP_TEST", "MEMTRAP_TEST_MESSAGE", "CLICOLOR_FORCE", "CARGO_TERM_COLOR", "RUST_TEST_NOCAPTURE"]
    {
        command.env_remove(variable);
    }
    command.args(arguments).env(ROLE, "subject").env("RUST_BACKTRACE", "0");
    command.output().expect("the test binary can be run again")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The tests of the module `subject`, as a runner asks for them.
fn list(more: &[&str]) -> Vec<String> {
    let output = run(&[&["--list", "--format", "terse"], more].concat());
    assert!(output.status.success(), "{output:?}");
    let tests = stdout(&output);
    let tests =
        tests.lines().filter_map(|line| line.strip_suffix(": test")).filter(|name| name.starts_with("subject::"));
    tests.map(str::to_owned).collect()
}

#[test]
fn a_runner_that_starts_a_process_for_each_test_gets_the_result_of_each() {
    let all = list(&[]);
    assert_eq!(all.len(), 10, "{all:?}");
    assert_eq!(list(&["--ignored"]), ["subject::is_ignored"]);
    for test in all {
        // As nextest does.
        let output = run(&["--exact", &test, "--nocapture"]);
        let passes = ["passes", "panics_as_it_should", "is_ignored", "leaves_a_process_behind"];
        let passes = passes.iter().any(|name| test == format!("subject::{name}"));
        assert_eq!(output.status.code(), Some(if passes { 0 } else { 101 }), "{test}: {output:?}");
        let is_ignored = test == "subject::is_ignored";
        assert_eq!(stdout(&output).contains("1 ignored"), is_ignored, "{test}: {output:?}");
    }
    let ignored = run(&["--exact", "subject::is_ignored", "--nocapture", "--ignored"]);
    assert!(ignored.status.success() && stdout(&ignored).contains("output of an ignored test"), "{ignored:?}");
}

#[test]
fn filters_choose_the_tests_that_are_run() {
    let output = stdout(&run(&["subject::panics"]));
    assert!(output.contains("running 2 tests"), "{output}");
    assert!(output.contains("test subject::panics_as_it_should - should panic ... ok"), "{output}");
    assert!(output.contains("test subject::panics_otherwise - should panic ... FAILED"), "{output}");
    let output = stdout(&run(&["subject", "--skip", "subject::", "--include-ignored"]));
    assert!(output.contains("running 0 tests"), "{output}");
    let output = stdout(&run(&["subject::is_ignored"]));
    assert!(output.contains("test subject::is_ignored ... ignored, run where ignored tests are asked for"), "{output}");
}

#[test]
fn the_output_of_a_test_is_captured_and_shown_if_it_fails() {
    let passes = run(&["--exact", "subject::passes"]);
    assert!(!stdout(&passes).contains("output of a test"), "{passes:?}");
    assert!(passes.stderr.is_empty(), "{passes:?}");
    let shown = run(&["--exact", "subject::passes", "--nocapture"]);
    let shown = stdout(&shown);
    assert!(shown.contains("output of a test that passes\n"), "{shown:?}");
    assert_eq!(
        shown.matches("running 1 test").count(),
        1,
        "of the process that was started, and not of its own: {shown}"
    );

    let fails = run(&["--exact", "subject::fails"]);
    let text = stdout(&fails);
    let (_, text) = text.split_once("---- subject::fails stdout ----\n").expect("the output of a failure");
    assert!(text.contains("output of a test that fails\n") && text.contains("errors of a test that fails\n"), "{text}");
    assert_eq!(text.matches("the message of the panic").count(), 1, "once is enough: {text}");
    assert!(text.contains("memtrap/tests/runners.rs:"), "where it comes from: {text}");
    assert!(fails.stderr.is_empty(), "{fails:?}");
}

#[test]
fn a_report_arrives_as_it_is() {
    let text = stdout(&run(&["--exact", "subject::fails_with_a_report"]));
    assert_eq!(text.matches("\nmemtrap: the driver ended before the script did\n").count(), 1, "{text}");
    assert!(text.contains("\n  test      subject::fails_with_a_report\n"), "{text}");
    let rerun = "\n  rerun     cargo test -p memtrap";
    assert!(
        text.contains(rerun) && text.contains(" --test runners subject::fails_with_a_report -- --exact\n"),
        "{text}"
    );
}

#[test]
fn expectations_of_panics_are_those_of_the_harness() {
    let text = stdout(&run(&["--exact", "subject::panics_otherwise"]));
    assert!(text.contains("note: panic did not contain expected string"), "{text}");
    assert!(text.contains("panic message: \"another\"") && text.contains("\"the expected message\""), "{text}");
    let text = stdout(&run(&["--exact", "subject::does_not_panic"]));
    assert!(text.contains("note: test did not panic as expected"), "{text}");
    let text = stdout(&run(&["--exact", "subject::returns_an_error"]));
    assert!(text.contains("Error: \"the error\"") && text.contains("memtrap: the test returned an error"), "{text}");
}

#[test]
fn a_test_that_hangs_is_killed_and_says_so() {
    let text = stdout(&run(&["--exact", "subject::hangs"]));
    assert!(text.contains("memtrap: test `subject::hangs` did not end within 1s and was killed"), "{text}");
}

#[test]
fn a_process_that_a_test_leaves_behind_does_not_keep_its_runner_waiting() {
    let started = Instant::now();
    let output = run(&["--exact", "subject::leaves_a_process_behind", "--nocapture"]);
    assert!(output.status.success() && stdout(&output).contains("output before\n"), "{output:?}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
