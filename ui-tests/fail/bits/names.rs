//! Names of generated methods.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0)]
    bits: bool,
    #[bits(1)]
    a: bool,
    #[bits(2)]
    a: bool,
    #[bits(3)]
    set_a: bool,
}

fn main() {}
