//! A block device over memory or a file (section 5.2).

#[cfg(test)]
mod tests;

use super::{Chain, VirtioBackend};
use crate::{bus::Context, error::BusError};
use std::{
    any::Any,
    fmt,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};

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

/// A virtio block device over memory or a file, to be put behind a [`VirtioMmio`](super::VirtioMmio).
///
/// Follows "Virtual I/O Device (VIRTIO) Version 1.2", section 5.2: reading, writing, flushing and the device's ID. The
/// other requests are answered as unsupported.
///
/// ```
/// use memtrap::models::{VirtioBlock, VirtioMmio};
/// # let path = std::env::temp_dir().join(format!("memtrap-image-{}", std::process::id()));
/// # std::fs::write(&path, [0; 1024])?;
///
/// let in_memory = VirtioMmio::new(VirtioBlock::new(vec![0; 1024]));
/// let image = std::fs::File::options().read(true).write(true).open(&path)?;
/// let in_a_file = VirtioMmio::new(VirtioBlock::over(image)?);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone)]
pub struct VirtioBlock<S = Cursor<Vec<u8>>> {
    storage: S,
    sectors: u64,
    id: [u8; 20],
    read_only: bool,
    flushes: u64,
}

impl VirtioBlock {
    /// A disk in memory with these contents, filled up with zeros to whole sectors of 512 bytes.
    #[must_use]
    pub fn new(mut disk: Vec<u8>) -> Self {
        disk.resize(disk.len().next_multiple_of(SECTOR), 0);
        let sectors = (disk.len() / SECTOR) as u64;
        Self::with_sectors(Cursor::new(disk), sectors)
    }

    /// What is on the disk.
    #[must_use]
    pub fn disk(&self) -> &[u8] {
        self.storage.get_ref()
    }

    /// What is on the disk, for a test that changes it behind the driver's back.
    #[must_use]
    pub fn disk_mut(&mut self) -> &mut [u8] {
        self.storage.get_mut()
    }
}

impl<S> VirtioBlock<S> {
    fn with_sectors(storage: S, sectors: u64) -> Self {
        let mut id = [0; 20];
        id[..7].copy_from_slice(b"memtrap");
        Self { storage, sectors, id, read_only: false, flushes: 0 }
    }

    /// A disk over anything that can be read, written and sought, as an image in a [`File`](std::fs::File). It has as
    /// many sectors as there are now; what does not fill one at the end is not on the disk. An error of the storage is
    /// an I/O error of the request.
    ///
    /// # Errors
    ///
    /// If the storage cannot be sought.
    pub fn over(mut storage: S) -> io::Result<Self>
    where
        S: Seek,
    {
        let sectors = storage.seek(SeekFrom::End(0))? / SECTOR as u64;
        Ok(Self::with_sectors(storage, sectors))
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

    /// What the disk is over.
    #[must_use]
    pub fn storage(&self) -> &S {
        &self.storage
    }

    /// How often the driver has flushed.
    #[must_use]
    pub fn flushes(&self) -> u64 {
        self.flushes
    }
}

impl<S: Read + Write + Seek> VirtioBlock<S> {
    /// The storage at the start of a sector, if `length` bytes from there on are on the disk.
    fn sectors(&mut self, sector: u64, length: usize) -> io::Result<&mut S> {
        let end = ((length / SECTOR) as u64).checked_add(sector);
        if end.is_none_or(|end| end > self.sectors) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.storage.seek(SeekFrom::Start(sector * SECTOR as u64))?;
        Ok(&mut self.storage)
    }
}

impl<S: Read + Write + Seek + Any + Send> VirtioBackend for VirtioBlock<S> {
    fn device_type(&self) -> u32 {
        2
    }

    fn features(&self) -> u64 {
        if self.read_only { READ_ONLY | FLUSH } else { FLUSH }
    }

    /// The capacity in sectors; the rest belongs to features that are not offered.
    fn configuration(&self) -> Vec<u8> {
        let mut bytes = self.sectors.to_le_bytes().to_vec();
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
        let result = match u32::from_le_bytes([t0, t1, t2, t3]) {
            IN | OUT if !room.is_multiple_of(SECTOR) || !data.len().is_multiple_of(SECTOR) => {
                return Err(BusError::refused("data are whole sectors of 512 bytes (5.2.6.1)"));
            }
            IN => status(self.sectors(sector, room).and_then(|storage| storage.read_exact(&mut answer))),
            OUT if self.read_only => IO_ERROR,
            OUT => status(self.sectors(sector, data.len()).and_then(|storage| storage.write_all(data))),
            FLUSH_REQUEST => {
                self.flushes += 1;
                status(self.storage.flush())
            }
            GET_ID => {
                let length = room.min(self.id.len());
                answer[..length].copy_from_slice(&self.id[..length]);
                OK
            }
            _ => UNSUPPORTED,
        };
        answer.push(result);
        chain.write(&answer, cx)
    }
}

/// What the driver is told of an error of the storage.
fn status(result: io::Result<()>) -> u8 {
    if result.is_ok() { OK } else { IO_ERROR }
}

/// Not what is on the disk, which no report has room for.
impl<S> fmt::Debug for VirtioBlock<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtioBlock")
            .field("sectors", &self.sectors)
            .field("read_only", &self.read_only)
            .field("flushes", &self.flushes)
            .finish_non_exhaustive()
    }
}
