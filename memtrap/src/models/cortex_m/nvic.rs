//! The nested vectored interrupt controller.

use crate::{
    bus::{Access, Bus, Context, Device, Region},
    error::{BusError, MapError},
    map::{
        AccessKind::{ReadOnly, ReadWrite},
        Register, RegisterMap,
        Width::{self, U8, U32},
    },
};
use std::ops::Range;

/// Offsets from [`Nvic::ADDRESS`], in bytes.
const ISER: usize = 0x000;
const ICER: usize = 0x080;
const ISPR: usize = 0x100;
const ICPR: usize = 0x180;
const IABR: usize = 0x200;
const IPR: usize = 0x300;
const END: usize = 0x4f0;

static MAP: RegisterMap = RegisterMap::new("nvic", END, U32, {
    const REGISTERS: &[Register] = &[
        Register::new("iser", ISER, U32, ReadWrite, 0).array(16, 4),
        Register::new("icer", ICER, U32, ReadWrite, 0).array(16, 4),
        Register::new("ispr", ISPR, U32, ReadWrite, 0).array(16, 4),
        Register::new("icpr", ICPR, U32, ReadWrite, 0).array(16, 4),
        Register::new("iabr", IABR, U32, ReadOnly, 0).array(16, 4),
        Register::new("ipr", IPR, U8, ReadWrite, 0).array(496, 1),
    ];
    REGISTERS
});

/// The interrupt controller of a Cortex-M: a driver's view of the bus's interrupt lines.
///
/// Line `n` of the bus, which models raise and for which the test sets a handler, is interrupt `n` of the controller; those
/// that the driver has not enabled wait. The bus does what the controller of a chip does: it nests, pends and masks.
///
/// Follows the "Armv7-M Architecture Reference Manual" (ARM DDI 0403E.e), section B3.4. All implemented bits of a priority
/// decide on pre-emption, as they do after reset (PRIGROUP, section B1.5.4). The interrupt controller type register and
/// the software trigger register, which are elsewhere in the address space, are not modelled.
///
/// ```
/// # #[cfg(all(target_os = "linux", target_arch = "x86_64"))] {
/// use memtrap::{Bus, models::Nvic};
///
/// let bus = Bus::new();
/// let nvic = Nvic::new(32).attach(&bus)?;
/// nvic.stimulate(|_, cx| cx.pulse(5));
/// assert!(bus.is_interrupt_pending(5), "it is not enabled");
/// # }
/// # Ok::<(), memtrap::MapError>(())
/// ```
#[derive(Debug)]
pub struct Nvic {
    priorities: Vec<u8>,
    /// The bits of a priority that are implemented.
    implemented: u8,
}

impl Nvic {
    /// Address of the first register, ISER0.
    pub const ADDRESS: usize = 0xe000_e100;

    /// A controller of this many interrupts after reset, with all eight bits of their priorities.
    ///
    /// # Panics
    ///
    /// If there are none, or more than 496.
    #[must_use]
    pub fn new(interrupts: usize) -> Self {
        assert!((1..=496).contains(&interrupts), "an NVIC has 1 to 496 interrupts, and not {interrupts}");
        Self { priorities: vec![0; interrupts], implemented: u8::MAX }
    }

    /// A controller that implements only so many bits of a priority, the highest, as those of most chips do.
    ///
    /// # Panics
    ///
    /// If these are not 2 to 8.
    #[must_use]
    pub fn with_priority_bits(self, bits: u32) -> Self {
        assert!((2..=8).contains(&bits), "a priority has 2 to 8 bits, and not {bits}");
        Self { implemented: u8::MAX << (8 - bits), ..self }
    }

    /// Maps the controller at its address and disables its interrupts.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn attach(self, bus: &Bus) -> Result<Region<Self>, MapError> {
        let region = bus.map_at(Self::ADDRESS, END, self)?;
        region.reset();
        Ok(region)
    }

    /// The priority of an interrupt: 0 is the most urgent.
    ///
    /// # Panics
    ///
    /// If there is no such interrupt.
    #[must_use]
    pub fn priority(&self, interrupt: usize) -> u8 {
        self.priorities[interrupt]
    }

    /// The interrupts of a register with one bit each.
    fn interrupts(&self, offset: usize) -> Range<usize> {
        let first = offset % 0x80 * 8;
        first.min(self.priorities.len())..(first + 32).min(self.priorities.len())
    }

    fn set_priority(&mut self, interrupt: usize, value: u8, cx: &mut Context<'_>) {
        let value = value & self.implemented;
        if let Some(priority) = self.priorities.get_mut(interrupt) {
            *priority = value;
            // On the bus a higher number is more urgent.
            cx.set_interrupt_priority(line(interrupt), u8::MAX - value);
        }
    }
}

fn line(interrupt: usize) -> u32 {
    u32::try_from(interrupt).expect("there are 496 at most")
}

impl Device for Nvic {
    fn read(&mut self, access: Access, cx: &mut Context<'_>) -> Result<u64, BusError> {
        if access.offset >= IPR {
            let byte = |at| {
                let interrupt = access.offset - IPR + at;
                if at < access.width.bytes() { self.priorities.get(interrupt).copied().unwrap_or(0) } else { 0 }
            };
            return Ok(u64::from_le_bytes(std::array::from_fn(byte)));
        }
        if access.width != U32 {
            return Err(BusError::Width { expected: U32 });
        }
        let state: fn(&Context<'_>, u32) -> bool = match access.offset {
            ISER..ISPR => |cx, line| cx.is_interrupt_enabled(line),
            ISPR..IABR => |cx, line| cx.is_interrupt_pending(line),
            IABR..0x280 => |cx, line| cx.is_interrupt_active(line),
            _ => return Err(BusError::Unmapped),
        };
        let bits = self.interrupts(access.offset).zip(0..).filter(|(interrupt, _)| state(cx, line(*interrupt)));
        Ok(bits.fold(0, |value, (_, bit)| value | 1 << bit))
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if access.offset >= IPR {
            for (at, byte) in value.to_le_bytes().into_iter().enumerate().take(access.width.bytes()) {
                self.set_priority(access.offset - IPR + at, byte, cx);
            }
            return Ok(());
        }
        if access.width != U32 {
            return Err(BusError::Width { expected: U32 });
        }
        for (interrupt, _) in self.interrupts(access.offset).zip(0..).filter(|(_, bit)| value & 1 << bit != 0) {
            let line = line(interrupt);
            match access.offset {
                ISER..ICER => cx.set_interrupt_enabled(line, true),
                ICER..ISPR => cx.set_interrupt_enabled(line, false),
                ISPR..ICPR => cx.pulse(line),
                ICPR..IABR => cx.clear_interrupt(line),
                _ => return Err(BusError::ReadOnly),
            }
        }
        Ok(())
    }

    fn reset(&mut self, cx: &mut Context<'_>) {
        for interrupt in 0..self.priorities.len() {
            cx.set_interrupt_enabled(line(interrupt), false);
            cx.clear_interrupt(line(interrupt));
            self.set_priority(interrupt, 0, cx);
        }
    }

    fn bus_width(&self) -> Width {
        U32
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&MAP)
    }
}
