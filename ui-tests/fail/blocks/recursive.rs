//! A block that would contain itself.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Node {
    #[reg(0x00, rw)]
    value: u32,
    #[block(0x80)]
    next: Node,
}

fn main() {
    let mut node = unsafe { Node::at(0x1000) };
    node.value().write(1);
}
