//! The four interrupt sources and their one output (data sheet, table IV).

use super::{
    Uart16550,
    registers::{ier, iir},
};
use crate::bus::Context;

impl Uart16550 {
    /// The interrupt identification register: the most urgent source that is enabled and pending.
    pub(super) fn iir(&self) -> u8 {
        let enabled = |bit: u8| self.ier & bit != 0;
        let source = if enabled(ier::ELSI) && self.receiver.overrun {
            iir::LINE_STATUS
        } else if enabled(ier::ERBFI) && self.receiver.is_at_trigger_level() {
            iir::DATA
        } else if enabled(ier::ERBFI) && self.receiver.timed_out {
            iir::TIME_OUT
        } else if enabled(ier::ETBEI) && self.emptied {
            iir::TRANSMITTER
        } else if enabled(ier::EDSSI) && self.changes != 0 {
            iir::MODEM
        } else {
            iir::NONE
        };
        if self.receiver.is_fifo() { source | iir::FIFOS } else { source }
    }

    /// IIR was read: that resets the transmitter's source, if it is the one that was reported.
    pub(super) fn identified(&mut self, iir: u8) {
        if iir & !iir::FIFOS == iir::TRANSMITTER {
            self.emptied = false;
        }
    }

    pub(super) fn drive_interrupt(&mut self, cx: &mut Context<'_>) {
        if let Some(line) = self.interrupt {
            if self.iir() & iir::NONE == 0 { cx.raise(line) } else { cx.lower(line) }
        }
    }
}
