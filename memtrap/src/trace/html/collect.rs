//! Pictures of all buses of a test run, while somebody asks for them.

use super::{super::Trace, page};
use std::{
    env,
    fs::{self, File},
    io::{self, ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::OnceLock,
};

/// Names the directory of the pages.
const VARIABLE: &str = "MEMTRAP_TIMELINE";

/// Leaves the page of what a bus has recorded in its life, if somebody asks for it. `name` gives the file and the title,
/// the test's name.
pub(crate) fn picture(name: impl FnOnce() -> (String, String), trace: impl FnOnce() -> Trace) {
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();

    let Some(directory) = DIRECTORY.get_or_init(|| env::var_os(VARIABLE).map(PathBuf::from)) else { return };
    let trace = trace();
    if trace.events.is_empty() {
        return;
    }
    let (file, title) = name();
    if let Err(error) = write(directory, &file, &page(&trace, &title)) {
        eprintln!("memtrap: the time line cannot be written to {}: {error}", directory.display());
    }
}

/// Writes `name.html`, or `name.2.html` … if a test has several buses.
fn write(directory: &Path, name: &str, page: &str) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { format!(".{number}") };
        match File::create_new(directory.join(format!("{name}{suffix}.html"))) {
            Ok(mut file) => return file.write_all(page.as_bytes()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => return Err(error),
        }
    }
}
