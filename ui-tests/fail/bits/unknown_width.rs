//! No access transfers 24 bits.
use memtrap::register;

#[register(u24)]
pub struct Control {
    #[bits(0)]
    a: bool,
}

fn main() {}
