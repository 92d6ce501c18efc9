//! The bit-band alias of the peripherals: each word of it is one bit of theirs ("Armv7-M Architecture Reference Manual",
//! ARM DDI 0403E.e, section B3.1; "Cortex-M4 Technical Reference Manual", section 3.7).

use memtrap::{Access, Bus, BusError, Context, Device, Region, Width, map::RegisterMap};

const ALIAS: usize = 0x4200_0000;
const PERIPHERALS: usize = 0x4000_0000;
const SIZE: usize = 0x200_0000;

pub(crate) struct BitBand;

impl BitBand {
    pub(crate) fn at(bus: &Bus) -> Region<Self> {
        bus.map_at(ALIAS, SIZE, Self).unwrap()
    }
}

/// The word that has the bit, and the bit.
fn place(offset: usize) -> (*mut u32, u32) {
    let bit = offset / 4;
    (std::ptr::with_exposed_provenance_mut(PERIPHERALS + bit / 32 * 4), 1 << (bit % 32))
}

impl Device for BitBand {
    fn read(&mut self, access: Access, _: &mut Context<'_>) -> Result<u64, BusError> {
        let (word, bit) = place(access.offset);
        // SAFETY: What lies there is a region, which traps the access, or nothing, which ends the test.
        let value = unsafe { word.read_volatile() };
        Ok(u64::from(value & bit != 0))
    }

    fn write(&mut self, access: Access, value: u64, _: &mut Context<'_>) -> Result<(), BusError> {
        let (word, bit) = place(access.offset);
        // SAFETY: As above.
        let before = unsafe { word.read_volatile() };
        let after = if value & 1 != 0 { before | bit } else { before & !bit };
        // SAFETY: As above.
        unsafe { word.write_volatile(after) };
        Ok(())
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        static MAP: RegisterMap = RegisterMap::new("bit_band", SIZE, Width::U32, &[]);
        Some(&MAP)
    }
}
