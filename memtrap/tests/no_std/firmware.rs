//! A program with nothing below it: no `std`, no C library, no start-up code. `no_std.rs` compiles, links and runs it.
//!
//! It declares its own panic handler, which the compiler refuses if any crate it links brings `std`.
#![no_std]
#![no_main]

use core::{arch::asm, arch::naked_asm, panic::PanicInfo};
use memtrap::map::{AccessKind, Register, RegisterMap, Width};

#[cfg(needs_std)]
extern crate std;

static MAP: RegisterMap = RegisterMap::new("uart", 0x1000, Width::U32, {
    const REGISTERS: &[Register] = &[
        Register::new("dr", 0x000, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("fr", 0x018, Width::U32, AccessKind::ReadOnly, 0x90),
    ];
    REGISTERS
});

/// Ends with status 0 if the crate works here.
extern "C" fn main() -> ! {
    let found = MAP.find(0x1a).is_some_and(|place| place.register == 1 && place.within == 2);
    exit(if found { 0 } else { 1 })
}

/// Linux's `exit_group`.
fn exit(status: i32) -> ! {
    // SAFETY: The call ends the process and does not return.
    unsafe { asm!("syscall", in("rax") 231, in("rdi") status, options(noreturn)) }
}

/// Where the kernel enters the program.
///
/// # Safety
///
/// Called by the kernel only.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn _start() -> ! {
    naked_asm!("and rsp, -16", "call {main}", "ud2", main = sym main)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    exit(101)
}

/// The host's `core` is compiled to unwind and names the routine that would do it; that of a bare-metal target is not.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
