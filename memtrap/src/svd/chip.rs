//! A chip that was loaded from a file.

use super::{
    description::{Described, Device, Interrupt, Peripheral},
    finding::{LoadError, Warning},
    layout::Layout,
    limits,
    partition::partition,
    read,
    simulation::SimulatedChip,
    stored::StoredRegisters,
};
use crate::{bus::Bus, error::MapError, map::Register};
use std::{collections::BTreeSet, fmt, fs, io::Read as _, path::Path, sync::Arc};

/// A chip as its CMSIS-SVD file describes it.
///
/// ```
/// use memtrap::{Bus, svd::Chip, trace::write};
///
/// let chip = Chip::parse(r#"
///     <device>
///       <name>TINY</name> <width>32</width> <size>32</size>
///       <peripherals>
///         <peripheral>
///           <name>UART0</name> <baseAddress>0x40004000</baseAddress>
///           <registers>
///             <register>
///               <name>CR</name> <addressOffset>0x30</addressOffset> <resetValue>0x300</resetValue>
///               <fields>
///                 <field><name>EN</name> <bitRange>[0:0]</bitRange></field>
///                 <field><name>TXE</name> <bitRange>[8:8]</bitRange></field>
///                 <field><name>RXE</name> <bitRange>[9:9]</bitRange></field>
///               </fields>
///             </register>
///           </registers>
///         </peripheral>
///       </peripherals>
///     </device>"#)?;
/// let bus = Bus::new();
/// let sim = chip.simulate(&bus)?;
/// # #[cfg(all(target_os = "linux", target_arch = "x86_64"))] {
/// let cr = 0x4000_4030 as *mut u32;
/// // SAFETY: The address belongs to the simulation.
/// unsafe { cr.write_volatile(cr.read_volatile() | 1) };
/// assert_eq!(sim.value("UART0.CR"), 0x301);
/// assert_eq!(bus.trace().to_string(), "\
/// #1     R UART0.CR  0x00000300  {TXE RXE}
/// #2     W UART0.CR  0x00000301  {EN TXE RXE}
/// ");
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Chip {
    device: Arc<Device>,
    warnings: Arc<[Warning]>,
    /// Numbers of the peripherals to simulate, those first that give shared addresses their names.
    chosen: Vec<usize>,
    undefined: Option<u64>,
}

impl Chip {
    /// Loads a file.
    ///
    /// What other readers accept is accepted, with a [warning](Self::warnings).
    ///
    /// # Errors
    ///
    /// [`LoadError`] if the file cannot be read, is not a CMSIS-SVD file, or says something that no chip can mean.
    pub fn load(file: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = file.as_ref();
        let name = path.display().to_string();
        let mut bytes = Vec::new();
        let limited = fs::File::open(path).map(|file| file.take(limits::FILE + 1));
        if let Err(source) = limited.and_then(|mut file| file.read_to_end(&mut bytes)) {
            return Err(LoadError::Io { file: name, source });
        }
        let text = String::from_utf8_lossy(&bytes);
        Self::parse(&text).map_err(|error| match error {
            LoadError::Invalid { line, element, text, .. } => {
                LoadError::Invalid { file: Some(name), line, element, text }
            }
            other => other,
        })
    }

    /// Loads the text of a file.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    pub fn parse(text: &str) -> Result<Self, LoadError> {
        let (device, warnings) = read::device(text)?;
        let chosen = (0..device.peripherals.len()).collect();
        Ok(Self { device: Arc::new(device), warnings: warnings.into(), chosen, undefined: None })
    }

    /// Name of the chip.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.device.name
    }

    /// Mistakes in the file that do no harm, in the order of its lines.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// The interrupts, in the order of the file.
    #[must_use]
    pub fn interrupts(&self) -> &[Interrupt] {
        &self.device.interrupts
    }

    /// The peripherals, in the order of the file.
    pub fn peripherals(&self) -> impl Iterator<Item = PeripheralInfo<'_>> {
        self.device.peripherals.iter().map(PeripheralInfo)
    }

    /// The peripheral with this name.
    #[must_use]
    pub fn peripheral(&self, name: &str) -> Option<PeripheralInfo<'_>> {
        self.peripherals().find(|peripheral| peripheral.name() == name)
    }

    /// The register with this name: `UART0.DR`, `DMA.CH[3].CTRL`, `GPIO.PIN[7]` for an element of an array.
    #[must_use]
    pub fn register(&self, name: &str) -> Option<RegisterInfo> {
        let (peripheral, register) = name.split_once('.')?;
        self.peripheral(peripheral)?.register(register)
    }

    /// Simulates these peripherals only.
    ///
    /// # Panics
    ///
    /// If the chip has no peripheral of this name.
    #[must_use]
    #[track_caller]
    pub fn only(mut self, peripherals: &[&str]) -> Self {
        let wanted: BTreeSet<_> = peripherals.iter().map(|name| self.number(name)).collect();
        self.chosen.retain(|number| wanted.contains(number));
        self
    }

    /// Does not simulate these peripherals.
    ///
    /// # Panics
    ///
    /// As [`only`](Self::only).
    #[must_use]
    #[track_caller]
    pub fn without(mut self, peripherals: &[&str]) -> Self {
        let unwanted: BTreeSet<_> = peripherals.iter().map(|name| self.number(name)).collect();
        self.chosen.retain(|number| !unwanted.contains(number));
        self
    }

    /// Has this peripheral give its name and those of its registers to addresses that it shares with others: a serial unit
    /// that is UART, SPI and I2C in turn. Otherwise the first in the file does.
    ///
    /// # Panics
    ///
    /// As [`only`](Self::only).
    #[must_use]
    #[track_caller]
    pub fn prefer(mut self, peripheral: &str) -> Self {
        let number = self.number(peripheral);
        self.chosen.sort_by_key(|other| *other != number);
        self
    }

    /// Has the bits that are undefined after reset be as `seed` wills, instead of as `resetValue` says: a driver that relies
    /// on them fails.
    #[must_use]
    pub fn with_undefined_bits(self, seed: u64) -> Self {
        Self { undefined: Some(seed), ..self }
    }

    /// Simulates the chip's peripherals at their addresses, until the result is dropped: every register at its reset value,
    /// with the access rights and side effects that the file declares, and with its names in traces and reports.
    ///
    /// The whole map of a chip takes address space, and memory for the registers that are written.
    ///
    /// # Errors
    ///
    /// [`MapError`] if a peripheral's address is in use, or if the operating system keeps it for itself, as it does the lowest
    /// 64 KiB: leave that peripheral out with [`without`](Self::without).
    pub fn simulate(&self, bus: &Bus) -> Result<SimulatedChip, MapError> {
        let peripherals: Vec<_> =
            self.chosen.iter().map(|number| (*number, &self.device.peripherals[*number])).collect();
        for (_, peripheral) in &peripherals {
            for (offset, size) in &peripheral.blocks {
                let end = peripheral.base.checked_add(*offset).and_then(|start| start.checked_add(*size));
                if end.is_none_or(|end| end > 1 << 48) {
                    let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
                    return Err(MapError::OutOfRange { address: number(peripheral.base), size: number(*size) });
                }
            }
        }
        let mut regions = Vec::new();
        for part in partition(&peripherals) {
            let layout = Layout::new(&part, &self.device.peripherals, self.device.width);
            let size = layout.map.size;
            let out_of_range = |_| MapError::OutOfRange { address: usize::MAX, size };
            let start = usize::try_from(part.addresses.start).map_err(out_of_range)?;
            let region = bus.map_at(start, size, StoredRegisters::new(Arc::new(layout), self.undefined))?;
            regions.push((part, Some(region)));
        }
        Ok(SimulatedChip::new(self.clone(), bus.clone(), regions))
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    #[track_caller]
    pub(super) fn number(&self, peripheral: &str) -> usize {
        let position = self.device.peripherals.iter().position(|other| other.name == peripheral);
        position.unwrap_or_else(|| {
            let similar = self.peripherals().map(|other| other.name().to_owned());
            let similar: Vec<_> = similar.filter(|other| is_similar(other, peripheral)).take(5).collect();
            let hint = if similar.is_empty() { String::new() } else { format!("; there is {}", similar.join(", ")) };
            panic!("memtrap: {} has no peripheral `{peripheral}`{hint}", self.name())
        })
    }
}

/// Whether somebody who writes one name may mean the other.
fn is_similar(one: &str, other: &str) -> bool {
    let letters =
        |name: &str| name.chars().filter(|l| l.is_alphabetic()).map(|l| l.to_ascii_lowercase()).collect::<String>();
    let (one, other) = (letters(one), letters(other));
    !one.is_empty() && !other.is_empty() && (one.contains(&other) || other.contains(&one))
}

impl fmt::Debug for Chip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chip")
            .field("name", &self.device.name)
            .field("peripherals", &self.device.peripherals.len())
            .field("warnings", &self.warnings.len())
            .finish_non_exhaustive()
    }
}

/// A peripheral of a [`Chip`].
#[derive(Clone, Copy)]
pub struct PeripheralInfo<'c>(&'c Peripheral);

impl<'c> PeripheralInfo<'c> {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'c str {
        &self.0.name
    }

    /// Its address.
    #[must_use]
    pub fn base_address(&self) -> u64 {
        self.0.base
    }

    /// The ranges of addresses that it claims: first address, and size in bytes.
    pub fn address_blocks(&self) -> impl Iterator<Item = (u64, u64)> + use<'c> {
        let peripheral = self.0;
        peripheral.blocks.iter().map(|(offset, size)| (peripheral.base.saturating_add(*offset), *size))
    }

    /// Its registers, in the order of the file; those of clusters have the names of their clusters in front.
    pub fn registers(&self) -> impl Iterator<Item = RegisterInfo> + use<'c> {
        let peripheral = self.0;
        peripheral.registers.iter().map(|described| RegisterInfo::new(peripheral, described, 0))
    }

    /// The register with this name: `DR`, `CH[3].CTRL`, `PIN[7]` for an element of an array.
    #[must_use]
    pub fn register(&self, name: &str) -> Option<RegisterInfo> {
        let find = |name: &str| self.0.registers.iter().find(|described| described.register.name == name);
        if let Some(described) = find(name) {
            return Some(RegisterInfo::new(self.0, described, 0));
        }
        let (array, index) = name.strip_suffix(']')?.rsplit_once('[')?;
        let described = find(array)?;
        let element = index.parse().ok()?;
        (described.register.count? > element).then(|| RegisterInfo::new(self.0, described, element))
    }
}

impl fmt::Debug for PeripheralInfo<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}", self.0.name, self.0.base)
    }
}

/// A register of a [`Chip`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisterInfo {
    /// Its address; of an array that of the first element, unless an element was asked for.
    pub address: u64,
    /// Its name, width, access, reset value and fields. The offset is that from the base address of the peripheral.
    pub register: Register,
    /// The bits whose value after reset is defined.
    pub reset_mask: u64,
}

impl RegisterInfo {
    fn new(peripheral: &Peripheral, described: &Described, element: usize) -> Self {
        let offset = described.register.offset + element * described.register.stride;
        Self {
            address: peripheral.base.saturating_add(offset as u64),
            register: described.register,
            reset_mask: described.reset_mask,
        }
    }
}
