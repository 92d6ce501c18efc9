//! A chip's peripherals on a bus.

use super::{
    attached::Attached,
    chip::Chip,
    partition::Part,
    stored::{Registers, StoredRegisters},
};
use crate::{
    bus::{AliasKind, AliasWindow, Bus, Context, Device, Region},
    error::MapError,
};
use std::{fmt, ops::Range};

/// A chip's peripherals at their addresses, until this value is dropped.
#[must_use = "dropping the simulated chip retires its regions"]
pub struct SimulatedChip {
    chip: Chip,
    bus: Bus,
    /// `None` where a model was attached.
    regions: Vec<(Part, Option<Region<StoredRegisters>>)>,
}

impl SimulatedChip {
    pub(super) fn new(chip: Chip, bus: Bus, regions: Vec<(Part, Option<Region<StoredRegisters>>)>) -> Self {
        Self { chip, bus, regions }
    }

    /// The chip.
    #[must_use]
    pub fn chip(&self) -> &Chip {
        &self.chip
    }

    /// The bus's line of the interrupt with this name, for [`Bus::on_interrupt`] and for models.
    ///
    /// # Panics
    ///
    /// If the chip has no interrupt of this name.
    #[must_use]
    #[track_caller]
    pub fn interrupt(&self, name: &str) -> u32 {
        let found = self.chip.interrupts().iter().find(|interrupt| interrupt.name == name);
        found.unwrap_or_else(|| panic!("memtrap: {} has no interrupt `{name}`", self.chip.name())).number
    }

    /// The regions that were made, in ascending order of their addresses: one for each peripheral, but one for all those
    /// that share their addresses, and several for one whose addresses lie apart. Those of attached models are not among
    /// them.
    pub fn regions(&self) -> impl Iterator<Item = &Region<StoredRegisters>> {
        self.regions.iter().filter_map(|(_, region)| region.as_ref())
    }

    /// The region that answers for a peripheral: that of its base address.
    ///
    /// # Panics
    ///
    /// If the chip has no such peripheral, it was left out, or a model was attached to it.
    #[track_caller]
    pub fn region(&self, peripheral: &str) -> &Region<StoredRegisters> {
        let place = self.place(peripheral);
        match &self.regions[place].1 {
            Some(region) => region,
            None => panic!("memtrap: a model is attached to `{peripheral}`: ask its region"),
        }
    }

    /// What a register holds: `UART0.DR`, `DMA.CH[3].CTRL`. Not an access.
    ///
    /// # Panics
    ///
    /// If the chip has no such register, its peripheral was left out, or a model was attached to it.
    #[must_use]
    #[track_caller]
    pub fn value(&self, register: &str) -> u64 {
        let (place, name) = self.locate(register);
        self.stored(place, register).device().values().get(&name)
    }

    /// Has a register hold `value`. Not an access, and without its effects.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    #[track_caller]
    pub fn set_value(&self, register: &str, value: u64) {
        let (place, name) = self.locate(register);
        self.stored(place, register).device().values().set(&name, value);
    }

    /// Calls `work` whenever a register is read, with the value that it holds; what `work` returns is what the driver reads.
    /// The effects of the read on the register are carried out before. For an array, `work` is called for each element.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    #[track_caller]
    pub fn on_read(
        &self,
        register: &str,
        work: impl FnMut(u64, &mut Registers<'_>, &mut Context<'_>) -> u64 + Send + 'static,
    ) {
        let (place, name) = self.locate(register);
        let mut stored = self.stored(place, register).device();
        let (number, _) = stored.layout().find(&name).expect("located");
        stored.set_on_read(number, Box::new(work));
    }

    /// Calls `work` whenever a register was written, with the written value. The effects of the write are carried out before;
    /// `work` may change what the registers of the peripheral hold.
    ///
    /// # Panics
    ///
    /// As [`value`](Self::value).
    #[track_caller]
    pub fn on_write(
        &self,
        register: &str,
        work: impl FnMut(u64, &mut Registers<'_>, &mut Context<'_>) + Send + 'static,
    ) {
        let (place, name) = self.locate(register);
        let mut stored = self.stored(place, register).device();
        let (number, _) = stored.layout().find(&name).expect("located");
        stored.set_on_write(number, Box::new(work));
    }

    /// Has `device` answer for a peripheral, on top of the stored registers: what the device does not know (it answers
    /// [`BusError::Unmapped`](crate::BusError::Unmapped)), they do. Offsets that the device sees begin at the peripheral's base
    /// address. Names stay those of the chip.
    ///
    /// Where the peripheral shares its addresses with others, the device answers for all of them; where they lie apart, for
    /// those around its base address.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    ///
    /// # Panics
    ///
    /// If the chip has no such peripheral, it was left out, or a model is attached to it already.
    #[track_caller]
    pub fn attach<D: Device>(&mut self, peripheral: &str, device: D) -> Result<Region<Attached<D>>, MapError> {
        let place = self.place(peripheral);
        let base = self.chip.device().peripherals[self.chip.number(peripheral)].base;
        let (part, region) = &mut self.regions[place];
        let Some(region) = region.take() else { panic!("memtrap: a model is attached to `{peripheral}` already") };
        let stored = region.device().take();
        let size = region.size();
        let start = usize::try_from(part.addresses.start).expect("it was mapped there");
        drop(region);
        let skipped = part.addresses.start.abs_diff(base);
        let skipped = usize::try_from(skipped).expect("both are addresses of this process");
        let begins_before = part.addresses.start < base;
        self.bus.map_at(start, size, Attached::new(device, stored, skipped, begins_before))
    }

    /// Takes a peripheral off the bus, for a region of the test's own at its addresses. Peripherals that share them go too.
    ///
    /// # Panics
    ///
    /// If the chip has no such peripheral, or it was left out.
    #[track_caller]
    pub fn remove(&mut self, peripheral: &str) {
        let number = self.chip.number(peripheral);
        let _ = self.place(peripheral);
        self.regions.retain(|(part, _)| !part.owners.contains(&number));
    }

    /// Lets all regions whose first address is in `addresses` be reached through an alias as well, until the returned
    /// regions are dropped. `place` says at which address that of a region is: `|address| address + 0x2000` for the aliases
    /// of the RP2040 that set bits, `|address| Bus::bit_band_address(address, 0x4000_0000, 0x4200_0000)` for the bit band of a
    /// Cortex-M3. Attached models are not among them: make theirs with [`Region::alias_at`].
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn alias(
        &self,
        addresses: Range<usize>,
        alias: AliasKind,
        place: impl Fn(usize) -> usize,
    ) -> Result<Vec<Region<AliasWindow>>, MapError> {
        let regions = self.regions().filter(|region| addresses.contains(&region.base().addr()));
        regions.map(|region| region.alias_at(place(region.base().addr()), alias)).collect()
    }

    /// Resets all peripherals, but not attached models. Not an access of the driver.
    ///
    /// # Panics
    ///
    /// With a report that is pending; or if this thread holds a device of the chip.
    #[track_caller]
    pub fn reset(&self) {
        for region in self.regions() {
            region.reset();
        }
    }

    /// Number of the region that has a peripheral's base address, or else of the first that is its own.
    #[track_caller]
    fn place(&self, peripheral: &str) -> usize {
        let number = self.chip.number(peripheral);
        let base = self.chip.device().peripherals[number].base;
        let own = || self.regions.iter().enumerate().filter(|(_, (part, _))| part.owners.contains(&number));
        let at_base = own().find(|(_, (part, _))| part.addresses.contains(&base));
        match at_base.or_else(|| own().next()) {
            Some((place, _)) => place,
            None => panic!(
                "memtrap: `{peripheral}` is not simulated: other peripherals have its addresses, or it was left out"
            ),
        }
    }

    /// The region of a register, and the register's name in it.
    #[track_caller]
    fn locate(&self, name: &str) -> (usize, String) {
        let Some((peripheral, register)) = name.split_once('.') else {
            panic!("memtrap: `{name}` is not the name of a register: those are like `UART0.DR`")
        };
        let number = self.chip.number(peripheral);
        let info = self.chip.peripheral(peripheral).and_then(|peripheral| peripheral.register(register));
        let Some(info) = info else { panic!("memtrap: `{peripheral}` has no register `{register}`") };
        let has_it = |(part, _): &(Part, _)| part.owners.contains(&number) && part.addresses.contains(&info.address);
        let Some(place) = self.regions.iter().position(has_it) else {
            panic!("memtrap: `{name}` is not simulated: another peripheral has its address, or it was left out")
        };
        // A register that peripherals have in common is in the region once, under the name of the first that has it.
        let (part, stored) = (&self.regions[place].0, self.stored(place, name).device());
        let offset = usize::try_from(info.address - part.addresses.start).expect("the region has it");
        let names =
            part.owners.iter().map(|owner| format!("{}.{register}", self.chip.device().peripherals[*owner].name));
        let is_it = |name: &String| stored.layout().find(name).is_some_and(|(_, start)| start == offset);
        let local = names.chain([register.to_owned()]).find(is_it).expect("the region has all registers of its owners");
        (place, local)
    }

    #[track_caller]
    fn stored(&self, place: usize, register: &str) -> &Region<StoredRegisters> {
        match &self.regions[place].1 {
            Some(region) => region,
            None => panic!("memtrap: a model is attached to the peripheral of `{register}`: ask its region"),
        }
    }
}

impl fmt::Debug for SimulatedChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedChip").field("chip", &self.chip).field("regions", &self.regions.len()).finish()
    }
}
