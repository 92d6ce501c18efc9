//! Keywords as names of registers and blocks.
use memtrap::{Context, simulated, trace};

#[simulated(size = 0x10)]
pub struct r#Type {
    #[reg(0x0, rw)]
    pub r#type: u32,
    #[reg(0x4, rw)]
    pub r#match: [u16; 2],
}

#[simulated(size = 0x10)]
pub struct Match {
    #[reg(0x0, rw)]
    pub self_: u32,
}

struct Model;
impl r#type::Model for Model {
    fn write_type(&mut self, regs: &mut r#type::State, value: u32, _: &mut Context<'_>) {
        regs.r#type = value + 1;
    }
}

#[test]
fn runs() {
    let sim = r#Type::simulate(Model).unwrap();
    let mut regs = sim.regs();
    regs.r#type().write(1);
    regs.r#match().at(1).write(4);
    assert_eq!(sim.state().r#type, 2);
    assert_eq!(sim.trace().count(trace::write(r#type::Reg::Type)), 1);
    assert_eq!(r#match::Reg::Self_.name(), "self_");
}
