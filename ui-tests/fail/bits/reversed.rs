//! The lowest bit comes first.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(7..=4)]
    a: u8,
}

fn main() {}
