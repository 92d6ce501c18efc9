//! A program with nothing below it: no `std`, no C library, no start-up code. `no_std.rs` compiles, links and runs it.
//!
//! It declares its own panic handler, which the compiler refuses if any crate it links brings `std`.
#![no_std]
#![no_main]

use core::{arch::asm, arch::naked_asm, panic::PanicInfo};
use memtrap::{register, simulated};

#[cfg(needs_std)]
extern crate std;

/// A UART.
#[simulated(size = 0x20, width = 32)]
pub struct Uart {
    /// Data.
    #[reg(0x00, rw)]
    pub dr: u32,
    /// One divisor a channel.
    #[reg(0x08, rw)]
    pub divisor: [u16; 4],
    /// Flags.
    #[reg(0x18, ro, reset = 0x90)]
    pub fr: Flags,
}

/// Flags.
#[register(u32)]
pub struct Flags {
    /// The transmit FIFO is full.
    #[bits(5)]
    pub tx_full: bool,
}

/// Stands in for the hardware.
static mut REGISTERS: [u64; 4] = [0; 4];

/// Ends with status 0 if the handle accesses what it should.
extern "C" fn main() -> ! {
    let registers = &raw mut REGISTERS;
    // SAFETY: The array is as large and as aligned as the block, lives for ever, and has one handle.
    let mut uart = unsafe { Uart::new(registers.cast()) };
    if !uart.fr().read().tx_full() {
        uart.dr().write(0x1234_5678);
    }
    uart.divisor().at(3).write(0xabcd);
    uart.dr().modify(|value| value | 1 << 31);
    // SAFETY: Nothing refers to the array.
    let left = unsafe { registers.read() };
    exit(if left == [0x9234_5678, 0xabcd << 48, 0, 0] { 0 } else { 1 })
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
