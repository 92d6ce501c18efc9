//! Aliases: addresses at which the registers of another region are reached in another way.

use super::{Access, Bus, Context, Device, Region, mapping::Mapping, placement::Place};
use crate::{
    error::{BusError, MapError},
    map::{Register, RegisterMap, Width},
};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// What a write to an alias does to the register behind it. A read of all but a bit band reads the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AliasKind {
    /// It writes it.
    Mirror,
    /// It sets the bits that are one, as the atomic aliases of the RP2040 do at +0x2000 (data sheet, section 2.1.2).
    Set,
    /// It clears the bits that are one, as at +0x3000.
    Clear,
    /// It inverts the bits that are one, as at +0x1000.
    Toggle,
    /// It writes one bit. Each bit of the region is a word of the alias, as in the bit-band regions of the Cortex-M3 and
    /// M4 (Arm DDI 0403E, section B3.1, and the technical reference manual, "Bit-banding"): the processor reads the word
    /// that has the bit, and writes it back.
    BitBand,
}

impl AliasKind {
    /// Bytes of the alias for a byte of the region.
    #[must_use]
    pub const fn scale(self) -> usize {
        match self {
            Self::BitBand => 32,
            _ => 1,
        }
    }

    /// What is put behind the name of the region.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Mirror => "mirror",
            Self::Set => "set",
            Self::Clear => "clear",
            Self::Toggle => "xor",
            Self::BitBand => "bits",
        }
    }
}

/// The device behind an alias of a region.
#[derive(Debug)]
pub struct AliasWindow {
    alias: AliasKind,
    target: &'static Mapping,
    map: Option<&'static RegisterMap>,
}

impl<D> Region<D> {
    /// Lets the registers of this region be reached at `address` too, in the way of `alias`, until the returned region is
    /// dropped. The alias is as large as the region, a bit band 32 times as large.
    ///
    /// An access to the alias is one line of the trace, with the names of the region and its registers: `RESETS.set.RESET`,
    /// and `GPIO.bits.ODR[5]` for bit 5 of a register. The device behind it sees a read, a write, or both, of its own
    /// registers; what a write changes is found out without a read's side effects where the device can (by
    /// [`Device::peek`]), but not through a bit band, where the hardware reads.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn alias_at(&self, address: usize, alias: AliasKind) -> Result<Region<AliasWindow>, MapError> {
        let target = self.mapping();
        let size =
            target.size().checked_mul(alias.scale()).ok_or(MapError::OutOfRange { address, size: usize::MAX })?;
        let map = target.registers().map(|map| map_of(map, alias));
        Region::create(self.core(), Place::At(address), size, AliasWindow { alias, target, map })
    }
}

impl Bus {
    /// Where a bit band that begins at `band`, and has `address` at `alias`, has a byte of the region at `address`.
    #[must_use]
    pub const fn bit_band_address(address: usize, band: usize, alias: usize) -> usize {
        alias + (address - band) * AliasKind::BitBand.scale()
    }
}

/// The names of a region's registers in its alias. Made once for each map, since the records of regions are permanent.
fn map_of(map: &'static RegisterMap, alias: AliasKind) -> &'static RegisterMap {
    static MAPS: Mutex<BTreeMap<(usize, AliasKind), &'static RegisterMap>> = Mutex::new(BTreeMap::new());
    let mut maps = MAPS.lock().unwrap_or_else(PoisonError::into_inner);
    maps.entry(((&raw const *map).addr(), alias)).or_insert_with(|| {
        let name = format!("{}.{}", map.name, alias.suffix()).leak();
        let scaled = map.size * alias.scale();
        Box::leak(Box::new(match alias {
            AliasKind::BitBand => RegisterMap::new(name, scaled, Width::U32, bits_of(map.registers).leak()),
            _ => RegisterMap::new(name, scaled, map.width, map.registers),
        }))
    })
}

/// Each register, and each element of an array, as an array of its bits.
fn bits_of(registers: &[Register]) -> Vec<Register> {
    let mut bits = Vec::new();
    for register in registers {
        for element in 0..register.len() {
            let offset = AliasKind::BitBand.scale() * (register.offset + element * register.stride);
            let name = match register.count {
                Some(_) => format!("{}[{element}]", register.name).leak(),
                None => register.name,
            };
            let count = register.width.bits() as usize;
            bits.push(Register::new(name, offset, Width::U32, register.access, 0).array(count, 4));
        }
    }
    bits.sort_by_key(|register| register.offset);
    bits
}

impl AliasWindow {
    /// Carries out an access of the device behind the alias.
    fn forward(&self, access: Access, value: Option<u64>, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let (answer, failed) = self.target.with(|session| match value {
            None => session.forward_read(access),
            Some(value) => {
                let (answer, failed) = session.forward_write(access, value);
                (answer.map(|()| 0), failed)
            }
        })?;
        if let Some(reason) = failed {
            cx.fail(reason);
        }
        answer
    }

    /// What the device holds at the access, without the side effects of a read if it can be had.
    fn held(&self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        let peeked = self.target.with(|session| session.peek(access.offset, access.width))?;
        match peeked {
            Some(value) => Ok(value),
            None => match self.forward(access, None, cx) {
                // Nothing can be read there: as if all bits were zero.
                Err(BusError::WriteOnly) => Ok(0),
                other => other,
            },
        }
    }

    /// The word that has the bit of a word of a bit band, and the number of the bit in it.
    fn bit(access: Access) -> Result<(Access, u32), BusError> {
        if access.width != Width::U32 {
            return Err(BusError::Width { expected: Width::U32 });
        }
        let bit = access.offset / 4;
        let bits = Width::U32.bits() as usize;
        let number = u32::try_from(bit % bits).expect("less than 32");
        Ok((Access { offset: bit / bits * 4, ..access }, number))
    }
}

impl Device for AliasWindow {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        match self.alias {
            AliasKind::BitBand => {
                let (word, bit) = Self::bit(access)?;
                Ok(self.forward(word, None, cx)? >> bit & 1)
            }
            _ => self.forward(access, None, cx),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        let (access, value) = match self.alias {
            AliasKind::Mirror => (access, value),
            AliasKind::Set => (access, self.held(access, cx)? | value),
            AliasKind::Clear => (access, self.held(access, cx)? & !value),
            AliasKind::Toggle => (access, self.held(access, cx)? ^ value),
            AliasKind::BitBand => {
                let (word, bit) = Self::bit(access)?;
                (word, self.forward(word, None, cx)? & !(1 << bit) | (value & 1) << bit)
            }
        };
        self.forward(access, Some(value), cx).map(drop)
    }

    fn peek(&self, offset: usize, width: Width) -> Option<u64> {
        let (offset, bit) = match self.alias {
            AliasKind::BitBand => (offset / 128 * 4, Some(offset / 4 % 32)),
            _ => (offset, None),
        };
        let value = self.target.with(|session| session.peek(offset, width)).ok()??;
        Some(bit.map_or(value, |bit| value >> bit & 1))
    }

    fn bus_width(&self) -> Width {
        match self.alias {
            AliasKind::BitBand => Width::U32,
            _ => self.target.width(),
        }
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        self.map
    }
}
