//! Nested blocks, C layouts, owners and values of every kind, of a crate under another name, without a prelude.
#![no_implicit_prelude]

mod device {
    /// How fast.
    #[derive(::std::clone::Clone, ::std::marker::Copy, ::std::fmt::Debug, ::renamed::FieldEnum)]
    #[field_enum(crate = ::renamed)]
    pub enum Speed {
        Slow,
        Fast,
    }

    /// A value.
    #[::renamed::register(u16, reserved = zero, crate = ::renamed)]
    pub struct Value {
        /// A flag.
        #[bits(0, w1c)]
        pub flag: bool,
        /// A speed.
        #[bits(1)]
        pub speed: Speed,
        /// A number.
        #[bits(4..=12, rw)]
        pub number: u16,
    }

    /// A C layout.
    #[::renamed::simulated(repr(C), crate = ::renamed)]
    pub struct Inner {
        /// A value.
        #[reg(rw, reset = 0x10)]
        pub value: u32,
        _gap: [u8; 4],
        /// Two of them.
        #[reg(ro, read = clear)]
        pub pair: [u16; 2],
    }

    /// A block with others.
    #[::renamed::simulated(size = 0x100, width = 64, crate = ::renamed)]
    pub struct Outer {
        /// One.
        #[block(0x00)]
        pub inner: Inner,
        /// Several.
        #[block(0x40, stride = 0x20)]
        pub many: [Inner; 3],
        /// A value.
        #[reg(0x10, rw)]
        pub value: Value,
        /// Written once.
        #[reg(0x14, rw, write = once)]
        pub once: u32,
        /// Changed by reads.
        #[reg(0x18, rw, read = set, write = w0t)]
        pub acting: [u64; 1],
    }
}

struct Model;
impl device::outer::Model for Model {}

#[::std::prelude::v1::test]
fn runs() {
    let sim = ::std::result::Result::unwrap(device::Outer::simulate(Model));
    let mut regs = sim.regs();
    regs.many().at(2).value().modify(|value| value + 1);
    regs.value().modify(|value| value.with_number(3).with_speed(device::Speed::Fast));
    ::std::assert_eq!(sim.state().many[2].value, 0x11);
    ::std::assert_eq!(regs.shared().inner().value().read(), 0x10);
    let device::outer::Split { mut inner, mut once, .. } = regs.split();
    once.write(1);
    ::std::assert_eq!(inner.pair().at(1).read(), 0);
    ::std::assert_eq!(sim.state().once, 1);
}
