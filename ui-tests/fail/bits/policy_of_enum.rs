//! A policy that acts on single bits makes no sense for one value of several.
use memtrap::{FieldEnum, register};

#[derive(Clone, Copy, Debug, FieldEnum)]
pub enum Level {
    Low,
    High,
    Full,
    Over,
}

#[register(u32)]
pub struct Control {
    #[bits(0..=1, w1c)]
    a: Level,
}

fn main() {}
