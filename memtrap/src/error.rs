//! What can go wrong, as values that carry what is needed to act on them.
#![forbid(unsafe_code)]

use crate::map::Width;
use std::{borrow::Cow, error::Error, fmt, io};

/// Why a device refused an access.
///
/// A device model returns it from [`Device::read`](crate::Device::read) or [`Device::write`](crate::Device::write).
/// Through the typed door the accessor then panics. Through the trapped door the access completes (a read with all bits
/// set) and the report is raised at the next call into memtrap, because unwinding out of a load instruction is
/// undefined behaviour.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BusError {
    /// Nothing answers at this offset.
    Unmapped,
    /// The register exists but permits reads only.
    ReadOnly,
    /// The register exists but permits writes only.
    WriteOnly,
    /// The register exists but does not answer to this width, or the access does not start where the register does.
    Width {
        /// The width the register answers to.
        expected: Width,
    },
    /// The register has bits that change when they are written back as they were read, and one operation has read it and
    /// written it back.
    ReadModifyWrite,
    /// Bits that belong to no field are written as what they must not be.
    ReservedBits {
        /// The bits that are written as one, and must be zero.
        ones: u64,
        /// The bits that are written as zero, and must be one.
        zeros: u64,
    },
    /// The device was accessed while it was answering another access on the same thread.
    Reentered,
    /// The model could not reach the driver's memory.
    Dma(DmaError),
    /// Nothing answers, because the test has injected a [fault](crate::fault).
    Injected,
    /// Any other reason, in the model's own words.
    Refused(Cow<'static, str>),
}

impl BusError {
    /// A refusal for a reason of the model's own.
    pub fn refused(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused(reason.into())
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unmapped => f.write_str("no register is mapped at this offset"),
            Self::ReadOnly => f.write_str("the register is read-only"),
            Self::WriteOnly => f.write_str("the register is write-only"),
            Self::Width { expected } => {
                write!(f, "the register answers only to aligned accesses of {} bytes", expected.bytes())
            }
            Self::ReadModifyWrite => {
                f.write_str("the register has bits that act when they are written back as they were read")
            }
            Self::ReservedBits { ones, zeros: 0 } => {
                write!(f, "reserved bits {ones:#x} are written as one, and must be zero")
            }
            Self::ReservedBits { ones: 0, zeros } => {
                write!(f, "reserved bits {zeros:#x} are written as zero, and must be one")
            }
            Self::ReservedBits { ones, zeros } => {
                write!(f, "reserved bits {ones:#x} must be written as zero, and {zeros:#x} as one")
            }
            Self::Reentered => f.write_str("the device is still answering another access on this thread"),
            Self::Dma(error) => error.fmt(f),
            Self::Injected => f.write_str("injected fault"),
            Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl Error for BusError {}

/// A device model tried to reach memory that the driver does not share with devices.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DmaError {
    /// The address that the device was given.
    pub address: u64,
    /// Number of bytes.
    pub length: usize,
    /// The shared address of which `address` is the low half, if there is one: the driver has cut it to 32 bits.
    pub cut_from: Option<u64>,
}

impl fmt::Display for DmaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, length, cut_from } = self;
        write!(f, "{length} bytes at {address:#x} are not memory that devices can reach")?;
        match cut_from {
            Some(whole) => write!(
                f,
                ": the driver seems to have cut {whole:#x} to 32 bits; give it memory below 4 GiB with `Bus::ram_at`"
            ),
            None => f.write_str(": use memory of `Bus::ram` or `Bus::ram_at`, or share it with `Bus::share_memory`"),
        }
    }
}

impl Error for DmaError {}

/// Why a region could not be mapped.
#[derive(Debug)]
#[non_exhaustive]
pub enum MapError {
    /// The size is zero.
    ZeroSize,
    /// The fixed address is not a multiple of the width of the bus.
    Misaligned {
        /// The address that was asked for.
        address: usize,
        /// What it must be a multiple of, in bytes.
        align: usize,
    },
    /// The range does not fit in the address space of a process.
    OutOfRange {
        /// The address that was asked for.
        address: usize,
        /// The size in bytes.
        size: usize,
    },
    /// A live region already answers in the range.
    Overlap {
        /// The address that was asked for.
        address: usize,
        /// The size in bytes.
        size: usize,
        /// Name of the region that is there.
        region: String,
        /// Where that region starts.
        region_address: usize,
        /// Its size in bytes.
        region_size: usize,
    },
    /// Something that is not memtrap's is mapped in the range: the program, a library, a stack or the heap.
    AddressTaken {
        /// The address that was asked for.
        address: usize,
        /// The size in bytes.
        size: usize,
        /// What is there, as the operating system describes it, if it could be found out.
        by: Option<String>,
    },
    /// The operating system refused the reservation.
    System {
        /// The address that was asked for, or `None` for any.
        address: Option<usize>,
        /// The size in bytes.
        size: usize,
        /// What it said.
        source: io::Error,
    },
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ZeroSize => f.write_str("a region needs at least one byte: pass the size of the register block"),
            Self::Misaligned { address, align } => {
                let below = address - address % align;
                write!(
                    f,
                    "address {address:#x} is not a multiple of {align}, the width of the bus in bytes: {below:#x} or {:#x}?",
                    below.saturating_add(*align),
                )
            }
            Self::OutOfRange { address, size } => write!(
                f,
                "{size:#x} bytes at {address:#x} do not fit in the address space of this process: choose a lower address \
                 or let memtrap choose one"
            ),
            Self::Overlap { address, size, region, region_address, region_size } => write!(
                f,
                "{size:#x} bytes at {address:#x} overlap the region `{region}` ({region_size:#x} bytes at \
                 {region_address:#x}): drop its simulation first or choose another address"
            ),
            Self::AddressTaken { address, size, by } => write!(
                f,
                "{size:#x} bytes at {address:#x} are in use by {}: choose another address or let memtrap choose one",
                by.as_deref().unwrap_or("another mapping of this process"),
            ),
            Self::System { address: Some(address), size, source } => {
                write!(f, "the operating system did not reserve {size:#x} bytes at {address:#x}: {source}")?;
                if *address < 0x1_0000 {
                    f.write_str(" (addresses this low are reserved: see vm.mmap_min_addr)")?;
                }
                Ok(())
            }
            Self::System { address: None, size, source } => {
                write!(f, "the operating system did not reserve {size:#x} bytes: {source}")
            }
        }
    }
}

impl Error for MapError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
