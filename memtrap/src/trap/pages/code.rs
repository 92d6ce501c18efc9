//! Code that is there already: where it comes from, and how it is changed.

use super::{map, unmap};
use crate::bus::table::PAGE;
use std::{
    fs::{self, OpenOptions},
    io,
    ops::Range,
    os::unix::fs::FileExt as _,
    ptr,
};

/// A mapping of the process that can be executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Executable {
    pub(in super::super) range: Range<usize>,
    /// Whether changes stay in this process.
    pub(in super::super) private: bool,
    pub(in super::super) writable: bool,
    /// The mapped file, `[vdso]`, or nothing.
    pub(in super::super) name: String,
}

/// The executable mapping that `address` lies in.
pub(in super::super) fn executable_at(address: usize) -> Option<Executable> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().filter_map(parse).find(|mapping| mapping.range.contains(&address))
}

/// The name that the main program has as a mapping.
pub(in super::super) fn main_program() -> Option<String> {
    fs::read_link("/proc/self/exe").ok()?.into_os_string().into_string().ok()
}

/// A line of `/proc/self/maps` that describes an executable mapping.
fn parse(line: &str) -> Option<Executable> {
    let (addresses, rest) = line.split_once(' ')?;
    let (start, end) = addresses.split_once('-')?;
    let (permissions, rest) = rest.split_once(' ')?;
    // Offset, device and inode come before the name.
    let name = rest.splitn(4, ' ').nth(3).unwrap_or_default().trim_start();
    permissions.contains('x').then_some(())?;
    Some(Executable {
        range: usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?,
        private: permissions.contains('p'),
        writable: permissions.contains('w'),
        name: name.to_owned(),
    })
}

/// Maps `code` bytes to execute at `address` and `data` bytes to write behind them, both multiples of the page size. They
/// are private to the process and never unmapped.
pub(in super::super) fn map_pad(address: usize, code: usize, data: usize) -> io::Result<()> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    let start = map(Some(address), code + data, libc::PROT_READ | libc::PROT_WRITE, flags, None)?;
    // Never writable and executable at once.
    protect(start..start + code, libc::PROT_READ | libc::PROT_EXEC)
        .inspect_err(|_| unmap(&(start..start + code + data)))
}

/// Overwrites machine code, whose pages `mapping` describes, with `bytes`. Other threads may be executing it.
///
/// # Errors
///
/// If the system forbids it; then nothing has changed.
///
/// # Safety
///
/// What a thread executes while some of the bytes are written and others are not is correct.
pub(in super::super) unsafe fn write_code(address: usize, bytes: &[u8], writable: bool) -> io::Result<()> {
    if writable {
        // SAFETY: The mapping is writable, and the caller vouches for what is executed.
        unsafe { store(address, bytes) };
        return Ok(());
    }
    // Written from the side, the pages need not become writable. Opened each time: after a fork the old file would be
    // the parent's memory.
    let from_the_side = OpenOptions::new().write(true).open("/proc/self/mem");
    if from_the_side.and_then(|memory| memory.write_all_at(bytes, address as u64)).is_ok() {
        return Ok(());
    }
    let pages = address - address % PAGE..(address + bytes.len()).next_multiple_of(PAGE);
    protect(pages.clone(), libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC)?;
    // SAFETY: The pages are writable now, and the caller vouches for what is executed.
    unsafe { store(address, bytes) };
    protect(pages, libc::PROT_READ | libc::PROT_EXEC)
}

/// # Safety
///
/// The bytes at `address` are mapped and writable, and no Rust object.
unsafe fn store(address: usize, bytes: &[u8]) {
    let to = ptr::with_exposed_provenance_mut::<u8>(address);
    // SAFETY: The caller vouches for the destination; `bytes` is valid for the read.
    unsafe { to.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

fn protect(range: Range<usize>, protection: i32) -> io::Result<()> {
    let start = ptr::with_exposed_provenance_mut(range.start);
    // SAFETY: The range holds machine code, which stays readable and executable, or is a fresh mapping of this module's.
    if unsafe { libc::mprotect(start, range.len(), protection) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Has every thread of the process notice changed code before it executes another instruction.
pub(in super::super) fn serialise_cores() -> io::Result<()> {
    membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE)
}

/// Allows [`serialise_cores`] in this process.
pub(in super::super) fn prepare_to_serialise_cores() -> io::Result<()> {
    membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE)
}

fn membarrier(command: i32) -> io::Result<()> {
    // SAFETY: The command takes no pointers.
    if unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{executable_at, main_program, parse};

    #[test]
    fn a_function_of_the_program_is_found() {
        let here = a_function_of_the_program_is_found as *const () as usize;
        let mapping = executable_at(here).expect("this function is executed");
        assert!(mapping.private && !mapping.writable, "{mapping:?}");
        assert_eq!(Some(mapping.name), main_program());
        assert_eq!(executable_at(0x10), None);
    }

    #[test]
    fn names_may_be_missing_or_have_spaces() {
        let name = |line| parse(line).map(|mapping| mapping.name);
        assert_eq!(name("7f0000000000-7f0000001000 r-xp 00000000 00:00 0 ").as_deref(), Some(""));
        assert_eq!(name("7f00-7f10 r-xp 00001000 fe:00 12      /a b (deleted)").as_deref(), Some("/a b (deleted)"));
        assert_eq!(name("7f00-7f10 r--p 00001000 fe:00 12      /a"), None);
    }
}
