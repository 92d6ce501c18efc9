//! A type that cannot hold the bits of its field.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0..=8)]
    a: u8,
    #[bits(9..=31)]
    b: u16,
}

fn main() {}
