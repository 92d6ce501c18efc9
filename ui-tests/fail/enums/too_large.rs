//! A variant whose value its field cannot hold.
use memtrap::{FieldEnum, register};

#[derive(Clone, Copy, Debug, FieldEnum)]
#[repr(u8)]
pub enum Level {
    Low = 0,
    High = 5,
    #[other]
    Reserved(u8),
}

#[register(u32)]
pub struct Control {
    #[bits(0..=1)]
    a: Level,
}

fn main() {}
