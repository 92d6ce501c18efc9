//! Keeps what the engine says about a refusal, which it prints.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    os::fd::{AsRawFd, FromRawFd, OwnedFd},
    sync::atomic::{AtomicI32, Ordering},
};

/// The real standard error, while another file stands in for it.
static STANDARD_ERROR: AtomicI32 = AtomicI32::new(libc::STDERR_FILENO);

/// The real standard error. Safe in a signal handler.
pub(crate) fn standard_error() -> i32 {
    STANDARD_ERROR.load(Ordering::Relaxed)
}

/// A file in memory that stands in for standard error while an instance runs.
pub(crate) struct Capture {
    file: File,
    original: OwnedFd,
}

impl Capture {
    pub(crate) fn new() -> io::Result<Self> {
        // SAFETY: the name is a C string.
        let file = owned(unsafe { libc::memfd_create(c"memtrap-conformance".as_ptr(), libc::MFD_CLOEXEC) })?;
        // SAFETY: duplicating a descriptor has no preconditions.
        let original = owned(unsafe { libc::fcntl(libc::STDERR_FILENO, libc::F_DUPFD_CLOEXEC, 0) })?;
        STANDARD_ERROR.store(original.as_raw_fd(), Ordering::Relaxed);
        Ok(Self { file: file.into(), original })
    }

    /// Calls `work`; its result, and what was printed to standard error meanwhile.
    pub(crate) fn during<T>(&self, work: impl FnOnce() -> T) -> (T, String) {
        replace_standard_error(&self.file);
        let result = work();
        replace_standard_error(&self.original);
        (result, self.take().unwrap_or_default())
    }

    fn take(&self) -> io::Result<String> {
        let mut file = &self.file;
        if file.stream_position()? == 0 {
            return Ok(String::new());
        }
        file.seek(SeekFrom::Start(0))?;
        let mut text = Vec::new();
        file.read_to_end(&mut text)?;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(String::from_utf8_lossy(&text).into_owned())
    }
}

/// The engine's reason in a report that it printed; everything else that was printed is passed on.
pub(crate) fn reason(printed: &str) -> Option<String> {
    let reason = printed.lines().find_map(|line| line.split_once("is not carried out: ").map(|(_, reason)| reason));
    if reason.is_none() && !printed.is_empty() {
        // There is nobody to tell if it fails.
        let _ = io::stderr().write_all(printed.as_bytes());
    }
    reason.map(str::to_owned)
}

fn owned(descriptor: i32) -> io::Result<OwnedFd> {
    if descriptor < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

fn replace_standard_error(by: &impl AsRawFd) {
    // SAFETY: duplicating a descriptor has no preconditions; it fails only if the process may not open files.
    unsafe { libc::dup2(by.as_raw_fd(), libc::STDERR_FILENO) };
}
