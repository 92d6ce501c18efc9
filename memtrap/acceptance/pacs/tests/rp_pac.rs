//! The RP2040, read and written through its register crate at its real addresses. A program of its own: register crates
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
fn rp2040() {
    use rp_pac::{CLOCKS, PADS_BANK0, PLL_SYS, RESETS, TIMER, UART0};

    assert!(read_all(&chip("rp-pac", "svd/rp2040.svd")) > 1000);
    let (chip, bus, sim) = simulate("rp-pac", "svd/rp2040.svd");
    promised(
        &chip,
        &[
            (RESETS.reset().read().0.into(), "RESETS.RESET"),
            (CLOCKS.clk_sys_div().read().0.into(), "CLOCKS.CLK_SYS_DIV"),
            (CLOCKS.clk_sys_selected().read().into(), "CLOCKS.CLK_SYS_SELECTED"),
            (PADS_BANK0.gpio(25).read().0.into(), "PADS_BANK0.GPIO25"),
            (PLL_SYS.cs().read().0.into(), "PLL_SYS.CS"),
            (PLL_SYS.pwr().read().0.into(), "PLL_SYS.PWR"),
            (PLL_SYS.prim().read().0.into(), "PLL_SYS.PRIM"),
            (UART0.uartfr().read().0.into(), "UART0.UARTFR"),
            (UART0.uartcr().read().0.into(), "UART0.UARTCR"),
        ],
    );
    UART0.uartcr().modify(|control| control.set_uarten(true));
    assert_eq!(sim.value("UART0.UARTCR"), 0x301);
    assert_eq!(sim.value("UART1.UARTCR"), 0x300);
    // Write one to clear.
    sim.set_value("TIMER.INTR", 0b1010);
    TIMER.intr().write(|interrupts| interrupts.set_alarm(1, true));
    assert_eq!(sim.value("TIMER.INTR"), 0b1000);
    assert_eq!(sim.interrupt("UART0_IRQ"), rp_pac::Interrupt::UART0_IRQ as u32);
    keep(&bus.trace());
}
