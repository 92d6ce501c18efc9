//! What the file declares is carried out.

use crate::{
    message,
    pointer::{read, write},
    simulated, tiny,
};
use memtrap::{Bus, bus::AliasKind, map::AccessKind, svd::Chip, trace};

const UART0: usize = 0x4000_4000;
const STATUS: usize = UART0 + 0x04;
const MODE: usize = UART0 + 0x08;
const PLAIN: usize = UART0 + 0x0c;

#[memtrap::test]
fn every_register_has_its_reset_value_at_its_address() {
    let (bus, sim) = simulated();
    let mut seen = 0;
    for peripheral in sim.chip().peripherals() {
        for info in peripheral.registers().filter(|info| info.register.access != AccessKind::WriteOnly) {
            for element in 0..info.register.len() {
                let address = info.address as usize + element * info.register.stride;
                let value = match info.register.width.bytes() {
                    1 => u32::from(read::<u8>(address)),
                    2 => u32::from(read::<u16>(address)),
                    _ => read::<u32>(address),
                };
                assert_eq!(u64::from(value), info.register.reset, "{} of {peripheral:?}", info.register.name);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 40);
    assert_eq!(bus.trace().accesses().count(), seen);
}

#[memtrap::test]
fn fields_do_what_the_file_says() {
    let (_bus, sim) = simulated();
    assert_eq!(read::<u32>(STATUS), 0x8000_f105, "a read clears BREAK");
    assert_eq!(sim.value("UART0.STATUS"), 0x8000_f005);
    write(STATUS, 0u32);
    assert_eq!(sim.value("UART0.STATUS"), 0x0000_0005, "zeros clear IDLE, a zero leaves OVERRUN, LOCK is stored once");
    write(STATUS, 0xffff_fffbu32);
    assert_eq!(sim.value("UART0.STATUS"), 0x0000_0005, "LOCK was written, RXNE is read-only");
    write(STATUS, 0xffff_ffffu32);
    assert_eq!(sim.value("UART0.STATUS"), 0x0000_0001, "a one clears OVERRUN");
    assert_eq!(sim.value("UART1.STATUS"), 0x8000_f105, "the other one is untouched");
    sim.reset();
    assert_eq!(read::<u32>(STATUS), 0x8000_f105);
    write(STATUS, 0x8000_0000u32);
    assert_eq!(sim.value("UART0.STATUS") >> 31, 1, "after a reset LOCK can be written again");
}

#[memtrap::test]
fn alternates_are_told_apart_by_the_direction() {
    let (bus, sim) = simulated();
    write(UART0, 0x41u32);
    assert_eq!(read::<u32>(UART0), 0x7e, "what was sent is not what was received");
    sim.set_value("UART0.RBR", 0x42);
    assert_eq!(read::<u32>(UART0), 0x42);
    assert_eq!(sim.value("UART0.THR"), 0x41);
    assert_eq!(
        bus.trace().to_string(),
        "#1     W UART0.THR  0x00000041\n\
         #2     R UART0.RBR  0x0000007e\n\
         #3     R UART0.RBR  0x00000042\n"
    );
}

#[memtrap::test]
fn values_have_their_names_in_the_trace() {
    let (bus, _sim) = simulated();
    write(MODE, 0x1_4009u32);
    let _: u32 = read(MODE);
    assert_eq!(
        bus.trace().to_string(),
        "#1     W UART0.MODE  0x00014009  {SPEED=SLOW RX_SPEED=FAST DIVISOR=0x40 EN=Enable}\n\
         #2     R UART0.MODE  0x00014009  {SPEED=SLOW RX_SPEED=FAST DIVISOR=0x40 EN=Enabled}\n"
    );
    assert_eq!(bus.trace().count(trace::write("MODE").with_field("SPEED", 1u32)), 1);
}

#[memtrap::test]
fn a_value_that_the_file_does_not_permit_fails_the_test() {
    for (value, reason) in [
        (0x0u32, "MODE.SPEED may be written as SLOW, FAST, not as 0x0"),
        (0xff01, "MODE.DIVISOR may be written from 0x2 to 0x80, not as 0xff"),
    ] {
        let (bus, sim) = simulated();
        write(MODE, value);
        let report = message(|| drop(bus.trace()));
        assert!(report.starts_with(&format!("memtrap: the model of `UART0` failed the test: {reason}\n")), "{report}");
        drop(sim);
    }
    let (bus, _sim) = simulated();
    write(MODE, 0x0001u32);
    let _unchanged = bus.trace();
}

#[memtrap::test]
fn an_access_that_is_not_permitted_is_refused() {
    let (bus, _sim) = simulated();
    write(UART0 + 0x10, 1u8);
    let report = message(|| drop(bus.trace()));
    assert!(report.starts_with("memtrap: write of UART0.ID[0] refused: the register is read-only"), "{report}");
    assert_eq!(read::<u32>(UART0 + 0x28), u32::MAX, "a refused read gives ones");
    let report = message(|| drop(bus.trace()));
    assert!(report.starts_with("memtrap: read of UART0.KEY refused: the register is write-only"), "{report}");
    let _: u32 = read(UART0 + 0x40);
    let report = message(|| drop(bus.trace()));
    assert!(report.contains("hint      the nearest register is `KEY` at +0x028"), "{report}");
}

#[memtrap::test]
fn narrow_and_wide_accesses_transfer_what_they_cover() {
    let (_bus, sim) = simulated();
    assert_eq!(read::<u8>(PLAIN + 1), 0x33);
    write(PLAIN + 2, 0xbeefu16);
    assert_eq!(sim.value("UART0.PLAIN"), 0xbeef_3344);
    assert_eq!(read::<u32>(UART0 + 0x10), 0x5a, "bytes that no register has are zero");
    assert_eq!(read::<u64>(MODE), 0xbeef_3344_0000_0001, "two registers");
}

#[memtrap::test]
fn bits_that_are_undefined_after_reset_can_be_anything() {
    let values: Vec<u32> = [1, 1, 2]
        .map(|seed| {
            let bus = Bus::new();
            let _sim = tiny().with_undefined_bits(seed).simulate(&bus).unwrap();
            read::<u32>(PLAIN)
        })
        .to_vec();
    assert!(values.iter().all(|value| value >> 16 == 0x1122), "{values:x?}");
    assert_eq!(values[0], values[1], "the same in every run");
    assert_ne!(values[0], values[2]);
    assert_ne!(values[0] & 0xffff, 0x3344);
}

#[memtrap::test]
fn clusters_and_arrays_have_names_and_addresses() {
    let (bus, sim) = simulated();
    let address = |name: &str| sim.chip().register(name).unwrap_or_else(|| panic!("{name}")).address;
    assert_eq!(address("DMA.CH[1].CTRL"), 0x5000_0040);
    assert_eq!(address("DMA.CH[1].SIDE1.COUNT"), 0x5000_0064);
    assert_eq!(address("DMA.SPARE.SIDE0.ADDR"), 0x5000_0110);
    assert_eq!(address("UART1.ID[3]"), 0x4000_501c);
    assert_eq!(address("UART1.LEVEL_RX"), 0x4000_5024);
    write(0x5000_0064, 7u16);
    let _: u8 = read(0x4000_501c);
    assert_eq!(
        bus.trace().to_string(),
        "#1     W DMA.CH[1].SIDE1.COUNT  0x0007\n\
         #2     R UART1.ID[3]            0x5a\n"
    );
    assert_eq!(bus.trace().writes("DMA.CH[1].SIDE1.COUNT").values(), [7]);
    bus.coverage().registers().find(|register| register.register == "SPARE.SIDE0.ADDR").expect("it is declared");
}

#[memtrap::test]
fn peripherals_that_share_an_address_share_its_registers() {
    let bus = Bus::new();
    let sim = tiny().prefer("I2C0").simulate(&bus).unwrap();
    write(0x4000_6000, 5u32);
    write(0x4000_6004, 6u32);
    assert_eq!((sim.value("SPI0.ENABLE"), sim.value("I2C0.ENABLE")), (5, 5));
    assert_eq!(sim.value("SPI0.FREQUENCY"), 6);
    assert_eq!(
        bus.trace().to_string(),
        "#1     W I2C0.ENABLE          0x00000005\n\
         #2     W I2C0.SPI0.FREQUENCY  0x00000006\n"
    );
}

#[memtrap::test]
fn a_register_that_some_of_them_have_in_common_has_one_value_under_each_name() {
    let peripheral = |name: &str, registers: &[(&str, usize)]| {
        let registers: String = registers
            .iter()
            .map(|(name, at)| format!("<register><name>{name}</name><addressOffset>{at}</addressOffset></register>"))
            .collect();
        format!(
            "<peripheral><name>{name}</name><baseAddress>0x40006000</baseAddress><registers>{registers}</registers>\
             </peripheral>"
        )
    };
    let file = format!(
        "<device><name>X</name><size>32</size><peripherals>{}{}{}</peripherals></device>",
        peripheral("SPI0", &[("PIN", 0), ("BAUD", 8)]),
        peripheral("TWI0", &[("SCL", 0), ("PIN", 4)]),
        peripheral("TWIM0", &[("SCL", 0), ("BAUD", 12)]),
    );
    let bus = Bus::new();
    let sim = Chip::parse(&file).unwrap().simulate(&bus).unwrap();
    write(0x4000_6000, 5u32);
    write(0x4000_600c, 6u32);
    assert_eq!(["SPI0.PIN", "TWI0.SCL", "TWIM0.SCL"].map(|name| sim.value(name)), [5; 3]);
    assert_eq!(["TWI0.PIN", "SPI0.BAUD", "TWIM0.BAUD"].map(|name| sim.value(name)), [0, 0, 6]);
}

#[memtrap::test]
fn peripherals_can_be_left_out() {
    let bus = Bus::new();
    let only = tiny().only(&["UART1"]).simulate(&bus).unwrap();
    assert_eq!(only.regions().map(|region| region.name()).collect::<Vec<_>>(), ["UART1"]);
    let rest = tiny().without(&["UART1", "I2C0"]).simulate(&bus).unwrap();
    assert_eq!(rest.regions().count(), 4);
    let report = message(|| _ = rest.value("UART1.MODE"));
    assert!(report.contains("`UART1.MODE` is not simulated"), "{report}");
    let report = message(|| drop(tiny().only(&["UART"])));
    assert_eq!(report, "memtrap: TINY has no peripheral `UART`; there is UART0, UART1");
}

#[memtrap::test]
fn the_private_peripheral_bus_is_like_any_other() {
    let (_bus, sim) = simulated();
    write(0xe000_ed08, 0x2000_0000u32);
    assert_eq!(sim.value("PPB.VTOR"), 0x2000_0000);
}

#[memtrap::test]
fn a_whole_chip_has_aliases() {
    let (bus, sim) = simulated();
    let set = sim.alias(0x4000_0000..0x4000_7000, AliasKind::Set, |address| address + 0x1_0000).unwrap();
    let band = |address| Bus::bit_band_address(address, 0x4000_0000, 0x4200_0000);
    let bits = sim.alias(0x4000_0000..0x4000_7000, AliasKind::BitBand, band).unwrap();
    assert_eq!((set.len(), bits.len()), (3, 3));
    write(PLAIN + 0x1_0000, 0x8u32);
    assert_eq!(sim.value("UART0.PLAIN"), 0x1122_334c);
    write(band(PLAIN), 1u32);
    write(band(PLAIN) + 4 * 28, 0u32);
    assert_eq!(sim.value("UART0.PLAIN"), 0x0122_334d);
    assert_eq!(
        bus.trace().to_string(),
        "#1     W UART0.set.PLAIN       0x00000008\n\
         #2     W UART0.bits.PLAIN[0]   0x00000001\n\
         #3     W UART0.bits.PLAIN[28]  0x00000000\n"
    );
}

/// Memory of this process in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    4096 * pages.split(' ').nth(1).unwrap().parse::<usize>().unwrap()
}

#[memtrap::test]
fn a_map_costs_address_space_and_not_memory() {
    let mut peripherals = String::new();
    for number in 0..64 {
        peripherals += &format!(
            "<peripheral><name>P{number}</name><baseAddress>{:#x}</baseAddress>\
             <addressBlock><offset>0</offset><size>0x10000000</size></addressBlock>\
             <registers><register><name>R[%s]</name><dim>65536</dim><dimIncrement>4</dimIncrement><addressOffset>0</addressOffset>\
             <resetValue>7</resetValue></register></registers></peripheral>",
            0x10_0000_0000u64 + number * 0x1000_0000
        );
    }
    let text = format!("<device><name>X</name><size>32</size><peripherals>{peripherals}</peripherals></device>");
    let chip = Chip::parse(&text).unwrap();
    let bus = Bus::new();
    let before = resident();
    let sim = chip.simulate(&bus).unwrap();
    let last: usize = 0x10_0000_0000 + 63 * 0x1000_0000 + 4 * 65535;
    assert_eq!(read::<u32>(last), 7);
    write(last, 8u32);
    assert_eq!(sim.value("P63.R[65535]"), 8);
    let used = resident().saturating_sub(before);
    assert!(used < 64 << 20, "{used} bytes for 16 GiB of address space");
}
