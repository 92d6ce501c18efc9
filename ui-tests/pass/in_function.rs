//! A block in a function, with value types and constants of that function. Nobody outside can name any of them, however public.
use memtrap::{Context, RegisterValue, simulated};

#[test]
fn runs() {
    const CHANNELS: usize = 3;

    #[derive(Clone, Copy, PartialEq, Debug)]
    struct Control(u32);

    impl RegisterValue for Control {
        type Bits = u32;
        fn from_bits(bits: u32) -> Self {
            Self(bits)
        }
        fn into_bits(self) -> u32 {
            self.0
        }
    }

    #[simulated(size = 0x100)]
    pub struct Dma {
        #[reg(0x00, rw, reset = 0x10)]
        pub control: Control,
        #[reg(0x40, rw)]
        source: [u32; CHANNELS],
    }

    #[derive(Default)]
    struct Engine {
        started: Vec<Control>,
    }

    impl dma::Model for Engine {
        fn write_control(&mut self, regs: &mut dma::State, value: Control, _cx: &mut Context<'_>) {
            self.started.push(value);
            regs.control = Control(0);
            regs.source[2] = 9;
        }
    }

    let sim = Dma::simulate(Engine::default()).unwrap();
    let mut regs = sim.regs();
    assert_eq!(regs.control().read(), Control(0x10));
    regs.control().write(Control(5));
    assert_eq!(sim.model().started, [Control(5)]);
    assert_eq!(regs.control().read(), Control(0));
    assert_eq!(regs.source().at(CHANNELS - 1).read(), 9);
}
