//! `bxcan`: handshakes, mailboxes, loopback and filters of the CAN controller in many STM32.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use bxcan::{
    Can, ExtendedId, Fifo, Frame, Id, Instance, Interrupt, RegisterBlock, StandardId,
    filter::{ListEntry32, Mask32},
};
use memtrap::{Access, Bus, BusError, Context, Device, Region};
use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

const ADDRESS: usize = 0x4000_6400;
const LINE: u32 = 20;
/// How long a frame is on the wire.
const FRAME: Duration = Duration::from_micros(111);

/// A frame as a mailbox has it: identifier, length, data.
type Mailbox = [u32; 4];

const LOOPBACK: u32 = 1 << 30;
const TXRQ: u32 = 1;

/// The controller (STM32F1 reference manual, RM0008, section 24) on a wire of its own.
#[derive(Default)]
struct BxCan {
    mcr: u32,
    msr: u32,
    btr: u32,
    ier: u32,
    /// The flags of TSR that tell how requests have ended.
    tsr: u32,
    transmit: [Mailbox; 3],
    receive: [VecDeque<Mailbox>; 2],
    overrun: [bool; 2],
    filter_mode: [u32; 5],
    banks: [[u32; 2]; 28],
    wire: Vec<Mailbox>,
    is_busy: bool,
    does_not_answer: bool,
}

impl BxCan {
    fn new() -> Self {
        Self { mcr: 0x0001_0002, msr: 0b10, filter_mode: [0x2a1c_0e01, 0, 0, 0, 0], ..Self::default() }
    }

    /// The pending mailbox that is sent first: the lowest identifier, then the lowest number.
    fn first(&self) -> Option<usize> {
        let pending = (0..3).filter(|index| self.transmit[*index][0] & TXRQ != 0);
        pending.min_by_key(|index| (self.transmit[*index][0], *index))
    }

    fn status(&self) -> u32 {
        let pending = |index: usize| self.transmit[index][0] & TXRQ != 0;
        let empty = (0..3).filter(|index| !pending(*index)).fold(0, |bits, index| bits | 1 << (26 + index));
        let code = (0..3).find(|index| !pending(*index)).unwrap_or_else(|| {
            // None is empty: the one that is sent last.
            (0..3).max_by_key(|index| (self.transmit[*index][0], *index)).unwrap()
        });
        self.tsr | empty | (code as u32) << 24
    }

    fn send(&mut self, cx: &mut Context<'_>) {
        if self.first().is_some() && !self.is_busy && self.msr & 0b11 == 0 {
            cx.after(FRAME, 1);
        }
    }

    /// The FIFO that wants the frame, if a filter does.
    fn accepts(&self, [id, ..]: Mailbox) -> Option<usize> {
        let [_, list, wide, fifo, active] = self.filter_mode;
        (0..28).filter(|bank| active & wide & 1 << bank != 0).find_map(|bank| {
            let [first, second] = self.banks[bank];
            let matches = match list & 1 << bank {
                0 => (id ^ first) & second == 0,
                _ => id & !TXRQ == first || id & !TXRQ == second,
            };
            matches.then_some((fifo >> bank & 1) as usize)
        })
    }

    fn take_in(&mut self, frame: Mailbox, cx: &mut Context<'_>) {
        let Some(fifo) = self.accepts(frame) else { return };
        if self.receive[fifo].len() == 3 {
            self.overrun[fifo] = true;
            self.receive[fifo].pop_back();
        }
        self.receive[fifo].push_back(frame);
        if self.ier & 1 << (1 + 3 * fifo) != 0 {
            cx.pulse(LINE);
        }
    }

    fn set_mode(&mut self, value: u32, cx: &mut Context<'_>) {
        self.mcr = value;
        if !self.does_not_answer {
            cx.after(Duration::from_micros(12), 0);
        }
    }

    fn set_status(&mut self, value: u32) {
        for index in 0..3 {
            let flags = 0xf << (8 * index);
            if value & 1 << (8 * index) != 0 {
                self.tsr &= !flags;
            }
            // Abort: what is not on the wire yet ends without success.
            if value & 0x80 << (8 * index) != 0 && self.transmit[index][0] & TXRQ != 0 {
                self.transmit[index][0] &= !TXRQ;
                self.tsr = self.tsr & !flags | 1 << (8 * index);
            }
        }
    }
}

impl Device for BxCan {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        let word = access.offset / 4 % 4;
        Ok(u64::from(match access.offset {
            0x00 => self.mcr,
            0x04 => self.msr,
            0x08 => self.status(),
            offset @ (0x0c | 0x10) => {
                let fifo = offset / 4 - 3;
                self.receive[fifo].len() as u32 | u32::from(self.overrun[fifo]) << 4
            }
            0x14 => self.ier,
            0x1c => self.btr,
            offset @ 0x180..0x1b0 => self.transmit[(offset - 0x180) / 16][word],
            offset @ 0x1b0..0x1d0 => {
                self.receive[(offset - 0x1b0) / 16].front().map_or(0, |frame| frame[word]) & !(u32::from(word == 0))
            }
            0x200 => self.filter_mode[0],
            offset @ (0x204 | 0x20c | 0x214 | 0x21c) => self.filter_mode[1 + (offset - 0x204) / 8],
            offset @ 0x240..0x320 => self.banks[(offset - 0x240) / 8][offset / 4 % 2],
            _ => return Err(BusError::Unmapped),
        }))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let value = value as u32;
        match access.offset {
            0x00 => self.set_mode(value, cx),
            0x04 => {}
            0x08 => self.set_status(value),
            offset @ (0x0c | 0x10) => {
                let fifo = offset / 4 - 3;
                if value & 1 << 5 != 0 {
                    self.receive[fifo].pop_front();
                }
                self.overrun[fifo] &= value & 1 << 4 == 0;
            }
            0x14 => self.ier = value,
            0x1c if self.msr & 1 == 0 => cx.fail("the bit timing can be set in initialisation mode only"),
            0x1c => self.btr = value,
            offset @ 0x180..0x1b0 => {
                self.transmit[(offset - 0x180) / 16][offset / 4 % 4] = value;
                self.send(cx);
            }
            0x200 => self.filter_mode[0] = value,
            offset @ (0x204 | 0x20c | 0x214 | 0x21c) => self.filter_mode[1 + (offset - 0x204) / 8] = value,
            offset @ 0x240..0x320 => self.banks[(offset - 0x240) / 8][offset / 4 % 2] = value,
            _ => return Err(BusError::Unmapped),
        }
        Ok(())
    }

    fn event(&mut self, event: u64, cx: &mut Context<'_>) {
        if event == 0 {
            // INRQ is acknowledged by INAK, and SLEEP by SLAK.
            self.msr = self.msr & !0b11 | self.mcr & 0b11;
            return self.send(cx);
        }
        let Some(index) = self.first().filter(|_| !self.is_busy) else { return };
        self.transmit[index][0] &= !TXRQ;
        let frame = self.transmit[index];
        self.tsr = self.tsr & !(0xf << (8 * index)) | 0b11 << (8 * index);
        self.wire.push(frame);
        if self.btr & LOOPBACK != 0 {
            self.take_in(frame, cx);
        }
        cx.cancel(1);
        self.send(cx);
    }
}

struct Peripheral;

// SAFETY: The registers are those of a region, which traps every access; there is one value of the type.
unsafe impl Instance for Peripheral {
    const REGISTERS: *mut RegisterBlock = std::ptr::without_provenance_mut(ADDRESS);
}

// SAFETY: The region has 28 banks.
unsafe impl bxcan::FilterOwner for Peripheral {
    const NUM_FILTER_BANKS: u8 = 28;
}

fn standard(id: u16) -> StandardId {
    StandardId::new(id).unwrap()
}

fn start(bus: &Bus) -> (Region<BxCan>, Can<Peripheral>) {
    let region = bus.map_at(ADDRESS, 0x400, BxCan::new()).unwrap();
    let can =
        bus.run(|| Can::builder(Peripheral).set_bit_timing(0x001c_0003).set_loopback(true).set_silent(true).enable());
    (region, can)
}

#[memtrap::test]
fn what_is_sent_in_loopback_comes_back() {
    let bus = Bus::new();
    let (region, mut can) = start(&bus);
    assert_eq!(region.device().btr, 0xc01c_0003);
    let received = bus.run(move || {
        can.modify_filters().enable_bank(0, Fifo::Fifo0, Mask32::accept_all());
        let data = Frame::new_data(ExtendedId::new(0x1234_5678).unwrap(), [1, 2, 3, 4, 5]);
        nb::block!(can.transmit(&data)).unwrap();
        let first = nb::block!(can.receive()).unwrap();
        nb::block!(can.transmit(&Frame::new_remote(standard(0x123), 2))).unwrap();
        let second = nb::block!(can.receive()).unwrap();
        assert!(can.is_transmitter_idle());
        can.clear_tx_interrupt();
        assert_eq!(first, data);
        second
    });
    assert!(received.is_remote_frame() && received.dlc() == 2);
    assert_eq!(received.id(), Id::Standard(standard(0x123)));
    assert_eq!(region.device().wire.len(), 2);
    assert!(bus.clock().now() > 2 * FRAME);
    traces::keep(&bus.trace());
}

#[memtrap::test]
fn filters_let_through_what_they_name() {
    let bus = Bus::new();
    let (region, mut can) = start(&bus);
    let (first, second) = bus.run(move || {
        can.modify_filters()
            .enable_bank(
                0,
                Fifo::Fifo0,
                [ListEntry32::data_frames_with_id(standard(7)), ListEntry32::data_frames_with_id(standard(9))],
            )
            .enable_bank(3, Fifo::Fifo1, Mask32::frames_with_std_id(standard(0x700), standard(0x7f0)));
        for id in [7, 8, 9, 0x70c, 0x710] {
            nb::block!(can.transmit(&Frame::new_data(standard(id), [id as u8]))).unwrap();
            while !can.is_transmitter_idle() {}
        }
        let mut ids = |fifo| {
            std::iter::from_fn(|| if fifo == 0 { can.rx0().receive().ok() } else { can.rx1().receive().ok() })
                .map(|frame| frame.data().unwrap()[0])
                .collect::<Vec<_>>()
        };
        (ids(0), ids(1))
    });
    assert_eq!((first, second), (vec![7, 9], vec![0x0c]));
    assert_eq!(region.device().wire.len(), 5);
    traces::keep(&bus.trace());
}

#[memtrap::test]
fn a_more_urgent_frame_takes_the_place_of_the_least_urgent() {
    let bus = Bus::new();
    let (region, mut can) = start(&bus);
    region.device().is_busy = true;
    let (replaced, refused) = bus.run(move || {
        for id in [0x300, 0x200, 0x100] {
            can.transmit(&Frame::new_data(standard(id), [])).unwrap();
        }
        let refused = can.transmit(&Frame::new_data(standard(0x180), [])).is_err();
        let status = can.transmit(&Frame::new_data(standard(0x080), [1])).unwrap();
        (status.dequeued_frame().unwrap().id(), refused)
    });
    assert!(refused, "one of the pending frames is more urgent");
    assert_eq!(replaced, Id::Standard(standard(0x300)));
    region.stimulate(|can, cx| {
        can.is_busy = false;
        can.send(cx);
    });
    bus.clock().sleep(4 * FRAME);
    let sent: Vec<_> = region.device().wire.iter().map(|[id, ..]| id >> 21).collect();
    assert_eq!(sent, [0x080, 0x100, 0x200]);
    traces::keep(&bus.trace());
}

#[memtrap::test]
fn a_full_fifo_loses_a_frame_and_says_so() {
    let bus = Bus::new();
    let (_region, mut can) = start(&bus);
    bus.run(move || {
        can.enable_interrupt(Interrupt::Fifo0MessagePending);
        can.modify_filters().enable_bank(0, Fifo::Fifo0, Mask32::accept_all());
        for id in 1..=4 {
            can.transmit(&Frame::new_data(standard(id), [])).unwrap();
            while !can.is_transmitter_idle() {}
        }
        assert!(matches!(can.receive(), Err(nb::Error::Other(_))));
        let ids: Vec<_> = std::iter::from_fn(|| can.receive().ok()).map(|frame| frame.id()).collect();
        assert_eq!(ids, [1, 2, 4].map(|id| Id::Standard(standard(id))));
    });
    assert!(bus.is_interrupt_pending(LINE));
    traces::keep(&bus.trace());
}

#[memtrap::test]
fn a_controller_without_a_clock_ends_in_a_report() {
    let bus = Bus::new();
    let _region = bus.map_at(ADDRESS, 0x400, BxCan { does_not_answer: true, ..BxCan::new() }).unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| bus.run(|| drop(Can::builder(Peripheral).enable()))));
    let report = *panic.expect_err("it is never acknowledged").downcast::<String>().unwrap();
    assert!(report.contains("+0x004 never changed") && report.contains("bxcan"), "{report}");
}
