//! What to do with reserved bits.
use memtrap::register;

#[register(u32, reserved = zeros)]
pub struct Control {
    #[bits(0..=3)]
    a: u8,
}

fn main() {}
