//! A `bool` has one bit.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0..=1)]
    a: bool,
}

fn main() {}
