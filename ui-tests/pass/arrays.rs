//! Arrays: strides, lengths that are constants, and two that interleave.

pub const PAIRS: usize = 8;

#[memtrap::simulated(size = 0x200, width = 64)]
pub struct Mailbox {
    #[reg(0x000, rw, stride = 0x10)]
    pub head: [u64; PAIRS],
    #[reg(0x008, rw, stride = 0x10)]
    pub tail: [u64; PAIRS],
    #[reg(0x100, ro, reset = 0xff)]
    pub bytes: [u8; 4 * 4],
}

struct Model;
impl mailbox::Model for Model {}

#[test]
fn runs() {
    let sim = Mailbox::simulate(Model).unwrap();
    let mut regs = sim.regs();
    for index in 0..PAIRS {
        regs.head().at(index).write(index as u64);
        regs.tail().at(index).write(0x100 + index as u64);
    }
    let state = sim.state();
    assert_eq!(state.head, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(state.tail[7], 0x107);
    drop(state);
    assert!(regs.head().get(PAIRS).is_none());
    assert_eq!(regs.bytes().iter().map(|byte| u64::from(byte.read())).sum::<u64>(), 16 * 255);
}
