//! Derived for enumerations only.
use memtrap::FieldEnum;

#[derive(Clone, Copy, Debug, FieldEnum)]
pub struct Level(u8);

fn main() {}
