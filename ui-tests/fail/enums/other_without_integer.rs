//! What keeps a value needs an integer.
use memtrap::FieldEnum;

#[derive(Clone, Copy, Debug, FieldEnum)]
pub enum Level {
    Low,
    #[other]
    Reserved,
}

fn main() {}
