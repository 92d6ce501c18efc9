//! The width has no default.
use memtrap::register;

#[register()]
pub struct Control {
    #[bits(0)]
    a: bool,
}

fn main() {}
