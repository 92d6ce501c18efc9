//! The driver from the registry, exactly as it was published. It knows nothing of memtrap.

use arm_pl011_uart::{DataBits, LineConfig, PL011Registers, Parity, StopBits, Uart, UniqueMmioPointer};
use std::ptr::NonNull;

/// The driver on the registers at `base`, with 8 data bits, no parity and one stop bit.
pub fn uart(base: *mut u8, baud_rate: u32, clock: u32) -> Uart<'static> {
    let registers = NonNull::new(base.cast::<PL011Registers>()).expect("a region is not at address 0");
    // SAFETY: The region holds the registers of a PL011, and nobody else accesses them.
    let mut uart = Uart::new(unsafe { UniqueMmioPointer::new(registers) });
    let line = LineConfig { data_bits: DataBits::Bits8, parity: Parity::None, stop_bits: StopBits::One };
    uart.enable(line, baud_rate, clock).expect("the divisor fits");
    uart
}

/// Everything that has arrived.
pub fn drain(uart: &mut Uart<'_>) -> Vec<u8> {
    std::iter::from_fn(|| uart.read_word().expect("the line is free of errors")).collect()
}
