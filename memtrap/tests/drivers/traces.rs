//! Keeps the trace of a test for `memtrap/acceptance/run`, which compares those of debug and release.

use memtrap::trace::{AccessEvent, Direction, Trace};
use std::{env, fs, path::PathBuf, thread};

/// The accesses, one a line. Equal reads that follow each other are one: how often a driver polls depends on how many
/// instructions the compiler makes of its loop, because time jumps for each when it has polled in vain for a while.
pub(crate) fn lines(trace: &Trace, line: impl Fn(&AccessEvent) -> String) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for access in trace.accesses() {
        let line = line(access);
        if access.direction != Direction::Read || lines.last() != Some(&line) {
            lines.push(line);
        }
    }
    lines
}

/// Writes the accesses of this test to the directory that `MEMTRAP_TRACES` names, if it names one. To be called once in
/// a test that has a trace to compare.
///
/// # Panics
///
/// If the files cannot be written.
pub(crate) fn keep(trace: &Trace) {
    let Some(directory) = env::var_os("MEMTRAP_TRACES") else { return };
    let test = thread::current().name().expect("the harness names the thread after the test").replace("::", ".");
    let text = lines(trace, |event| {
        let (direction, access, value) = (event.direction, event.access, event.value);
        let place = event.register().map_or_else(String::new, |register| format!(" ({register})"));
        format!("{direction:5} {} bytes at {:#06x}{place}: {value:#x}\n", access.width.bytes(), access.offset)
    });
    let path = PathBuf::from(directory).join(test);
    for (extension, content) in [("trace", text.concat()), ("count", format!("{}\n", trace.accesses().count()))] {
        let file = path.with_added_extension(extension);
        fs::write(&file, content).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
}
