//! The GD32VF103, read and written through its register crate at its real addresses. A program of its own: register crates
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
fn gd32vf103() {
    use gd32vf103_pac::{CAN0, GPIOA, RCU, RTC, USART0};

    assert!(read_all(&chip("gd32vf103-pac", "GD32VF103.svd")) > 900);
    let (chip, bus, sim) = simulate("gd32vf103-pac", "GD32VF103.svd");
    // SAFETY: The addresses belong to the simulation, and nobody else has handles to them.
    let (rcu, gpioa, usart0) = unsafe { (&*RCU::ptr(), &*GPIOA::ptr(), &*USART0::ptr()) };
    // SAFETY: As above.
    let (rtc, can0) = unsafe { (&*RTC::ptr(), &*CAN0::ptr()) };
    promised(
        &chip,
        &[
            (rcu.ctl.read().bits().into(), "RCU.CTL"),
            (rcu.ahben.read().bits().into(), "RCU.AHBEN"),
            (rcu.rstsck.read().bits().into(), "RCU.RSTSCK"),
            (gpioa.ctl0.read().bits().into(), "GPIOA.CTL0"),
            (usart0.stat.read().bits().into(), "USART0.STAT"),
            (rtc.ctl.read().bits().into(), "RTC.CTL"),
            (can0.stat.read().bits().into(), "CAN0.STAT"),
            (can0.bt.read().bits().into(), "CAN0.BT"),
        ],
    );
    rcu.apb2en.modify(|_, w| w.paen().set_bit());
    assert_eq!(sim.value("RCU.APB2EN"), 1 << 2);
    keep(&bus.trace());
}
