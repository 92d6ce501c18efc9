//! The whole condition is underlined, also where the type is in another module.
use memtrap::simulated;

mod values {
    #[memtrap::register(u8)]
    pub struct LineControl {
        #[bits(0..=1)]
        pub word_length: u8,
        #[bits(7)]
        pub dlab: bool,
    }
}

#[simulated(size = 0x10, width = 8)]
pub struct Uart {
    #[reg(0x0, rw)]
    pub rbr: u8,
    #[reg(0x0, rw, overlaps(rbr), when = !lcr.word_length)]
    pub dll: u8,
    #[reg(0x3, rw)]
    pub lcr: values::LineControl,
}

#[simulated(size = 0x10, width = 8)]
pub struct Wide {
    #[reg(0x1, rw, reset = 0x100 | 1)]
    pub lcr: self::values::LineControl,
    #[reg(0x2 + 2, rw)]
    pub word: Word,
}

#[memtrap::register(u32)]
pub struct Word {
    #[bits(0)]
    pub bit: bool,
}

fn main() {}
