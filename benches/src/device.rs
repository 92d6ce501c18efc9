//! The simulated device.

use memtrap::{Context, simulated};

/// One register.
#[simulated(size = 0x1000, width = 32)]
pub struct Counter {
    /// Reads as the number of reads; keeps what is written.
    #[reg(0x018, rw)]
    pub value: u32,
}

/// What the register does.
#[derive(Debug, Default)]
pub struct Counting {
    /// Number of reads.
    pub reads: u32,
    /// What was written last.
    pub written: u32,
    /// Number of writes.
    pub writes: u32,
}

impl counter::Model for Counting {
    fn read_value(&mut self, _regs: &mut counter::State, _cx: &mut Context<'_>) -> u32 {
        self.reads = self.reads.wrapping_add(1);
        self.reads
    }

    fn write_value(&mut self, _regs: &mut counter::State, value: u32, _cx: &mut Context<'_>) {
        self.written = value;
        self.writes = self.writes.wrapping_add(1);
    }
}
