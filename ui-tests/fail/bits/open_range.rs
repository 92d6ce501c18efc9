//! A range of bits has both ends.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(4..)]
    a: u8,
}

fn main() {}
