//! The trap engine for Linux on x86-64.
pub(crate) mod pages;
