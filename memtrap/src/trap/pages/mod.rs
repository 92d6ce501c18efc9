//! Address space: reservations that are never made accessible, and pages for stubs.

pub(super) mod code;

use crate::{bus::table::PAGE, error::MapError};
use std::{
    collections::BTreeMap,
    fs, io,
    ops::Range,
    ptr,
    sync::{Mutex, OnceLock, PoisonError},
};

/// Size of one reservation from which regions at any address are cut, in bytes. Address space, not memory.
const ARENA: usize = 1 << 30;

/// The reservations that regions at any address are cut from: at most so many.
static ARENAS: [OnceLock<Range<usize>>; 256] = [const { OnceLock::new() }; 256];

/// What is left of the newest arena.
static FREE: Mutex<Range<usize>> = Mutex::new(0..0);

/// The page ranges reserved at fixed addresses, by their starts. They are kept until the process ends.
static FIXED: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());

/// Reserves address space for `size` bytes, and a page behind it that belongs to no region.
pub(crate) fn reserve(size: usize) -> Result<usize, MapError> {
    let system = |source| MapError::System { address: None, size, source };
    super::install().map_err(system)?;
    let too_large = || system(io::ErrorKind::OutOfMemory.into());
    let span = size.checked_next_multiple_of(PAGE).and_then(|size| size.checked_add(PAGE)).ok_or_else(too_large)?;

    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    if free.len() < span {
        let length = span.max(ARENA);
        let slot = ARENAS.iter().find(|arena| arena.get().is_none()).ok_or_else(too_large)?;
        let start = map(None, length, libc::PROT_NONE, RESERVE, None).map_err(system)?;
        // The slot was free, and `FREE` is locked.
        let _ = slot.set(start..start + length);
        *free = start..start + length;
        super::promote::cover(&(start..start + length));
    }
    let start = free.start;
    free.start += span;
    Ok(start)
}

/// Reserves the pages of `size` bytes at `address`, except those that are reserved already.
pub(crate) fn reserve_at(address: usize, size: usize) -> Result<(), MapError> {
    let system = |source| MapError::System { address: Some(address), size, source };
    super::install().map_err(system)?;
    let wanted = address - address % PAGE..(address + size).next_multiple_of(PAGE);

    let mut fixed = FIXED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut mapped: Vec<Range<usize>> = Vec::new();
    for hole in holes(&fixed, wanted.clone()) {
        match map(Some(hole.start), hole.len(), libc::PROT_NONE, RESERVE | libc::MAP_FIXED_NOREPLACE, None) {
            Ok(_) => mapped.push(hole),
            Err(error) => {
                mapped.iter().for_each(unmap);
                return Err(fixed_error(address, size, error, &hole));
            }
        }
    }
    super::promote::cover(&wanted);
    fixed.extend(mapped.into_iter().map(|range| (range.start, range.end)));
    Ok(())
}

/// Makes the process ready for traps of port I/O.
pub(crate) fn reserve_ports() -> Result<(), MapError> {
    super::install().map_err(|source| MapError::System { address: None, size: 0, source })
}

/// Whether the address lies in a reservation that regions at any address are cut from. Safe in a signal handler.
pub(super) fn in_arena(address: usize) -> bool {
    ARENAS.iter().map_while(OnceLock::get).any(|arena| arena.contains(&address))
}

/// The parts of `wanted` that no entry of `reserved` covers.
fn holes(reserved: &BTreeMap<usize, usize>, wanted: Range<usize>) -> Vec<Range<usize>> {
    let mut holes = Vec::new();
    let mut at = wanted.start;
    let before = reserved.range(..=at).next_back();
    for (&start, &end) in before.into_iter().chain(reserved.range(at + 1..wanted.end)) {
        if start > at {
            holes.push(at..start);
        }
        at = at.max(end);
    }
    if at < wanted.end {
        holes.push(at..wanted.end);
    }
    holes
}

/// What is mapped in `range`, as the operating system describes it.
fn occupant(range: &Range<usize>) -> Option<String> {
    let maps = fs::read_to_string("/proc/self/maps").ok()?;
    maps.lines().find_map(|line| {
        let (addresses, rest) = line.split_once(' ')?;
        let (start, end) = addresses.split_once('-')?;
        let mapping = usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?;
        let overlaps = mapping.start < range.end && range.start < mapping.end;
        let name = rest.split_whitespace().nth(4).unwrap_or("anonymous memory");
        overlaps.then(|| format!("{name} ({addresses})"))
    })
}

/// Two views of the same fresh pages: one to write, one to execute.
pub(super) struct CodePages {
    /// Where the code is written.
    pub(super) writable: *mut u8,
    /// Where the same bytes are executed.
    pub(super) executable: usize,
}

/// Maps `size` bytes, a multiple of the page size, for machine code. They are never unmapped.
pub(super) fn map_code(size: usize) -> io::Result<CodePages> {
    // SAFETY: The name is a C string; the call makes a file descriptor.
    let file = unsafe { libc::memfd_create(c"memtrap stubs".as_ptr(), libc::MFD_CLOEXEC) };
    if file < 0 {
        return Err(io::Error::last_os_error());
    }
    let views = (|| {
        // SAFETY: The file descriptor is this function's own.
        if unsafe { libc::ftruncate(file, size.try_into().map_err(io::Error::other)?) } < 0 {
            return Err(io::Error::last_os_error());
        }
        let writable = map(None, size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED, Some(file))?;
        let executable = map(None, size, libc::PROT_READ | libc::PROT_EXEC, libc::MAP_SHARED, Some(file))
            .inspect_err(|_| unmap(&(writable..writable + size)))?;
        Ok(CodePages { writable: ptr::with_exposed_provenance_mut(writable), executable })
    })();
    // SAFETY: The file descriptor is this function's own; the mappings stay.
    unsafe { libc::close(file) };
    views
}

/// Maps `size` bytes of zeroed memory at `address`. It is never unmapped.
pub(super) fn map_memory(address: usize, size: usize) -> Result<(), MapError> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_FIXED_NOREPLACE;
    match map(Some(address), size, libc::PROT_READ | libc::PROT_WRITE, flags, None) {
        Ok(_) => Ok(()),
        Err(error) => Err(fixed_error(address, size, error, &(address..address + size))),
    }
}

/// Why `hole`, a part of `size` bytes at `address`, could not be mapped.
fn fixed_error(address: usize, size: usize, error: io::Error, hole: &Range<usize>) -> MapError {
    match error.raw_os_error() {
        Some(libc::EEXIST) => MapError::AddressTaken { address, size, by: occupant(hole) },
        Some(libc::ENOMEM) => MapError::OutOfRange { address, size },
        _ => MapError::System { address: Some(address), size, source: error },
    }
}

/// Maps `size` bytes for a stack. Safe in a signal handler.
pub(super) fn map_stack(size: usize) -> io::Result<*mut u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK;
    map(None, size, libc::PROT_READ | libc::PROT_WRITE, flags, None).map(ptr::with_exposed_provenance_mut)
}

/// Unmaps what [`map_stack`] has mapped. Safe in a signal handler.
pub(super) fn unmap_stack(start: *mut u8, size: usize) {
    unmap(&(start.addr()..start.addr() + size));
}

const RESERVE: i32 = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;

/// Maps `length` bytes of fresh address space; never replaces a mapping.
fn map(address: Option<usize>, length: usize, protection: i32, flags: i32, file: Option<i32>) -> io::Result<usize> {
    let hint = ptr::without_provenance_mut(address.unwrap_or(0));
    // SAFETY: The mapping is new: either the kernel chooses its address, or `MAP_FIXED_NOREPLACE` keeps it from
    // replacing another; a kernel that does not know the flag takes the address as a hint.
    let start = unsafe { libc::mmap(hint, length, protection, flags, file.unwrap_or(-1), 0) };
    if start == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    let start = start.expose_provenance();
    if address.is_some_and(|address| address != start) {
        unmap(&(start..start + length));
        return Err(io::Error::from_raw_os_error(libc::EEXIST));
    }
    Ok(start)
}

fn unmap(range: &Range<usize>) {
    // SAFETY: The range was mapped by this module, and nobody uses it (any more).
    unsafe { libc::munmap(ptr::with_exposed_provenance_mut(range.start), range.len()) };
}

#[cfg(test)]
mod tests {
    use super::holes;
    use std::collections::BTreeMap;

    #[test]
    fn holes_are_what_is_not_reserved() {
        let reserved = BTreeMap::from([(10, 20), (30, 40)]);
        let holes =
            |wanted| holes(&reserved, wanted).into_iter().map(|hole| (hole.start, hole.end)).collect::<Vec<_>>();
        assert_eq!(holes(0..50), [(0, 10), (20, 30), (40, 50)]);
        assert_eq!(holes(15..35), [(20, 30)]);
        assert_eq!(holes(10..20), []);
        assert_eq!(holes(40..41), [(40, 41)]);
        assert_eq!(holes(5..10), [(5, 10)]);
        assert_eq!(holes(12..18), []);
    }
}
