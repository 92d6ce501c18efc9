//! Blocks inside blocks: in other modules, in functions, with raw names, of constants.
#![expect(unused_qualifications, reason = "one path starts at the module of the block")]

mod device {
    pub mod inner {
        use memtrap::simulated;

        /// A channel.
        #[simulated(size = 0x10)]
        pub struct Channel {
            /// Starts it.
            #[reg(0x0, rw)]
            pub control: u32,
            /// What it does.
            #[reg(0x4, ro)]
            pub r#type: u8,
        }
    }

    const CHANNELS: usize = 3;

    /// A controller.
    #[memtrap::simulated(size = 0x100, width = 64)]
    pub struct Dma {
        /// The channels.
        #[block(0x40)]
        pub channel: [inner::Channel; CHANNELS],
        /// One more.
        #[block(0x00)]
        pub r#loop: self::inner::Channel,
    }
}

struct Model;
impl device::dma::Model for Model {}

#[test]
fn runs() {
    let sim = device::Dma::simulate(Model).unwrap();
    let mut regs = sim.regs();
    regs.channel().at(2).control().write(3);
    regs.r#loop().control().write(4);
    assert_eq!(regs.shared().channel().at(2).r#type().read(), 0);
    assert_eq!(sim.state().channel[2].control, 3);
    assert_eq!(sim.state().r#loop.control, 4);
    assert_eq!(device::dma::CHANNEL_OFFSET, 0x40);
    let device::dma::Split { channel, mut r#loop, .. } = regs.split();
    let [_, _, last] = channel.split();
    let device::inner::channel::Split { mut control, r#type, .. } = last.split();
    control.write(6);
    r#loop.control().write(7);
    assert_eq!(r#type.read(), 0);
    assert_eq!((sim.state().channel[2].control, device::dma::LOOP_OFFSET), (6, 0));

    #[memtrap::simulated(size = 0x8)]
    struct Local {
        #[reg(0x0, rw)]
        value: u32,
    }

    #[memtrap::simulated(size = 0x40)]
    struct Outer {
        #[block(0x10)]
        local: [Local; 2],
    }

    impl outer::Model for Model {}
    let sim = Outer::simulate(Model).unwrap();
    let mut regs = sim.regs();
    for mut local in regs.local().iter() {
        local.value().write(5);
    }
    assert_eq!(sim.state().local[1].value, 5);
}
