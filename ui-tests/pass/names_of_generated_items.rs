//! Registers and blocks that are called as what the expansion makes of others, and value types that are called as what it
//! uses.
use memtrap::{FieldEnum, register, simulated};

/// A value type.
#[register(u32)]
pub struct Option {
    #[bits(0)]
    pub into: bool,
    #[bits(1..=2)]
    pub eq: Result,
    #[bits(3)]
    pub value: bool,
    #[bits(8..=15)]
    pub field: u8,
}

/// The values of a field.
#[derive(Clone, Copy, Debug, PartialEq, FieldEnum)]
pub enum Result {
    Ok,
    Err,
    Some,
    None,
}

/// A block of which everything is called as something else.
#[simulated(size = 0x100)]
pub struct State {
    #[reg(0x00, rw)]
    pub state: Option,
    #[reg(0x04, rw)]
    pub model: Option,
    #[reg(0x08, rw, write = once)]
    pub written: u32,
    #[reg(0x0c, rw, write = key(1, unlocks(written)))]
    pub locks: u32,
    #[reg(0x10, rw)]
    pub handle: u32,
    #[reg(0x14, ro, value = written)]
    pub clone: u32,
    #[reg(0x18, rw)]
    pub reg: [u32; 2],
    #[reg(0x20, rw)]
    pub read: u32,
    #[reg(0x24, rw)]
    pub write: u32,
    #[reg(0x28, rw)]
    pub all: u32,
    #[reg(0x2c, rw)]
    pub name: u32,
    #[reg(0x30, rw)]
    pub offset: u32,
    #[reg(0x34, rw, read = pop, write = push)]
    pub declared: u32,
    #[reg(0x38, rw)]
    pub event: u32,
    #[reg(0x3c, rw)]
    pub drive: u32,
    #[reg(0x40, rw)]
    pub reset: u32,
    #[reg(0x44, rw)]
    pub describe: u32,
    #[reg(0x48, rw)]
    pub types: u32,
    #[reg(0x4c, rw)]
    pub value: u32,
    #[reg(0x50, rw)]
    pub element: [u32; 2],
    #[reg(0x58, rw)]
    pub regs: u32,
    #[reg(0x5c, rw)]
    pub cx: u32,
    #[reg(0x60, rw)]
    pub apply: u32,
    #[reg(0x64, rw)]
    pub default: u32,
    #[reg(0x68, rw)]
    pub fmt: u32,
    #[block(0x80)]
    pub index: Model,
    #[block(0xc0)]
    pub instance: [Model; 2],
}

/// A nested block.
#[simulated(size = 0x10)]
pub struct Model {
    #[reg(0x0, rw)]
    pub register: Option,
}

#[derive(Default)]
struct Plain;
impl state::Model for Plain {}

#[test]
fn runs() {
    let sim = State::simulate(Plain).unwrap();
    let mut regs = sim.regs();
    regs.locks().write(1);
    regs.written().write(7);
    regs.written().write(8);
    assert_eq!(regs.clone().read(), 7);
    regs.handle().write(9);
    regs.instance().at(1).register().write(Option::new().with_eq(Result::None).with_into(true));
    assert_eq!(sim.state().instance[1].register.eq(), Result::None);
    assert_eq!(sim.state().handle, 9);
    assert_eq!(state::Reg::All.name(), "all");
    let state::Split { mut handle, mut index, .. } = regs.split();
    handle.write(1);
    index.register().write(Option::new().with_field(3));
    assert_eq!(sim.state().index.register.field(), 3);
}
