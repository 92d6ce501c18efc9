//! A type that a field cannot hold.
use memtrap::register;

#[derive(Clone, Copy, Debug)]
pub enum Level {
    Low,
    High,
}

#[register(u32)]
pub struct Control {
    #[bits(0)]
    a: Level,
}

fn main() {}
