//! The runtime crate is not where the option says.

#[memtrap::simulated(size = 4, crate = ::nowhere)]
pub struct Block {
    #[reg(0, rw)]
    a: u32,
}

fn main() {}
