//! A misspelt policy.
use memtrap::register;

#[register(u32)]
pub struct Control {
    #[bits(0, w1cl)]
    a: bool,
    #[bits(1, ro, rw)]
    b: bool,
}

fn main() {}
