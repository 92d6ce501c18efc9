//! A field is contiguous.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0)]
    #[bits(2)]
    a: bool,
    #[bits(3, 5)]
    b: bool,
}

fn main() {}
