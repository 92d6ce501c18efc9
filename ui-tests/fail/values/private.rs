//! A public register, nested block or field has a type that is as public: the compiler says so as of any struct.
#![deny(private_interfaces)]
use memtrap::{FieldEnum, register, simulated};

mod device {
    use super::*;

    #[derive(Clone, Copy, Debug, FieldEnum)]
    enum Level {
        Low,
        High,
    }

    #[register(u32)]
    struct Control {
        #[bits(0)]
        level: Level,
    }

    #[register(u32)]
    pub struct Status {
        #[bits(0)]
        pub level: Level,
    }

    #[simulated(size = 0x10)]
    struct Channel {
        #[reg(0x0, rw)]
        pub control: Control,
    }

    #[simulated(size = 0x100)]
    pub struct Block {
        #[reg(0x00, rw)]
        pub control: Control,
        #[reg(0x04, rw)]
        pub array: [self::Control; 2],
        #[block(0x80)]
        pub channel: Channel,
        #[reg(0x10, rw)]
        own: Control,
    }
}

fn main() {}
