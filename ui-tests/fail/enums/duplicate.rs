//! Two names for one value.
use memtrap::FieldEnum;

#[derive(Clone, Copy, Debug, FieldEnum)]
#[repr(u8)]
pub enum Level {
    Low,
    High,
    Full = 1,
    #[other]
    Reserved(u8),
}

fn main() {}
