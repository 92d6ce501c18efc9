//! One variant keeps all values without a name.
use memtrap::FieldEnum;

#[derive(Clone, Copy, Debug, FieldEnum)]
pub enum Level {
    Low,
    #[other]
    Reserved(u8),
    #[other]
    Unknown(u8),
}

fn main() {}
