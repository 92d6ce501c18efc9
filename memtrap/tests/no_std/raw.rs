//! The accesses of `typed.rs`, by hand.
#![no_std]

#[unsafe(no_mangle)]
pub unsafe extern "C" fn read(uart: &*mut u8) -> u32 {
    // SAFETY: The caller passes the address of a UART.
    unsafe { uart.wrapping_add(0x18).cast::<u32>().read_volatile() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn write(uart: &mut *mut u8, value: u32) {
    // SAFETY: The caller passes the address of a UART.
    unsafe { uart.cast::<u32>().write_volatile(value) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wait(uart: &mut *mut u8, byte: u32) {
    // SAFETY: The caller passes the address of a UART.
    while unsafe { uart.wrapping_add(0x18).cast::<u32>().read_volatile() } & 0x20 != 0 {}
    // SAFETY: As above.
    unsafe { uart.cast::<u32>().write_volatile(byte) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn modify(uart: &mut *mut u8) {
    let lcr = uart.wrapping_add(0x2c).cast::<u32>();
    // SAFETY: The caller passes the address of a UART.
    let value = unsafe { lcr.read_volatile() };
    // SAFETY: As above.
    unsafe { lcr.write_volatile(value | 0x70) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn element(uart: &mut *mut u8, value: u8) {
    // SAFETY: The caller passes the address of a UART.
    unsafe { uart.wrapping_add(0x405).write_volatile(value) };
}
