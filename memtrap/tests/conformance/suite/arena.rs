//! Where instances live: code, stack and data at fixed addresses, close enough together for 32-bit displacements.
//!
//! There are two arenas. The low one can be reached with 32-bit addresses; the high one has addresses whose upper
//! half matters.

use std::{io, ptr};

pub(crate) const PAGE: u64 = 0x1000;

/// Offsets from the start of an arena. What is not named is not mapped.
const CODE: u64 = 0;
const CODE_SIZE: u64 = 0x4000;
const LINKS: u64 = 0x5000;
const STACK: u64 = 0x1_0000;
const STACK_SIZE: u64 = 0x8_0000;
/// Below the window, for what a signal puts on the stack while the stack pointer is in the window's first page.
const ROOM: u64 = 0xa_0000;
const WINDOW: u64 = 0xc_0000;
const PROBE: u64 = 0xe_0000;
const PROBE_SIZE: u64 = 0x2000;

/// The data window: a page of memory, two pages of the first device, one of the second, a page of memory.
pub(crate) const WINDOW_SIZE: usize = 0x5000;
pub(crate) const FIRST_DEVICE: std::ops::Range<usize> = 0x1000..0x3000;
pub(crate) const SECOND_DEVICE: std::ops::Range<usize> = 0x3000..0x4000;

/// Landing pads beside the one behind each instance, for branches through memory.
pub(crate) const PADS: u32 = 4;

/// One set of fixed addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arena {
    base: u64,
}

pub(crate) const LOW: Arena = Arena { base: 0x2000_0000 };
pub(crate) const HIGH: Arena = Arena { base: 0x2b5a_7654_0000 };

impl Arena {
    pub(crate) const ALL: [Self; 2] = [LOW, HIGH];

    pub(crate) fn is_low(self) -> bool {
        self == LOW
    }

    /// Where instances are placed. The page behind it is not mapped.
    pub(crate) fn code(self) -> std::ops::Range<u64> {
        self.base + CODE..self.base + CODE + CODE_SIZE
    }

    /// The guest's stack; the unmapped space around it catches an overflow.
    pub(crate) fn stack(self) -> std::ops::Range<u64> {
        self.base + STACK..self.base + STACK + STACK_SIZE
    }

    pub(crate) fn window(self) -> u64 {
        self.base + WINDOW
    }

    /// Readable and writable memory between two unmapped pages.
    pub(crate) fn probe(self) -> std::ops::Range<u64> {
        self.base + PROBE..self.base + PROBE + PROBE_SIZE
    }

    /// Address of landing pad `number`, counted from 1.
    pub(crate) fn pad(self, number: u32) -> u64 {
        assert!((1..=PADS).contains(&number), "there are {PADS} landing pads");
        self.base + LINKS + 0x100 + 0x40 * u64::from(number)
    }

    /// Holds the address that [`trap_back`] jumps to.
    fn exit_link(self) -> u64 {
        self.base + LINKS
    }

    /// Holds the number of the landing pad that was reached.
    fn reached_link(self) -> u64 {
        self.base + LINKS + 8
    }

    /// Maps everything but the devices' part of the window and makes landing pads that leave to `exit`.
    pub(crate) fn map(self, exit: u64) -> io::Result<()> {
        let rw = libc::PROT_READ | libc::PROT_WRITE;
        map_fixed(self.base + CODE, CODE_SIZE, rw | libc::PROT_EXEC)?;
        map_fixed(self.base + LINKS, PAGE, rw | libc::PROT_EXEC)?;
        map_fixed(self.base + STACK, STACK_SIZE, rw)?;
        map_fixed(self.base + ROOM, WINDOW - ROOM + FIRST_DEVICE.start as u64, rw)?;
        let behind = SECOND_DEVICE.end;
        map_fixed(self.window() + behind as u64, (WINDOW_SIZE - behind) as u64, rw)?;
        map_fixed(self.base + PROBE, PROBE_SIZE, rw)?;
        write(self.exit_link(), &exit.to_le_bytes());
        for number in 1..=PADS {
            let address = self.pad(number);
            write(address, &self.trap_back(address, number));
        }
        Ok(())
    }

    /// Maps memory where the devices would be, for runs without any device.
    pub(crate) fn map_devices_as_memory(self) -> io::Result<()> {
        let size = SECOND_DEVICE.end - FIRST_DEVICE.start;
        map_fixed(self.window() + FIRST_DEVICE.start as u64, size as u64, libc::PROT_READ | libc::PROT_WRITE)
    }

    /// Machine code for `address` that notes `number` and leaves the guest without touching its registers or flags.
    pub(crate) fn trap_back(self, address: u64, number: u32) -> [u8; 16] {
        let displacement = |to: u64, next: u64| i32::try_from(to.wrapping_sub(next) as i64).expect("same arena");
        let mut code = [0; 16];
        code[..2].copy_from_slice(&[0xc7, 0x05]); // mov dword ptr [rip + reached], number
        code[2..6].copy_from_slice(&displacement(self.reached_link(), address + 10).to_le_bytes());
        code[6..10].copy_from_slice(&number.to_le_bytes());
        code[10..12].copy_from_slice(&[0xff, 0x25]); // jmp qword ptr [rip + exit]
        code[12..].copy_from_slice(&displacement(self.exit_link(), address + 16).to_le_bytes());
        code
    }

    /// Takes the number of the landing pad that was reached since the last call.
    pub(crate) fn take_reached(self) -> u32 {
        let mut number = [0; 4];
        read(self.reached_link(), &mut number);
        write(self.reached_link(), &u32::MAX.to_le_bytes());
        u32::from_le_bytes(number)
    }
}

fn map_fixed(address: u64, size: u64, protection: i32) -> io::Result<()> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED_NOREPLACE;
    // SAFETY: an anonymous mapping that replaces nothing has no preconditions.
    let at =
        unsafe { libc::mmap(ptr::without_provenance_mut(address as usize), size as usize, protection, flags, -1, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Changes the protection of pages that belong to an arena.
pub(crate) fn protect(address: u64, size: usize, protection: i32) {
    // SAFETY: the pages belong to an arena, of which no Rust reference exists.
    let result = unsafe { libc::mprotect(ptr::without_provenance_mut(address as usize), size, protection) };
    assert_eq!(result, 0, "mprotect at {address:#x}: {}", io::Error::last_os_error());
}

/// Copies `bytes` to an address in an arena. The pages are mapped and writable.
pub(crate) fn write(address: u64, bytes: &[u8]) {
    let to = ptr::with_exposed_provenance_mut::<u8>(address as usize);
    // SAFETY: callers pass mapped, writable memory of an arena, of which no Rust reference exists.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) }
}

/// Copies from an address in an arena to `bytes`. The pages are mapped and readable.
pub(crate) fn read(address: u64, bytes: &mut [u8]) {
    let from = ptr::with_exposed_provenance::<u8>(address as usize);
    // SAFETY: callers pass mapped, readable memory of an arena, of which no Rust reference exists.
    unsafe { ptr::copy_nonoverlapping(from, bytes.as_mut_ptr(), bytes.len()) }
}
