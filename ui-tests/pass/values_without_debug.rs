//! A value type that implements nothing but what a register needs.

#[derive(Clone, Copy)]
pub struct Opaque(u16);

impl memtrap::RegisterValue for Opaque {
    type Bits = u16;
    fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
    fn into_bits(self) -> u16 {
        self.0
    }
}

#[memtrap::simulated(size = 0x10)]
pub struct Block {
    #[reg(0x0, rw, reset = 0xab)]
    pub one: Opaque,
    #[reg(0x2, rw, reset = 0xcd)]
    pub many: [Opaque; 2],
}

struct Model;
impl block::Model for Model {}

#[test]
fn runs() {
    let sim = Block::simulate(Model).unwrap();
    assert_eq!(format!("{:?}", sim.state()), "State { one: 0x00ab, many: [0x00cd, 0x00cd] }");
    assert_eq!(*sim.state(), sim.state_at_reset());
}

trait AtReset {
    fn state_at_reset(&self) -> block::State;
}

impl AtReset for memtrap::Simulation<Block, Model> {
    fn state_at_reset(&self) -> block::State {
        block::State::default()
    }
}
