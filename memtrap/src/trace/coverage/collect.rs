//! The coverage of all buses of this process, kept in a file while somebody asks for it.

use super::{Coverage, file::EXTENSION};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::{Mutex, OnceLock, PoisonError},
};

/// Names the directory of the files.
const VARIABLE: &str = "MEMTRAP_COVERAGE";

/// Adds what a bus has covered in its life, if somebody asks for coverage.
pub(crate) fn collect(coverage: impl FnOnce() -> Coverage) {
    static DIRECTORY: OnceLock<Option<PathBuf>> = OnceLock::new();
    static SUM: Mutex<Option<Coverage>> = Mutex::new(None);

    let Some(directory) = DIRECTORY.get_or_init(|| env::var_os(VARIABLE).map(PathBuf::from)) else { return };
    let mut sum = SUM.lock().unwrap_or_else(PoisonError::into_inner);
    let sum = sum.get_or_insert_default();
    sum.merge(&coverage());
    if let Err(error) = write(directory, sum) {
        eprintln!("memtrap: the coverage cannot be written to {}: {error}", directory.display());
    }
}

fn write(directory: &Path, sum: &Coverage) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    // In one step, so that whoever reads the directory meanwhile finds the old file or the new one.
    let file = directory.join(format!("{}.{EXTENSION}", process::id()));
    let new = file.with_extension("new");
    fs::write(&new, sum.to_file())?;
    fs::rename(new, file)
}
