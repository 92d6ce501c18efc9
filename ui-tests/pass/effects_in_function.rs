//! Effects of registers in a function, with constants of that function in their facts.
use memtrap::simulated;

#[test]
fn runs() {
    const ENABLED: u64 = 0x1;
    const IDENTIFICATION: u32 = 0xb105_f00d;

    fn shifted(bits: u64) -> u64 {
        bits << 4
    }

    #[simulated(size = 0x20)]
    struct Block {
        #[reg(0x00, rw, read = pop, write = push, reset = 0xff)]
        fifo: [u8; 2],
        #[reg(0x04, rw, write = w1t)]
        r#type: u32,
        #[reg(0x08, ro, value = shifted(r#type) | u64::from(r#type & ENABLED != 0) | identification)]
        computed: u32,
        #[reg(0x0c, ro, constant = IDENTIFICATION)]
        identification: u32,
        #[reg(0x10, wo, state = r#type, write = wc)]
        clear: u32,
    }

    struct Model;
    impl block::Model for Model {}

    let sim = Block::simulate(Model).unwrap();
    let mut regs = sim.regs();
    regs.r#type().toggle(3);
    assert_eq!(regs.computed().read(), 0xb105_f00d | 0x31);
    regs.clear().write(0);
    assert_eq!(regs.computed().read(), 0xb105_f00d);
    sim.state().fifo[1].to_driver.push_back(7);
    assert_eq!([regs.fifo().at(1).read(), regs.fifo().at(1).read()], [7, 0xff]);
    regs.fifo().at(0).write(9);
    assert_eq!(sim.state().fifo[0].from_driver, [9]);
}
