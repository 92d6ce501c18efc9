//! A model implements the block's trait.
use memtrap::simulated;

#[simulated(size = 0x100)]
pub struct Block {
    #[reg(0x00, ro)]
    status: u32,
    #[reg(0x04, wo)]
    command: u32,
    #[reg(0x08, rw)]
    control: u32,
    #[reg(0x0c, rw)]
    channel: [u32; 2],
}

struct Model;

fn main() {
    let sim = Block::simulate(Model).unwrap();
    // No follow-up errors: what is made of it has its methods in spite of the mistake.
    sim.regs().control().write(1);
    let _ = (sim.model(), sim.state().control, sim.trace(), sim.base());
    sim.reset();
}

fn on_a_bus(bus: &memtrap::Bus) -> Result<memtrap::Simulation<Block, Model>, memtrap::MapError> {
    bus.simulate_at(0x1000_0000, Model)
}
