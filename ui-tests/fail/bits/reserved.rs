//! Bits that no field has.
use memtrap::register;

#[register(u32, reserved = deny)]
pub struct Control {
    #[bits(0..=3)]
    a: u8,
    #[bits(8)]
    b: bool,
    #[bits(10..=31)]
    c: u32,
}

fn main() {}
