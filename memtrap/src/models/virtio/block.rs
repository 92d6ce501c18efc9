//! A block device over memory (section 5.2).

use super::{Chain, VirtioBackend};
use crate::{bus::Context, error::BusError};

/// Size of a sector in bytes.
const SECTOR: usize = 512;

/// Feature bits (section 5.2.3).
const READ_ONLY: u64 = 1 << 5;
const FLUSH: u64 = 1 << 9;

/// Types of a request (section 5.2.6).
const IN: u32 = 0;
const OUT: u32 = 1;
const FLUSH_REQUEST: u32 = 4;
const GET_ID: u32 = 8;

/// Results of a request.
const OK: u8 = 0;
const IO_ERROR: u8 = 1;
const UNSUPPORTED: u8 = 2;

/// A virtio block device over memory, to be put behind a [`VirtioMmio`](super::VirtioMmio).
///
/// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.2: reading, writing, flushing and the device's ID. The
/// other requests are answered as unsupported.
#[derive(Clone, Debug)]
pub struct VirtioBlock {
    disk: Vec<u8>,
    id: [u8; 20],
    read_only: bool,
    flushes: u64,
}

impl VirtioBlock {
    /// A disk with these contents, filled up with zeros to whole sectors of 512 bytes.
    #[must_use]
    pub fn new(mut disk: Vec<u8>) -> Self {
        disk.resize(disk.len().next_multiple_of(SECTOR), 0);
        let mut id = [0; 20];
        id[..7].copy_from_slice(b"memtrap");
        Self { disk, id, read_only: false, flushes: 0 }
    }

    /// A disk that cannot be written.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// Another ID than `memtrap`: 20 bytes, padded with zeros.
    #[must_use]
    pub fn with_id(self, id: [u8; 20]) -> Self {
        Self { id, ..self }
    }

    /// What is on the disk.
    #[must_use]
    pub fn disk(&self) -> &[u8] {
        &self.disk
    }

    /// What is on the disk, for a test that changes it behind the driver's back.
    #[must_use]
    pub fn disk_mut(&mut self) -> &mut [u8] {
        &mut self.disk
    }

    /// How often the driver has flushed.
    #[must_use]
    pub fn flushes(&self) -> u64 {
        self.flushes
    }

    /// `length` bytes from a sector on, if they are on the disk.
    fn sectors(&mut self, sector: u64, length: usize) -> Option<&mut [u8]> {
        let start = usize::try_from(sector).ok()?.checked_mul(SECTOR)?;
        self.disk.get_mut(start..start.checked_add(length)?)
    }
}

impl VirtioBackend for VirtioBlock {
    fn device_type(&self) -> u32 {
        2
    }

    fn features(&self) -> u64 {
        if self.read_only { READ_ONLY | FLUSH } else { FLUSH }
    }

    /// The capacity in sectors; the rest belongs to features that are not offered.
    fn configuration(&self) -> Vec<u8> {
        let mut bytes = ((self.disk.len() / SECTOR) as u64).to_le_bytes().to_vec();
        bytes.resize(0x3c, 0);
        bytes
    }

    fn request(&mut self, _queue: usize, chain: &Chain, cx: &mut Context<'_>) -> Result<u32, BusError> {
        let request = chain.read(cx)?;
        let Some((header, data)) = request.split_first_chunk::<16>() else {
            return Err(BusError::refused("a request begins with 16 bytes (5.2.6)"));
        };
        let Some(room) = chain.room().checked_sub(1) else {
            return Err(BusError::refused("a request ends with a byte for its status (5.2.6)"));
        };
        let [t0, t1, t2, t3, _, _, _, _, sector @ ..] = *header;
        let sector = u64::from_le_bytes(sector);
        let mut answer = vec![0; room];
        let status = match u32::from_le_bytes([t0, t1, t2, t3]) {
            IN | OUT if !room.is_multiple_of(SECTOR) || !data.len().is_multiple_of(SECTOR) => {
                return Err(BusError::refused("data are whole sectors of 512 bytes (5.2.6.1)"));
            }
            IN => match self.sectors(sector, room) {
                Some(bytes) => {
                    answer.copy_from_slice(bytes);
                    OK
                }
                None => IO_ERROR,
            },
            OUT if self.read_only => IO_ERROR,
            OUT => match self.sectors(sector, data.len()) {
                Some(bytes) => {
                    bytes.copy_from_slice(data);
                    OK
                }
                None => IO_ERROR,
            },
            FLUSH_REQUEST => {
                self.flushes += 1;
                OK
            }
            GET_ID => {
                let length = room.min(self.id.len());
                answer[..length].copy_from_slice(&self.id[..length]);
                OK
            }
            _ => UNSUPPORTED,
        };
        answer.push(status);
        chain.write(&answer, cx)
    }
}
