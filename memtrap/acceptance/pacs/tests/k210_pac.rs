//! The K210, read and written through its register crate at its real addresses. A program of its own: register crates
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
fn k210() {
    use k210_pac::{PLIC, SYSCTL, UART1};

    assert!(read_all(&chip("k210-pac", "k210.svd")) > 900);
    let (chip, bus, sim) = simulate("k210-pac", "k210.svd");
    // SAFETY: The addresses belong to the simulation, and nobody else has handles to them.
    let (sysctl, plic, uart1) = unsafe { (&*SYSCTL::ptr(), &*PLIC::ptr(), &*UART1::ptr()) };
    // This file promises zeros only.
    promised(
        &chip,
        &[
            (sysctl.pll0.read().bits().into(), "SYSCTL.pll0"),
            (sysctl.clk_sel0.read().bits().into(), "SYSCTL.clk_sel0"),
            (plic.priority[1023].read().bits().into(), "PLIC.priority[1023]"),
            (uart1.lcr.read().bits().into(), "UART1.lcr"),
        ],
    );
    // SAFETY: Any value is one that the register takes.
    sysctl.clk_en_peri.write(|w| unsafe { w.bits(0xffff_ffff) });
    assert_eq!(sim.value("SYSCTL.clk_en_peri"), sysctl.clk_en_peri.read().bits().into());
    // SAFETY: As above.
    plic.priority[33].write(|w| unsafe { w.bits(7) });
    assert_eq!(sim.value("PLIC.priority[33]"), 7);
    keep(&bus.trace());
}
