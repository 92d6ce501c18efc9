#![forbid(unsafe_code)]

/// Marker of a register that can be read: [`ReadOnly`] or [`ReadWrite`].
#[diagnostic::on_unimplemented(
    message = "this register cannot be read",
    label = "the register is declared `wo`",
    note = "only registers declared `ro` or `rw` offer `read` and `modify`"
)]
pub trait Readable: sealed::Sealed {}

/// Marker of a register that can be written: [`WriteOnly`] or [`ReadWrite`].
#[diagnostic::on_unimplemented(
    message = "this register cannot be written",
    label = "the register is declared `ro`",
    note = "only registers declared `wo` or `rw` offer `write`, `write_with` and `modify`"
)]
pub trait Writable: sealed::Sealed {}

/// Access kind `ro`.
#[derive(Debug)]
pub enum ReadOnly {}

/// Access kind `wo`.
#[derive(Debug)]
pub enum WriteOnly {}

/// Access kind `rw`.
#[derive(Debug)]
pub enum ReadWrite {}

impl Readable for ReadOnly {}
impl Readable for ReadWrite {}
impl Writable for WriteOnly {}
impl Writable for ReadWrite {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::ReadOnly {}
    impl Sealed for super::WriteOnly {}
    impl Sealed for super::ReadWrite {}
}
