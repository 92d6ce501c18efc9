//! The LPC845, read and written through its register crate at its real addresses. A program of its own: register crates
//! that `svd2rust` makes define the same symbol.

#[path = "support/chips.rs"]
mod chips;
#[path = "support/files.rs"]
mod files;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use chips::{promised, read_all, simulate};
use files::chip;
use traces::keep;

#[memtrap::test]
fn lpc845() {
    use lpc845_pac::{FLASH_CTRL, I2C0, IOCON, SWM0, SYSCON, USART0, WWDT};

    assert!(read_all(&chip("lpc845-pac", "lpc845.svd")) > 400);
    let (chip, bus, sim) = simulate("lpc845-pac", "lpc845.svd");
    // SAFETY: The addresses belong to the simulation, and nobody else has handles to them.
    let (syscon, iocon, swm, wwdt) = unsafe { (&*SYSCON::ptr(), &*IOCON::ptr(), &*SWM0::ptr(), &*WWDT::ptr()) };
    // SAFETY: As above.
    let (usart0, i2c0, flash) = unsafe { (&*USART0::ptr(), &*I2C0::ptr(), &*FLASH_CTRL::ptr()) };
    promised(
        &chip,
        &[
            (syscon.sysahbclkctrl0.read().bits().into(), "SYSCON.SYSAHBCLKCTRL0"),
            (syscon.presetctrl0.read().bits().into(), "SYSCON.PRESETCTRL0"),
            (syscon.pdruncfg.read().bits().into(), "SYSCON.PDRUNCFG"),
            (syscon.fclksel[10].read().bits().into(), "SYSCON.FCLKSEL[10]"),
            (iocon.pio0_11.read().bits().into(), "IOCON.PIO0_11"),
            (swm.pinenable0.read().bits().into(), "SWM0.PINENABLE0"),
            (wwdt.window.read().bits().into(), "WWDT.WINDOW"),
            (usart0.stat.read().bits().into(), "USART0.STAT"),
            (usart0.osr.read().bits().into(), "USART0.OSR"),
            (i2c0.stat.read().bits().into(), "I2C0.STAT"),
            (flash.flashcfg.read().bits().into(), "FLASH_CTRL.FLASHCFG"),
        ],
    );
    syscon.sysahbclkctrl0.modify(|_, w| w.uart0().set_bit());
    assert_eq!(sim.value("SYSCON.SYSAHBCLKCTRL0"), 0x17 | 1 << 14);
    keep(&bus.trace());
}
