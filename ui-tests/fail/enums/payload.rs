//! A variant names one value.
use memtrap::FieldEnum;

#[derive(Clone, Copy, Debug, FieldEnum)]
pub enum Level {
    Low,
    High(u8),
}

fn main() {}
