//! The nested vectored interrupt controller.

use super::block::{
    self,
    nvic::{Model, State},
};
use crate::{
    bus::{Bus, Context, Region},
    error::MapError,
    mmio::Block,
    model::RegisterFile,
    models::device_by::device_by,
};

/// The interrupt controller of a Cortex-M: a driver's view of the bus's interrupt lines.
///
/// Line `n` of the bus, which models raise and for which the test sets a handler, is interrupt `n` of the controller; those
/// that the driver has not enabled wait. The bus does what the controller of a chip does: it nests, pends and masks.
///
/// Follows the "Armv7-M Architecture Reference Manual" (ARM DDI 0403E.e), section B3.4. All implemented bits of a priority
/// decide on pre-emption, as they do after reset (PRIGROUP, section B1.5.4). The interrupt controller type register and
/// the software trigger register, which are elsewhere in the address space, are not modelled. The registers are those of
/// [`block::Nvic`].
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
    registers: RegisterFile<block::Nvic, Lines>,
}

device_by!(Nvic, registers);

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
        Self { registers: RegisterFile::new(Lines { interrupts, implemented: u8::MAX }) }
    }

    /// A controller that implements only so many bits of a priority, the highest, as those of most chips do.
    ///
    /// # Panics
    ///
    /// If these are not 2 to 8.
    #[must_use]
    pub fn with_priority_bits(mut self, bits: u32) -> Self {
        assert!((2..=8).contains(&bits), "a priority has 2 to 8 bits, and not {bits}");
        self.registers.model.implemented = u8::MAX << (8 - bits);
        self
    }

    /// Maps the controller at its address and disables its interrupts.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn attach(self, bus: &Bus) -> Result<Region<Self>, MapError> {
        let region = bus.map_at(Self::ADDRESS, block::Nvic::MAP.size, self)?;
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
        let interrupts = self.registers.model.interrupts;
        assert!(interrupt < interrupts, "there are {interrupts} interrupts, and none with number {interrupt}");
        self.registers.state.ipr[interrupt]
    }
}

/// The lines of the bus, on which the registers act: they hold nothing but the priorities.
#[derive(Debug)]
struct Lines {
    interrupts: usize,
    /// The bits of a priority that are implemented.
    implemented: u8,
}

impl Lines {
    /// The lines behind a register with a bit for each, and their bits.
    fn of_register(&self, index: usize) -> impl Iterator<Item = (u32, u32)> {
        let (first, end) = (32 * index, self.interrupts);
        (0..32).filter(move |bit| first + bit < end).map(move |bit| (line(first + bit), 1 << bit))
    }

    /// The bits of those lines of which something is true.
    fn bits(&self, index: usize, holds: impl Fn(u32) -> bool) -> u32 {
        self.of_register(index).filter(|(line, _)| holds(*line)).fold(0, |bits, (_, bit)| bits | bit)
    }

    /// Does something to the lines whose bits are one.
    fn act(&self, index: usize, value: u32, action: impl FnMut(u32)) {
        self.of_register(index).filter(|(_, bit)| value & bit != 0).map(|(line, _)| line).for_each(action);
    }

    fn set_priority(&self, regs: &mut State, interrupt: usize, value: u8, cx: &mut Context<'_>) {
        if interrupt < self.interrupts {
            let value = value & self.implemented;
            regs.ipr[interrupt] = value;
            // On the bus a higher number is more urgent.
            cx.set_interrupt_priority(line(interrupt), u8::MAX - value);
        }
    }
}

fn line(interrupt: usize) -> u32 {
    u32::try_from(interrupt).expect("there are 496 at most")
}

impl Model for Lines {
    fn read_iser(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u32 {
        self.bits(index, |line| cx.is_interrupt_enabled(line))
    }

    fn write_iser(&mut self, _regs: &mut State, index: usize, value: u32, cx: &mut Context<'_>) {
        self.act(index, value, |line| cx.set_interrupt_enabled(line, true));
    }

    fn read_icer(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u32 {
        self.bits(index, |line| cx.is_interrupt_enabled(line))
    }

    fn write_icer(&mut self, _regs: &mut State, index: usize, value: u32, cx: &mut Context<'_>) {
        self.act(index, value, |line| cx.set_interrupt_enabled(line, false));
    }

    fn read_ispr(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u32 {
        self.bits(index, |line| cx.is_interrupt_pending(line))
    }

    fn write_ispr(&mut self, _regs: &mut State, index: usize, value: u32, cx: &mut Context<'_>) {
        self.act(index, value, |line| cx.pulse(line));
    }

    fn read_icpr(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u32 {
        self.bits(index, |line| cx.is_interrupt_pending(line))
    }

    fn write_icpr(&mut self, _regs: &mut State, index: usize, value: u32, cx: &mut Context<'_>) {
        self.act(index, value, |line| cx.clear_interrupt(line));
    }

    fn read_iabr(&mut self, _regs: &mut State, index: usize, cx: &mut Context<'_>) -> u32 {
        self.bits(index, |line| cx.is_interrupt_active(line))
    }

    fn write_ipr(&mut self, regs: &mut State, index: usize, value: u8, cx: &mut Context<'_>) {
        self.set_priority(regs, index, value, cx);
    }

    fn reset(&mut self, regs: &mut State, cx: &mut Context<'_>) {
        for interrupt in 0..self.interrupts {
            cx.set_interrupt_enabled(line(interrupt), false);
            cx.clear_interrupt(line(interrupt));
            self.set_priority(regs, interrupt, 0, cx);
        }
    }
}
