//! The C driver's functions, as `mailbox.h` declares them.

use super::compiler::Driver;
use std::{ffi::c_int, mem::transmute};

/// `MAILBOX_Message`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) id: u32,
    pub(crate) length: u16,
    pub(crate) flags: u16,
    pub(crate) data: [u8; 24],
}

/// A mailbox controller in the hands of the C driver.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mailbox {
    driver: Driver,
    address: usize,
}

/// Calls the function of the driver with this name and these types.
macro_rules! call {
    ($mailbox:expr, $name:literal, fn($($type:ty),*) -> $result:ty, $($argument:expr),*) => {{
        type Function = unsafe extern "C" fn(usize $(, $type)*) -> $result;
        let address = $mailbox.driver.symbol($name);
        // SAFETY: The header declares the function with these types; a pointer is passed as a `usize` is.
        let function = unsafe { transmute::<*mut std::ffi::c_void, Function>(address) };
        // SAFETY: The first argument is the address of a region, which traps accesses; the driver writes what it is
        // given a mutable reference to within its size, and keeps none of them.
        unsafe { function($mailbox.address $(, $argument)*) }
    }};
}

impl Mailbox {
    /// The controller at this address.
    pub(crate) fn new(driver: Driver, address: *mut u8) -> Self {
        Self { driver, address: address.expose_provenance() }
    }

    pub(crate) fn init(self, divider: u32) -> c_int {
        call!(self, c"mailbox_init", fn(u32) -> c_int, divider)
    }

    pub(crate) fn send(self, slot: u32, message: &Message) -> c_int {
        call!(self, c"mailbox_send", fn(u32, &Message) -> c_int, slot, message)
    }

    /// The next message, or `None` if there is none.
    pub(crate) fn receive(self) -> Option<Message> {
        let mut message = Message::default();
        let result = call!(self, c"mailbox_receive", fn(&mut Message) -> c_int, &mut message);
        (result == 0).then_some(message)
    }

    /// The data of the next message, or `None` if there is none.
    pub(crate) fn receive_data(self) -> Option<Vec<u8>> {
        let mut data = [0; 24];
        let result = call!(self, c"mailbox_receive_data", fn(*mut u8, u32) -> c_int, data.as_mut_ptr(), 24);
        Some(data[..usize::try_from(result).ok()?].to_vec())
    }

    pub(crate) fn raise_priority(self) {
        call!(self, c"mailbox_raise_priority", fn() -> (),);
    }

    pub(crate) fn take_sent(self) -> u32 {
        call!(self, c"mailbox_take_sent", fn() -> u32,)
    }
}
