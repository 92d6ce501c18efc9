//! Another view of bits that others have: of bits that nobody has, with a policy, twice, misspelt.
use memtrap::register;

#[register(u16)]
pub struct Status {
    #[bits(0..=3, rc)]
    low: u8,
    #[bits(4..=7)]
    high: u8,
    #[bits(4..=9, alias)]
    beyond: u8,
    #[bits(0, alias, w1c)]
    first: bool,
    #[bits(1, alias, alias)]
    second: bool,
    #[bits(2, alais)]
    third: bool,
}

fn main() {}
