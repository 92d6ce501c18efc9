//! A field that has no bits.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0)]
    a: bool,
    b: bool,
    #[bits]
    c: bool,
    #[bits(w1c)]
    d: bool,
}

fn main() {}
