//! Bits are numbers.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits("4")]
    a: u8,
    #[bits(FIRST..=7)]
    b: u8,
}

fn main() {}
