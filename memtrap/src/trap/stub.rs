//! Pages that hold stubs: single instructions, re-encoded to work on a buffer.
//!
//! A stub is written once, before anybody knows its address, and never changed or freed.

use super::{asm, pages};
use crate::bus::table::PAGE;
use std::{
    io,
    ops::Range,
    process,
    sync::{Mutex, OnceLock, PoisonError},
};

/// Size of the pages that are mapped at a time, in bytes.
const CHUNK: usize = 16 * PAGE;
/// Stubs start at multiples of this.
const ALIGN: usize = 16;

/// The executable ranges: at most so many.
static CHUNKS: [OnceLock<Range<usize>>; 1024] = [const { OnceLock::new() }; 1024];
static FREE: Mutex<Option<Free>> = Mutex::new(None);

/// What is left of the newest chunk.
struct Free {
    chunk: pages::CodePages,
    used: usize,
    /// A forked child shares the pages with its parent, so it takes new ones.
    process: u32,
}

// SAFETY: The pointer is to shared pages that are never unmapped; `FREE` serialises its use.
unsafe impl Send for Free {}

/// Writes a stub that executes `instruction` and returns to the engine; its address.
///
/// # Errors
///
/// If no executable memory can be had.
pub(super) fn write(instruction: &[u8]) -> io::Result<usize> {
    // `jmp [rip + padding]`, then the address. It is aligned because it is loaded under the driver's flags, which may ask
    // for alignment checks.
    let mut code = instruction.to_vec();
    let behind_jump = code.len() + 6;
    let padding = behind_jump.next_multiple_of(size_of::<usize>()) - behind_jump;
    code.extend([0xff, 0x25, padding as u8, 0, 0, 0]);
    code.extend(std::iter::repeat_n(0xcc, padding));
    code.extend(asm::stub_exit().to_le_bytes());

    let mut free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    let fits = |free: &Free| free.process == process && free.used + code.len() <= CHUNK;
    if !free.as_ref().is_some_and(fits) {
        let slot = CHUNKS.iter().find(|chunk| chunk.get().is_none()).ok_or(io::ErrorKind::OutOfMemory)?;
        let chunk = pages::map_code(CHUNK)?;
        // The slot was free, and `FREE` is locked.
        let _ = slot.set(chunk.executable..chunk.executable + CHUNK);
        *free = Some(Free { chunk, used: 0, process });
    }
    let free = free.as_mut().expect("filled above");
    // SAFETY: `used + code.len()` is at most `CHUNK`, so the destination lies inside the chunk.
    let to = unsafe { free.chunk.writable.add(free.used) };
    // SAFETY: The destination is inside the chunk and beyond all stubs in use; `FREE` is locked.
    unsafe { to.copy_from_nonoverlapping(code.as_ptr(), code.len()) };
    let address = free.chunk.executable + free.used;
    free.used = (free.used + code.len()).next_multiple_of(ALIGN);
    Ok(address)
}

/// Whether `rip` lies in a stub. Safe in a signal handler.
pub(super) fn contains(rip: usize) -> bool {
    CHUNKS.iter().map_while(OnceLock::get).any(|chunk| chunk.contains(&rip))
}
