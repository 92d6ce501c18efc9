//! The smallest block.
use memtrap::simulated;

#[simulated(size = 4)]
pub struct One {
    #[reg(0, rw)]
    pub value: u32,
}

struct Model;
impl one::Model for Model {}

#[test]
fn runs() {
    let sim = One::simulate(Model).unwrap();
    let mut one = sim.regs();
    one.value().write(7);
    assert_eq!(sim.state().value, 7);
}
