//! A handle whose accessors all take `&self` stays on its thread, and so do its registers while they are borrowed.
use memtrap::simulated;

#[simulated(size = 0x10, shared)]
pub struct Block {
    #[reg(0x00, rw)]
    control: u32,
}

#[simulated(size = 0x10)]
pub struct Exclusive {
    #[reg(0x00, rw)]
    control: u32,
}

fn share<T: Sync>(_: T) {}

fn give<T: Send>(_: T) {}

fn driver(block: Block, mut exclusive: Exclusive) {
    share(&exclusive);
    give(exclusive.control());
    share(exclusive.control());
    share(&block);
    give(block.control());
    give(block);
}

fn main() {}
