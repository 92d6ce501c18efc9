//! Runs the forms in a child process, so that a crash or a hang costs one form and not the run.

use crate::suite::{forms::Form, report::FormResult};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Write},
    os::fd::FromRawFd,
};

/// Calls `work` for each form, in child processes, and `done` with each result, in this process and in order.
///
/// If a child dies, the form it was at is passed to `done` with how it died, and the next child takes the rest.
/// A child takes `at_once` forms at most, and does what `worker` gives it.
pub(crate) fn run<W: FnMut(Form) -> FormResult>(
    forms: &[Form],
    at_once: usize,
    worker: impl Fn() -> W,
    mut done: impl FnMut(FormResult),
) {
    let mut rest = forms;
    while let Some(current) = rest.first() {
        let (reader, writer) = pipe().expect("a pipe can be made");
        // SAFETY: the process has one thread, so the child is a complete copy of it.
        let child = unsafe { libc::fork() };
        assert!(child >= 0, "fork: {}", io::Error::last_os_error());
        if child == 0 {
            drop(reader);
            let mut writer = writer;
            let mut work = worker();
            for form in &rest[..at_once.min(rest.len())] {
                let line = work(*form).to_line();
                writeln!(writer, "{line}").expect("the parent reads");
            }
            std::process::exit(0);
        }
        drop(writer);
        let before = rest.len();
        let expected = before.saturating_sub(at_once);
        for line in BufReader::new(reader).lines() {
            let line = line.expect("the child writes text");
            done(FormResult::from_line(rest[0], &line));
            rest = &rest[1..];
        }
        let death = wait(child);
        if rest.len() > expected
            && let Some(form) = rest.first()
        {
            done(FormResult::died(*form, &death));
            rest = &rest[1..];
        }
        debug_assert!(rest.len() < before, "{current:?} makes no progress");
    }
}

fn pipe() -> io::Result<(File, File)> {
    let mut ends = [0; 2];
    // SAFETY: there is room for the two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    let reader = unsafe { File::from_raw_fd(ends[0]) };
    // SAFETY: likewise.
    let writer = unsafe { File::from_raw_fd(ends[1]) };
    Ok((reader, writer))
}

/// Waits for the child's end and describes it.
fn wait(child: libc::pid_t) -> String {
    let mut status = 0;
    // SAFETY: the child is this process's own and was not waited for before.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!(waited, child, "waitpid: {}", io::Error::last_os_error());
    if libc::WIFSIGNALED(status) {
        format!("the process died of signal {}", libc::WTERMSIG(status))
    } else {
        format!("the process ended with code {}", libc::WEXITSTATUS(status))
    }
}
