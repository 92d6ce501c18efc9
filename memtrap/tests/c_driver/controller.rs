//! The device: a mailbox controller with message memory, as `mailbox.h` describes it.

use super::mailbox::Message;
use memtrap::{
    Access, BusError, Context, Device, Width,
    map::{AccessKind, Register, RegisterMap},
};
use std::{collections::VecDeque, time::Duration};

pub(crate) const SIZE: usize = 0x220;
const MESSAGE: usize = 32;
const CTRL: usize = 0x00;
const STATUS: usize = 0x04;
const COMMAND: usize = 0x08;
const EVENTS: usize = 0x0c;
const SENT: usize = 0x10;
const ID: usize = 0x20;
const TX: usize = 0x100;
/// Message memory begins here; below are registers.
pub(crate) const MEMORY: usize = TX;
const RX: usize = 0x200;

static REGISTERS: RegisterMap = RegisterMap::new("mailbox", SIZE, Width::U32, {
    use {AccessKind::*, Width::*};
    const REGISTERS: &[Register] = &[
        Register::new("CTRL", CTRL, U32, ReadWrite, 0),
        Register::new("STATUS", STATUS, U32, ReadOnly, 0),
        Register::new("COMMAND", COMMAND, U32, WriteOnly, 0),
        Register::new("EVENTS", EVENTS, U32, ReadWrite, 0),
        Register::new("SENT", SENT, U32, ReadWrite, 0),
        Register::new("ID", ID, U8, ReadOnly, 0).array(4, 1),
        Register::new("TX", TX, U8, ReadWrite, 0).array(2 * MESSAGE, 1),
        Register::new("RX", RX, U8, ReadOnly, 0).array(MESSAGE, 1),
    ];
    REGISTERS
});

const ENABLE: u32 = 1 << 0;
const LOOPBACK: u32 = 1 << 1;
/// Events of the clock.
const STARTED: u64 = 0;
const TRANSMITTED: u64 = 1;

/// A controller whose wire leads back to itself.
#[derive(Debug, Default)]
pub(crate) struct Controller {
    pub(crate) control: u32,
    ready: bool,
    sending: Option<[u8; MESSAGE]>,
    events: u32,
    sent: u32,
    transmit: [[u8; MESSAGE]; 2],
    received: VecDeque<[u8; MESSAGE]>,
    /// What went over the wire.
    pub(crate) wire: Vec<Message>,
    /// Nothing that is sent arrives.
    broken: bool,
}

impl Controller {
    /// A controller whose wire is cut.
    pub(crate) fn broken() -> Self {
        Self { broken: true, ..Self::default() }
    }

    fn word(&self, offset: usize) -> u32 {
        match offset {
            CTRL => self.control,
            STATUS => {
                let level = u32::try_from(self.received.len()).expect("few messages");
                u32::from(self.ready) | u32::from(self.sending.is_some()) << 1 | level << 8
            }
            EVENTS => self.events,
            SENT => self.sent,
            ID => u32::from_le_bytes(*b"MBOX"),
            _ => 0,
        }
    }

    fn byte(&self, offset: usize) -> u8 {
        match offset {
            RX.. => self.received.front().map_or(0, |message| message[offset - RX]),
            TX.. => self.transmit.as_flattened().get(offset - TX).copied().unwrap_or(0),
            _ => self.word(offset & !3).to_le_bytes()[offset & 3],
        }
    }

    fn command(&mut self, command: u32, cx: &mut Context<'_>) -> Result<(), BusError> {
        match command {
            0x100 | 0x101 if self.ready && self.sending.is_none() => {
                self.sending = Some(self.transmit[command as usize & 1]);
                let divider = (self.control >> 8) & 0xff;
                if !self.broken {
                    cx.after(Duration::from_micros(u64::from(divider) * MESSAGE as u64), TRANSMITTED);
                }
            }
            0x200 if !self.received.is_empty() => drop(self.received.pop_front()),
            _ => return Err(BusError::refused(format!("the command {command:#x} does not fit the state"))),
        }
        Ok(())
    }
}

impl Device for Controller {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        let bytes =
            std::array::from_fn(|byte| if byte < access.width.bytes() { self.byte(access.offset + byte) } else { 0 });
        Ok(u64::from_le_bytes(bytes))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let bytes = &value.to_le_bytes()[..access.width.bytes()];
        if let Some(start) = access.offset.checked_sub(TX) {
            let slots =
                self.transmit.as_flattened_mut().get_mut(start..start + bytes.len()).ok_or(BusError::ReadOnly)?;
            slots.copy_from_slice(bytes);
            return Ok(());
        }
        // The bus has byte lanes: a narrow write leaves the other bytes of the register as they are.
        let mut word = self.word(access.offset & !3).to_le_bytes();
        word[access.offset & 3..][..bytes.len()].copy_from_slice(bytes);
        let word = u32::from_le_bytes(word);
        match access.offset & !3 {
            CTRL => {
                if self.control & ENABLE == 0 && word & (ENABLE | LOOPBACK) == ENABLE | LOOPBACK {
                    cx.after(Duration::from_millis(1), STARTED);
                }
                self.control = word;
            }
            COMMAND => self.command(word, cx)?,
            EVENTS => self.events &= !word,
            SENT => self.sent = 0,
            _ => return Err(BusError::ReadOnly),
        }
        Ok(())
    }

    fn event(&mut self, event: u64, _cx: &mut Context<'_>) {
        if event == STARTED {
            self.ready = true;
        } else if let Some(bytes) = self.sending.take() {
            self.wire.push(Message::from_bytes(&bytes));
            self.received.push_back(bytes);
            self.sent += 1;
            self.events |= 0b11;
        }
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&REGISTERS)
    }
}

impl Message {
    fn from_bytes(bytes: &[u8; MESSAGE]) -> Self {
        let [id @ .., l0, l1, f0, f1] = *bytes.first_chunk::<8>().expect("32 bytes");
        let data = *bytes.last_chunk().expect("32 bytes");
        Self {
            id: u32::from_le_bytes(id),
            length: u16::from_le_bytes([l0, l1]),
            flags: u16::from_le_bytes([f0, f1]),
            data,
        }
    }
}
