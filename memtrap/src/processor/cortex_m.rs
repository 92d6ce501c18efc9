//! The functions of the crate `cortex-m` that are assembly on its own processors.
//!
//! `memtrap/patches/cortex-m-macros` has them call the function here. Source: "Armv7-M Architecture Reference Manual"
//! (ARM DDI 0403E.e), sections A7.7 for the instructions, B1.4.3 for the mask registers and B1.5.18 for events.

use crate::{
    bus::{core::Core, current},
    trace::EventKind,
};
use std::sync::{Arc, atomic::Ordering};

/// The numbers of the functions are the patch's: they keep their meaning for as long as the symbol keeps its name.
mod operation {
    pub(super) const NOP: u32 = 0;
    pub(super) const DELAY: u32 = 1;
    pub(super) const WFI: u32 = 2;
    pub(super) const WFE: u32 = 3;
    pub(super) const SEV: u32 = 4;
    pub(super) const ISB: u32 = 5;
    pub(super) const DSB: u32 = 6;
    pub(super) const DMB: u32 = 7;
    pub(super) const BKPT: u32 = 8;
    pub(super) const READ_PRIMASK: u32 = 9;
    pub(super) const WRITE_PRIMASK: u32 = 10;
    pub(super) const READ_BASEPRI: u32 = 11;
    pub(super) const WRITE_BASEPRI: u32 = 12;
    pub(super) const WRITE_BASEPRI_MAX: u32 = 13;
}

/// What the patched `cortex-m` calls, if it finds it. Returns the register that was asked for, or 0.
// SAFETY: The name is this crate's own: two versions of it in one program clash here, as they do in the trap engine.
#[unsafe(no_mangle)]
extern "C-unwind" fn memtrap_cortex_m_v1(operation: u32, argument: u32) -> u32 {
    // Without a bus there is neither time to pass nor a line to mask.
    current::current().map_or(0, |core| core.cortex_m(operation, argument))
}

pub(super) fn link() {
    std::hint::black_box(memtrap_cortex_m_v1 as extern "C-unwind" fn(u32, u32) -> u32);
}

impl Core {
    fn cortex_m(self: &Arc<Self>, operation: u32, argument: u32) -> u32 {
        let [argument_byte, ..] = argument.to_le_bytes();
        match operation {
            operation::NOP => self.pass_cycles(1),
            operation::DELAY => self.pass_cycles(argument),
            operation::WFE if self.processor.take_event() => {}
            operation::WFI | operation::WFE => self.wait(),
            operation::SEV => self.processor.send_event(),
            operation::ISB => self.mark("isb"),
            operation::DSB => self.mark("dsb"),
            operation::DMB => self.mark("dmb"),
            operation::BKPT => self.mark("bkpt"),
            operation::READ_PRIMASK => return u32::from(self.interrupts.is_masked()),
            operation::WRITE_PRIMASK => {
                self.interrupts.set_masked(argument & 1 != 0);
                self.serve();
            }
            operation::READ_BASEPRI => return u32::from(self.processor.base_priority.load(Ordering::Relaxed)),
            operation::WRITE_BASEPRI => self.set_base_priority(argument_byte),
            // Only raises the priority (section B1.4.3).
            operation::WRITE_BASEPRI_MAX => {
                let before = self.processor.base_priority.load(Ordering::Relaxed);
                if argument_byte != 0 && (before == 0 || argument_byte < before) {
                    self.set_base_priority(argument_byte);
                }
            }
            _ => {}
        }
        0
    }

    fn mark(&self, instruction: &str) {
        self.record(0, "processor", EventKind::Note(instruction.to_owned()));
    }

    fn set_base_priority(self: &Arc<Self>, priority: u8) {
        self.processor.base_priority.store(priority, Ordering::Relaxed);
        // On the bus a higher number is more urgent, on the processor a lower one.
        self.interrupts.set_threshold((priority != 0).then_some(u8::MAX - priority));
        self.serve();
    }

    /// Serves what may be served now, unless the driver is being unwound.
    pub(super) fn serve(self: &Arc<Self>) {
        if !std::thread::panicking() {
            self.serve_interrupts().unwrap_or_else(|report| panic!("{report}"));
        }
    }
}
