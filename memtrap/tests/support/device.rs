//! A device that answers every access.

use memtrap::{Access, BusError, Context, Device};

/// Reads as its offset; remembers what was written.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) reads: u64,
    pub(crate) written: Vec<(usize, u64)>,
}

impl Device for Scratch {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.reads += 1;
        Ok(access.offset as u64)
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.written.push((access.offset, value));
        Ok(())
    }
}
