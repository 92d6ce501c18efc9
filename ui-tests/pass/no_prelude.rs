//! Expanded code names everything by its full path.
#![no_implicit_prelude]

/// Names that an unqualified expansion would find.
#[allow(dead_code, non_camel_case_types, reason = "decoys")]
mod decoy {
    pub struct Option;
    pub struct Result;
    pub struct Ok;
    pub struct Send;
    pub struct Clone;
    pub struct Default;
    pub struct Copy;
    pub trait Sized {}
    pub mod core {}
    pub mod std {}
}
#[allow(unused_imports, reason = "decoys")]
use decoy::*;

#[derive(::std::clone::Clone, ::std::marker::Copy, ::std::fmt::Debug, ::renamed::FieldEnum)]
#[field_enum(crate = ::renamed)]
#[repr(u8)]
pub enum Mode {
    Off,
    On,
    #[other]
    Reserved(u8),
}

#[::renamed::register(u32, crate = ::renamed)]
pub struct Control {
    #[bits(0..=3)]
    pub mode: Mode,
    #[bits(4..=7)]
    pub level: u8,
}

#[::renamed::simulated(size = 0x100, crate = ::renamed)]
pub struct Block {
    #[reg(0x00, rw, reset = 0x30)]
    pub a: Control,
    #[reg(0x10, ro)]
    pub b: [u16; 2],
    #[reg(0x20, wo)]
    pub c: u8,
    #[reg(0x24, rw, read = pop, write = push)]
    pub fifo: u32,
    #[reg(0x28, ro, value = a & 0xf0)]
    pub computed: u32,
    #[reg(0x30, ro, constant = [1, 2])]
    pub fixed: [u16; 2],
    #[reg(0x34, rw, write = w1s, state = a)]
    pub set: Control,
}

struct Model;
impl block::Model for Model {}

#[::std::prelude::v1::test]
fn runs() {
    let sim = ::std::result::Result::unwrap(Block::simulate(Model));
    let mut regs = sim.regs();
    ::std::assert_eq!(regs.a().read().level(), 3);
    regs.c().write(1);
}
