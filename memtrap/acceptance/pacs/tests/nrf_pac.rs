//! The nRF52840, read and written through its register crate at its real addresses. A program of its own: register crates
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
fn nrf52840() {
    use nrf_pac::{CLOCK, FICR, NVMC, RADIO, TWIM0, UARTE0, UICR, WDT};

    assert!(read_all(&chip("nrf-pac", "svd/nrf52840.svd")) > 1000);
    let (chip, bus, sim) = simulate("nrf-pac", "svd/nrf52840.svd");
    promised(
        &chip,
        &[
            (FICR.codepagesize().read().into(), "FICR.CODEPAGESIZE"),
            (UICR.nrffw(0).read().into(), "UICR.NRFFW[0]"),
            (CLOCK.hfxodebounce().read().0.into(), "CLOCK.HFXODEBOUNCE"),
            (RADIO.frequency().read().0.into(), "RADIO.FREQUENCY"),
            (UARTE0.baudrate().read().0.into(), "UARTE0.BAUDRATE"),
            (UARTE0.psel().txd().read().0.into(), "UARTE0.PSEL.TXD"),
            (NVMC.ready().read().0.into(), "NVMC.READY"),
            (WDT.crv().read().into(), "WDT.CRV"),
            (WDT.rren().read().0.into(), "WDT.RREN"),
        ],
    );
    // Five peripherals share the address of this one.
    TWIM0.psel().scl().write(|pin| pin.0 = 27);
    // The bits that are no fields stay as they are after reset.
    assert_eq!(sim.value("TWIM0.PSEL.SCL"), 0x7fff_ffc0 | 27);
    assert_eq!(sim.value("SPIM0.PSEL.SCK"), sim.value("TWIM0.PSEL.SCL"));
    keep(&bus.trace());
}
