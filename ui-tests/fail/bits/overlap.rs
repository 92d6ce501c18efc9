//! Two fields share bits.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0..=7)]
    a: u8,
    #[bits(4..=11)]
    b: u8,
}

fn main() {}
