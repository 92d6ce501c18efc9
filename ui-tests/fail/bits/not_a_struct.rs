//! A register is a struct.
use memtrap::register;

#[register(u32)]
pub enum Control {
    A,
}

fn main() {}
