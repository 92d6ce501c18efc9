//! A test in a process of its own: the test binary runs itself again for one test and a role.
//!
//! What ends a process, or changes it for good, cannot be shared with other tests. A test of this kind calls [`role`]
//! first: in the parent there is none, and it starts children; in a child it plays the role it is given.

use std::{
    env,
    os::unix::process::ExitStatusExt as _,
    process::{Command, ExitStatus},
};

const ROLE: &str = "MEMTRAP_TEST_ROLE";

/// What this process is to do, if it is a child.
pub(crate) fn role() -> Option<String> {
    env::var(ROLE).ok()
}

/// How a child ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// What it wrote to the standard error, with numbers of threads left out.
    pub(crate) stderr: String,
    /// What the test itself wrote to the standard output.
    pub(crate) stdout: String,
}

impl Ended {
    /// Checks that the child was ended by this signal.
    #[track_caller]
    pub(crate) fn by_signal(self, signal: i32) -> Self {
        assert_eq!(self.status.signal(), Some(signal), "{self:#?}");
        self
    }
}

/// Runs the test with this name in a child with this role.
pub(crate) fn run(test: &str, role: &str) -> Ended {
    let output = Command::new(env::current_exe().expect("a test binary knows its path"))
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("the test binary can be run again");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(stdout.contains("running 1 test"), "there is no test {test:?}:\n{stdout}");
    Ended { status: output.status, stderr: without_numbers(&String::from_utf8_lossy(&output.stderr)), stdout }
}

/// `text` without the numbers of threads, as in `thread 'main' (4711)`, which differ from run to run.
fn without_numbers(text: &str) -> String {
    let mut rest = text;
    let mut result = String::new();
    while let Some((before, behind)) = rest.split_once("' (") {
        result += before;
        result += "' (";
        rest = behind.trim_start_matches(|letter: char| letter.is_ascii_digit());
    }
    result + rest
}
