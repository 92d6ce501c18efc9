//! Only a declared block can be simulated.

pub struct Block {
    pub a: u32,
}

fn main() {
    let _ = memtrap::Bus::new().simulate::<Block, _>(());
}
