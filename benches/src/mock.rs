//! What a driver that is generic over its bus is tested with today: a mock behind a trait.

/// The bus of such a driver.
pub trait Bus: Send {
    /// Reads a register.
    fn read(&mut self, offset: usize) -> u32;
    /// Writes a register.
    fn write(&mut self, offset: usize, value: u32);
    /// What was written last.
    fn written(&self) -> u32;
}

/// A mock that does what the simulated device does.
#[derive(Debug, Default)]
pub struct Mock {
    /// Number of reads.
    pub reads: u32,
    /// What was written last.
    pub written: u32,
}

impl Bus for Mock {
    fn read(&mut self, offset: usize) -> u32 {
        assert_eq!(offset, 0x18, "no such register");
        self.reads = self.reads.wrapping_add(1);
        self.reads
    }

    fn write(&mut self, offset: usize, value: u32) {
        assert_eq!(offset, 0x18, "no such register");
        self.written = value;
    }

    fn written(&self) -> u32 {
        self.written
    }
}
