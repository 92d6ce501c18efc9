//! Bits behind the highest of the register.
use memtrap::register;

#[register(u8)]
pub struct Control {
    #[bits(8)]
    a: bool,
    #[bits(6..=9)]
    b: u8,
}

fn main() {}
