//! The bytes that the elements of a register cover.

/// Where the elements of a register lie. Computed with during the compilation of a block, to find overlaps between
/// registers whose widths the expansion does not know.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    offset: u64,
    bytes: u64,
    stride: u64,
    count: u64,
}

impl Extent {
    /// `count` elements of `bytes` bytes, `stride` bytes apart, the first at `offset`.
    pub const fn new(offset: u64, bytes: u64, stride: u64, count: u64) -> Self {
        Self { offset, bytes, stride, count }
    }

    /// The first byte behind the last element; saturates.
    pub const fn end(&self) -> u64 {
        self.offset.saturating_add(self.count.saturating_sub(1).saturating_mul(self.stride)).saturating_add(self.bytes)
    }

    /// Whether elements are no wider than a bus of `bus` bits, and aligned.
    pub const fn fits(&self, bus: u64) -> bool {
        8 * self.bytes <= bus && self.offset.is_multiple_of(self.bytes)
    }

    /// Whether, on such a bus, the elements lie in a block of `size` bytes.
    pub const fn is_placed(&self, bus: u64, size: u64) -> bool {
        self.fits(bus) && self.end() <= size
    }

    /// Whether an element of one shares a byte with an element of the other.
    pub const fn meet(&self, other: &Self) -> bool {
        let (few, many) = if self.count <= other.count { (self, other) } else { (other, self) };
        let mut index = 0;
        while index < few.count {
            if many.covers(few.offset + index * few.stride, few.bytes) {
                return true;
            }
            index += 1;
        }
        false
    }

    /// Whether an element shares a byte with `bytes` bytes at `start`.
    const fn covers(&self, start: u64, bytes: u64) -> bool {
        if self.count == 0 || start >= self.end() || start + bytes <= self.offset {
            return false;
        }
        // The last element that starts before the range ends.
        let last = (start + bytes - 1).saturating_sub(self.offset) / self.stride;
        let last = if last < self.count { last } else { self.count - 1 };
        self.offset + last * self.stride + self.bytes > start
    }
}
