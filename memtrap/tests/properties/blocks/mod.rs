//! All random register blocks, written by `generate.rs`: `MEMTRAP_BLESS=1` writes it again.

mod block0;
mod block1;
mod block10;
mod block11;
mod block2;
mod block3;
mod block4;
mod block5;
mod block6;
mod block7;
mod block8;
mod block9;

use crate::subject::{Subject, simulate};

/// A simulation of each block.
#[rustfmt::skip]
pub(crate) const SUBJECTS: &[fn() -> Box<dyn Subject>] = &[
    simulate::<block0::Block0>,
    simulate::<block1::Block1>,
    simulate::<block2::Block2>,
    simulate::<block3::Block3>,
    simulate::<block4::Block4>,
    simulate::<block5::Block5>,
    simulate::<block6::Block6>,
    simulate::<block7::Block7>,
    simulate::<block8::Block8>,
    simulate::<block9::Block9>,
    simulate::<block10::Block10>,
    simulate::<block11::Block11>,
];

/// The files of this directory, as `generate.rs` lists them.
#[rustfmt::skip]
pub(crate) const SOURCES: &[&str] = &[
    include_str!("block0.rs"),
    include_str!("block1.rs"),
    include_str!("block2.rs"),
    include_str!("block3.rs"),
    include_str!("block4.rs"),
    include_str!("block5.rs"),
    include_str!("block6.rs"),
    include_str!("block7.rs"),
    include_str!("block8.rs"),
    include_str!("block9.rs"),
    include_str!("block10.rs"),
    include_str!("block11.rs"),
    include_str!("mod.rs"),
];
