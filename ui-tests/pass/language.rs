//! Every keyword of a register at once, in a function, under strict lints, without a prelude.
#![no_implicit_prelude]

use ::memtrap::{register, simulated};

/// Control.
#[register(u32, reserved = one)]
pub struct Control {
    /// Selects the bank.
    #[bits(0)]
    pub r#loop: bool,
}

#[::std::prelude::v1::test]
fn runs() {
    const KEY: u64 = 0x55;

    #[simulated(size = 0x400, alias(set = 0x100, clear = 0x200), shared)]
    struct Block {
        #[reg(0x00, rw)]
        control: Control,
        #[reg(0x04, ro, width = 16 | 32)]
        status: u32,
        #[reg(0x04, wo, overlaps(status))]
        command: u32,
        #[reg(0x04, rw, overlaps(status, command), when = control.r#loop)]
        r#type: [u16; 2],
        #[reg(0x08, wo, write = key(KEY, unlocks(locked)))]
        lock: u8,
        #[reg(0x0c, rw, reset = undefined)]
        locked: u32,
    }

    struct Model;
    impl block::Model for Model {}

    let sim = ::std::result::Result::unwrap(Block::simulate(Model));
    let regs = sim.regs();
    regs.control().write(Control::new().with_loop(true));
    regs.r#type().at(1).write(7);
    regs.control().clear_bits(Control::from_bits(1));
    regs.command().write(9);
    regs.lock().write(0x55);
    regs.locked().set_bits(0xf);
    ::std::assert_eq!(sim.state().r#type[1], 7);
    ::std::assert_eq!(sim.state().command, 9);
    ::std::assert_eq!(sim.state().locked & 0xf, 0xf);
    let block::Split { mut locked, .. } = regs.split();
    locked.write(1);
    ::std::assert_eq!(sim.state().locked, 1);
}
