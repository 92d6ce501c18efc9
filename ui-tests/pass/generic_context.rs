//! Blocks that are declared and used in generic code, by macros, in methods and in traits.
use memtrap::{mmio::Block, simulated};

/// Sizes that are constants of a type.
trait Chip {
    const CHANNELS: usize;
    const RESET: u32;
}

struct Small;
impl Chip for Small {
    const CHANNELS: usize = 3;
    const RESET: u32 = 7;
}

/// Facts from constants, of types and by name.
#[simulated(size = 0x100)]
pub struct Dma {
    #[reg(0x00, rw, reset = Small::RESET)]
    pub control: u32,
    #[reg(0x40, rw)]
    pub source: [u32; <Small as Chip>::CHANNELS],
    #[block(0x80, stride = 0x20)]
    pub nested: [Timer; { Small::CHANNELS - 1 }],
}

/// What macros pass are not single tokens.
macro_rules! timer {
    ($name:ident, $size:expr, $($(#[$meta:meta])* $register:ident: $ty:ty = $offset:expr, $reset:expr;)*) => {
        /// A timer.
        #[simulated(size = $size, width = 32)]
        pub struct $name {
            $($(#[$meta])* #[reg($offset, rw, reset = $reset)] pub $register: $ty,)*
        }
    };
}

timer! {
    Timer, 0x20,
    /// Starts it.
    start: u32 = 0x0, 1 + 1;
    stop: u8 = 4 * 2, 0x3;
    many: [u16; 2] = 0x10, 4;
}

struct Plain<const N: usize>;
impl<const N: usize> dma::Model for Plain<N> {}
impl<const N: usize> timer::Model for Plain<N> {}

/// A driver of anything that has a block.
struct Driver<B, const N: usize>([B; N]);

impl<B: Block, const N: usize> Driver<B, N> {
    const SIZE: usize = B::MAP.size;

    fn sum<T: Into<u64>>(&mut self, read: impl Fn(&mut B) -> T) -> u64 {
        self.0.iter_mut().map(|block| read(block).into()).sum()
    }

    /// A block of a generic method, which simulates it.
    fn local<T: Default>(value: u32) -> (T, u32) {
        #[simulated(size = 0x8)]
        struct Local {
            #[reg(0x0, rw)]
            value: u32,
        }
        impl<const N: usize> local::Model for Plain<N> {}
        let sim = Local::simulate(Plain::<N>).unwrap();
        sim.regs().value().write(value);
        let stored = sim.state().value;
        (T::default(), stored)
    }
}

#[test]
fn runs() {
    let sim = Dma::simulate(Plain::<1>).unwrap();
    let mut driver = Driver([sim.regs()]);
    assert_eq!(driver.sum(|dma| dma.control().read()), 7);
    assert_eq!(driver.sum(|dma| dma.nested().at(1).start().read()), 2);
    assert_eq!(driver.sum(|dma| dma.source().at(2).read()), 0);
    assert_eq!(Driver::<Dma, 1>::SIZE, 0x100);
    assert_eq!(Driver::<Dma, 2>::local::<u8>(3), (0, 3));
    let sim = Timer::simulate(Plain::<2>).unwrap();
    let mut timer = sim.regs();
    assert_eq!((timer.stop().read(), timer.many().at(1).read()), (3, 4));
}
