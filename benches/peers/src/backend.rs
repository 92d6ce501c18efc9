//! `safe-mmio` with another backend: one for the whole program, chosen when it is linked. It is given an address, and whatever
//! finds the device and calls it is up to whoever writes it; here the cheapest that several threads could use.

use memtrap_benches::{
    mock::{Bus, Mock},
    rounds::Mechanism,
};
use safe_mmio::{MmioOps, UniqueMmioPointer, field, fields::ReadWrite, set_mmio_ops};
use std::{
    ptr::{self, NonNull},
    sync::{LazyLock, Mutex, MutexGuard},
};

const BASE: usize = 0x0900_0000;
const COUNT: u32 = 10_000;

static DEVICE: LazyLock<Mutex<Box<dyn Bus>>> = LazyLock::new(|| Mutex::new(Box::new(Mock::default())));

fn device() -> MutexGuard<'static, Box<dyn Bus>> {
    DEVICE.lock().expect("no mock panics")
}

/// The driver accesses another device than it has.
fn other_width() -> ! {
    panic!("the device has registers of 32 bits, and no others")
}

struct Backend;

// No memory is accessed; a simulated device answers.
impl MmioOps for Backend {
    unsafe fn read_u8(_: *const u8) -> u8 {
        other_width()
    }

    unsafe fn read_u16(_: *const u16) -> u16 {
        other_width()
    }

    unsafe fn read_u32(from: *const u32) -> u32 {
        device().read(from.addr() - BASE)
    }

    unsafe fn read_u64(_: *const u64) -> u64 {
        other_width()
    }

    unsafe fn write_u8(_: *mut u8, _: u8) {
        other_width()
    }

    unsafe fn write_u16(_: *mut u16, _: u16) {
        other_width()
    }

    unsafe fn write_u32(to: *mut u32, value: u32) {
        device().write(to.addr() - BASE, value);
    }

    unsafe fn write_u64(_: *mut u64, _: u64) {
        other_width()
    }
}

set_mmio_ops!(Backend);

#[repr(C)]
struct Registers {
    reserved: [u32; 6],
    value: ReadWrite<u32>,
}

fn registers() -> UniqueMmioPointer<'static, Registers> {
    let base = NonNull::new(ptr::without_provenance_mut(BASE)).expect("not at address 0");
    // SAFETY: The backend accesses no memory, whatever the address.
    unsafe { UniqueMmioPointer::new(base) }
}

/// A load and a store.
pub fn mechanisms() -> Vec<Mechanism<'static>> {
    vec![load(), store()]
}

fn load() -> Mechanism<'static> {
    let mut registers = registers();
    let mut reads = 0_u32;
    Mechanism::new("safe-mmio-backend-load", COUNT, move |count| {
        for _ in 0..count {
            reads = reads.wrapping_add(1);
            assert_eq!(field!(registers, value).read(), reads);
        }
    })
}

fn store() -> Mechanism<'static> {
    let mut registers = registers();
    Mechanism::new("safe-mmio-backend-store", COUNT, move |count| {
        (1..=count).for_each(|value| field!(registers, value).write(value));
        assert_eq!(device().written(), count);
    })
}
