//! Split virtqueues, as the device sees them (section 2.7).

use super::feature;
use crate::{bus::Context, error::BusError};

/// Flags of a descriptor.
const NEXT: u16 = 1;
const WRITE: u16 = 2;
const INDIRECT: u16 = 4;
/// Flag of the available ring: no interrupts, please.
const NO_INTERRUPT: u16 = 1;
/// Size of a descriptor in bytes.
const DESCRIPTOR: u64 = 16;

/// The most entries a queue may have.
pub(super) const SIZE_MAX: u16 = 1024;

/// The buffers of one request, in the order of their descriptors.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    readable: Vec<(u64, u32)>,
    writable: Vec<(u64, u32)>,
}

impl Chain {
    /// The bytes that the driver passes to the device.
    ///
    /// # Errors
    ///
    /// [`BusError`] if an address is not memory that the device can reach.
    pub fn read(&self, cx: &mut Context<'_>) -> Result<Vec<u8>, BusError> {
        let mut bytes = Vec::new();
        for &(address, length) in &self.readable {
            let start = bytes.len();
            bytes.resize(start + length as usize, 0);
            cx.dma().read(address, &mut bytes[start..])?;
        }
        Ok(bytes)
    }

    /// How many bytes the device may write.
    #[must_use]
    pub fn room(&self) -> usize {
        self.writable.iter().map(|&(_, length)| length as usize).sum()
    }

    /// Passes `bytes` to the driver, from the start of the writable buffers; how many they were.
    ///
    /// # Errors
    ///
    /// [`BusError`] if there is no room for them or an address is not memory that the device can reach.
    pub fn write(&self, bytes: &[u8], cx: &mut Context<'_>) -> Result<u32, BusError> {
        let mut rest = bytes;
        for &(address, length) in &self.writable {
            let (now, later) = rest.split_at(rest.len().min(length as usize));
            if !now.is_empty() {
                cx.dma().write(address, now)?;
            }
            rest = later;
        }
        if rest.is_empty() {
            return Ok(u32::try_from(bytes.len()).expect("buffers are shorter than 4 GiB"));
        }
        Err(BusError::refused(format!("the device has {} bytes for buffers of {}", bytes.len(), self.room())))
    }
}

/// Where a queue is and how far the device has come.
#[derive(Clone, Debug, Default)]
pub(super) struct Queue {
    pub(super) size: u16,
    pub(super) ready: bool,
    pub(super) descriptors: u64,
    pub(super) available: u64,
    pub(super) used: u64,
    next_available: u16,
    next_used: u16,
    /// What the next entry of the used ring says instead of the truth: the head of a chain, and a length.
    pub(super) forged: Option<(u32, u32)>,
}

impl Queue {
    /// The next request of the driver: the index of its first descriptor and its buffers.
    pub(super) fn pop(&mut self, features: u64, cx: &mut Context<'_>) -> Result<Option<(u16, Chain)>, BusError> {
        let available = self.read_u16(self.available + 2, cx)?;
        let waiting = available.wrapping_sub(self.next_available);
        if waiting == 0 {
            return Ok(None);
        }
        if waiting > self.size {
            return Err(BusError::refused(format!(
                "the available index is {available}, {waiting} entries ahead, but the queue has {} (2.7.6)",
                self.size
            )));
        }
        let slot = u64::from(self.next_available % self.size);
        let head = self.read_u16(self.available + 4 + 2 * slot, cx)?;
        self.next_available = self.next_available.wrapping_add(1);
        if features & feature::EVENT_IDX != 0 {
            // "Notify me of the next one": avail_event, behind the used ring.
            let at = self.used + 4 + 8 * u64::from(self.size);
            cx.dma().write(at, &self.next_available.to_le_bytes())?;
        }
        Ok(Some((head, self.chain(head, features, cx)?)))
    }

    fn chain(&self, head: u16, features: u64, cx: &mut Context<'_>) -> Result<Chain, BusError> {
        let mut chain = Chain::default();
        let (mut table, mut size, mut index) = (self.descriptors, u32::from(self.size), head);
        // A chain is no longer than the queue (section 2.7.5), so a longer one is a loop.
        for _ in 0..=self.size {
            if u32::from(index) >= size {
                return Err(BusError::refused(format!("descriptor {index} is outside a table of {size} (2.7.5)")));
            }
            let bytes = cx.dma().read_array::<16>(table + DESCRIPTOR * u64::from(index))?;
            let [a0, a1, a2, a3, a4, a5, a6, a7, l0, l1, l2, l3, f0, f1, n0, n1] = bytes;
            let address = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]);
            let length = u32::from_le_bytes([l0, l1, l2, l3]);
            let flags = u16::from_le_bytes([f0, f1]);
            if flags & INDIRECT != 0 {
                if features & feature::INDIRECT_DESC == 0 || table != self.descriptors || flags & NEXT != 0 {
                    return Err(BusError::refused(
                        "an indirect descriptor that was not negotiated, is in an indirect table or has a next (2.7.5.3)",
                    ));
                }
                (table, size, index) = (address, length / 16, 0);
                continue;
            }
            if flags & WRITE != 0 {
                chain.writable.push((address, length));
            } else if chain.writable.is_empty() {
                chain.readable.push((address, length));
            } else {
                return Err(BusError::refused("a readable descriptor follows a writable one (2.7.4.2)"));
            }
            if flags & NEXT == 0 {
                return Ok(chain);
            }
            index = u16::from_le_bytes([n0, n1]);
        }
        Err(BusError::refused(format!("the chain of descriptor {head} is a loop (2.7.5)")))
    }

    /// Returns a chain to the driver; whether it wants an interrupt for that.
    pub(super) fn push(
        &mut self,
        head: u16,
        written: u32,
        features: u64,
        cx: &mut Context<'_>,
    ) -> Result<bool, BusError> {
        let slot = u64::from(self.next_used % self.size);
        let (id, length) = self.forged.take().unwrap_or((head.into(), written));
        let [i0, i1, i2, i3] = id.to_le_bytes();
        let [l0, l1, l2, l3] = length.to_le_bytes();
        cx.dma().write(self.used + 4 + 8 * slot, &[i0, i1, i2, i3, l0, l1, l2, l3])?;
        let before = self.next_used;
        self.next_used = before.wrapping_add(1);
        cx.dma().write(self.used + 2, &self.next_used.to_le_bytes())?;
        if features & feature::EVENT_IDX != 0 {
            // used_event, behind the available ring: interrupt me when this entry was used (section 2.7.7).
            let wanted = self.read_u16(self.available + 4 + 2 * u64::from(self.size), cx)?;
            return Ok(wanted == before);
        }
        Ok(self.read_u16(self.available, cx)? & NO_INTERRUPT == 0)
    }

    fn read_u16(&self, address: u64, cx: &mut Context<'_>) -> Result<u16, BusError> {
        Ok(u16::from_le_bytes(cx.dma().read_array(address)?))
    }
}
