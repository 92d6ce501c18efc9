//! Every visibility of blocks and registers.

mod outer {
    pub mod inner {
        #[derive(Clone, Copy)]
        struct Secret(u8);

        impl memtrap::RegisterValue for Secret {
            type Bits = u8;
            fn from_bits(bits: u8) -> Self {
                Self(bits)
            }
            fn into_bits(self) -> u8 {
                self.0
            }
        }

        /// A block with a register whose type nobody else can name.
        #[memtrap::simulated(size = 0x10)]
        pub struct Open {
            #[reg(0x0, rw)]
            pub first: u32,
            #[reg(0x4, rw, reset = 9)]
            second: Secret,
            #[reg(0x8, rw)]
            pub(super) third: u32,
            #[reg(0xc, rw)]
            pub(in crate::visibility::outer) fourth: u32,
        }

        impl Open {
            pub fn second_value(&mut self) -> u8 {
                self.second().read().0
            }
        }

        #[memtrap::simulated(size = 4)]
        pub(in crate::visibility::outer) struct Half {
            #[reg(0, rw)]
            pub(crate) value: u32,
        }
    }

    pub struct Quiet;
    impl inner::open::Model for Quiet {}
    impl inner::half::Model for Quiet {}

    pub fn run() {
        let sim = inner::Open::simulate(Quiet).unwrap();
        let mut regs = sim.regs();
        regs.first().write(1);
        regs.third().write(3);
        regs.fourth().write(4);
        assert_eq!(regs.second_value(), 9);
        let sim = inner::Half::simulate(Quiet).unwrap();
        assert_eq!(sim.regs().value().read(), 0);
    }
}

#[test]
fn runs() {
    outer::run();
}
