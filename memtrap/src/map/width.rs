//! The width of one access.

/// Width of a register or of an access: 1, 2, 4 or 8 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Width {
    /// 8 bits, 1 byte.
    U8,
    /// 16 bits, 2 bytes.
    U16,
    /// 32 bits, 4 bytes.
    U32,
    /// 64 bits, 8 bytes.
    U64,
}

impl Width {
    /// All widths, in ascending order.
    #[cfg(simulation)]
    pub(crate) const ALL: [Self; 4] = [Self::U8, Self::U16, Self::U32, Self::U64];

    /// The width in bytes: 1, 2, 4 or 8.
    #[inline]
    pub const fn bytes(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::U16 => 2,
            Self::U32 => 4,
            Self::U64 => 8,
        }
    }

    /// The width in bits: 8, 16, 32 or 64.
    #[inline]
    pub const fn bits(self) -> u32 {
        match self {
            Self::U8 => 8,
            Self::U16 => 16,
            Self::U32 => 32,
            Self::U64 => 64,
        }
    }

    /// The width of `bytes` bytes, or `None` if that is not 1, 2, 4 or 8.
    pub const fn from_bytes(bytes: usize) -> Option<Self> {
        match bytes {
            1 => Some(Self::U8),
            2 => Some(Self::U16),
            4 => Some(Self::U32),
            8 => Some(Self::U64),
            _ => None,
        }
    }

    /// A value with the low [`bits`](Self::bits) bits set.
    #[inline]
    pub const fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }
}
