//! A range without bits.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(4..4)]
    a: u8,
}

fn main() {}
