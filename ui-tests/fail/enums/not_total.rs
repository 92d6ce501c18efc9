//! Values without a name.
use memtrap::{FieldEnum, register};

#[derive(Clone, Copy, Debug, FieldEnum)]
pub enum Level {
    Low,
    High,
    Full,
}

#[register(u32)]
pub struct Control {
    #[bits(0..=1)]
    a: Level,
}

fn main() {}
