//! What a register has already.
use memtrap::register;

#[register(u32)]
#[derive(Clone, Copy, PartialOrd)]
pub struct Control {
    #[bits(0..=3)]
    a: u8,
}

fn main() {}
