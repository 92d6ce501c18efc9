//! memtrap's reader of SVD files against another one.

#[path = "support/files.rs"]
mod files;
#[path = "../../../tests/drivers/traces.rs"]
mod traces;

use files::{chip, path};
use memtrap::Bus;
use std::{collections::BTreeMap, fs};
use svd_parser::{
    Config, ValidateLevel,
    svd::{Register, RegisterCluster},
};
use traces::keep;

/// All files that the packages of this workspace have: package and name.
const FILES: [(&str, &str); 19] = [
    ("gd32vf103-pac", "GD32VF103.svd"),
    ("k210-pac", "k210.svd"),
    ("lpc845-pac", "lpc845.svd"),
    ("nrf-pac", "svd/nrf51.svd"),
    ("nrf-pac", "svd/nrf52805.svd"),
    ("nrf-pac", "svd/nrf52810.svd"),
    ("nrf-pac", "svd/nrf52811.svd"),
    ("nrf-pac", "svd/nrf52820.svd"),
    ("nrf-pac", "svd/nrf52832.svd"),
    ("nrf-pac", "svd/nrf52833.svd"),
    ("nrf-pac", "svd/nrf52840.svd"),
    ("nrf-pac", "svd/nrf5340-app.svd"),
    ("nrf-pac", "svd/nrf5340-net.svd"),
    ("nrf-pac", "svd/nrf54l15-app.svd"),
    ("nrf-pac", "svd/nrf54l15-flpr.svd"),
    ("nrf-pac", "svd/nrf9120.svd"),
    ("nrf-pac", "svd/nrf9160.svd"),
    ("rp-pac", "svd/rp2040.svd"),
    ("rp-pac", "svd/rp235x.svd"),
];

/// Address, reset value and fields (first bit, number of bits, name) of each register, by name.
type Registers = BTreeMap<String, (u64, u64, Vec<(u32, u32, String)>)>;

/// What both call a register: the other reader joins the names of clusters and registers, and has no brackets.
fn key(name: &str) -> String {
    name.replace(['[', ']'], "").replace('.', "_")
}

fn ours(package: &str, file: &str) -> Registers {
    let chip = chip(package, file);
    let mut registers = Registers::new();
    for peripheral in chip.peripherals() {
        for info in peripheral.registers() {
            let register = info.register;
            let fields = register.fields.iter().map(|field| (field.lsb, field.bits, field.name.to_owned()));
            let mut fields: Vec<_> = fields.collect();
            fields.sort();
            for element in 0..register.len() {
                let index = if register.count.is_some() { element.to_string() } else { String::new() };
                let name = key(&format!("{}.{}{index}", peripheral.name(), register.name));
                let address = info.address + (element * register.stride) as u64;
                registers.insert(name, (address, register.reset, fields.clone()));
            }
        }
    }
    registers
}

fn theirs(text: &str) -> Result<Registers, String> {
    let config = Config::default().validate_level(ValidateLevel::Disabled).expand(true).expand_properties(true);
    let device = svd_parser::parse_with_config(text, &config).map_err(|error| format!("{error:#}"))?;
    let mut registers = Registers::new();
    for peripheral in &device.peripherals {
        let list = peripheral.registers.as_deref().unwrap_or(&[]);
        walk(&peripheral.name, peripheral.base_address, list, &mut registers);
    }
    Ok(registers)
}

fn walk(prefix: &str, base: u64, list: &[RegisterCluster], registers: &mut Registers) {
    for entry in list {
        match entry {
            RegisterCluster::Register(Register::Single(register)) => {
                let fields =
                    register.fields().map(|field| (field.bit_range.offset, field.bit_range.width, field.name.clone()));
                let mut fields: Vec<_> = fields.collect();
                fields.sort();
                let reset = register.properties.reset_value.unwrap_or(0);
                let address = base + u64::from(register.address_offset);
                registers.insert(key(&format!("{prefix}.{}", register.name)), (address, reset, fields));
            }
            RegisterCluster::Cluster(cluster) => {
                let base = base + u64::from(cluster.address_offset);
                walk(&format!("{prefix}.{}", cluster.name), base, &cluster.children, registers);
            }
            RegisterCluster::Register(Register::Array(..)) => unreachable!("arrays were expanded"),
        }
    }
}

#[test]
fn both_readers_find_the_same_registers() {
    for (package, file) in FILES {
        let text = fs::read_to_string(path(package, file)).unwrap();
        // It is stricter in the spelling of `access` than vendors are: `writeonce`, and `write`.
        let text = text.replace("writeonce<", "writeOnce<").replace("<access>write<", "<access>write-only<");
        let theirs = theirs(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let ours = ours(package, file);
        assert!(theirs.len() > 500, "{file}: {} registers", theirs.len());
        for (name, register) in &theirs {
            assert_eq!(ours.get(name), Some(register), "{file}: {name}");
        }
        let more: Vec<_> = ours.keys().filter(|name| !theirs.contains_key(*name)).collect();
        assert!(more.is_empty(), "{file}: {more:?}");
    }
}

#[memtrap::test]
fn a_file_that_the_other_refuses_is_a_chip() {
    let text = fs::read_to_string(path("gd32vf103-pac", "GD32VF103.svd")).unwrap();
    let refusal = theirs(&text).expect_err("it knows no access of that name");
    assert!(refusal.contains("unknown access variant 'write' found"), "{refusal}");

    let chip = chip("gd32vf103-pac", "GD32VF103.svd");
    let first = chip.warnings().first().map(ToString::to_string);
    let expected = "line 29629, field `RTC.PSCH.PSC`: `access` is not spelled like that: `write`";
    assert_eq!(first.as_deref(), Some(expected));
    assert_eq!(chip.warnings().len(), 4);

    let bus = Bus::new();
    let sim = chip.simulate(&bus).unwrap();
    let prescaler = sim.region("RTC").base().wrapping_add(0x08).cast::<u32>();
    // SAFETY: The address belongs to the simulation, whose accesses are trapped.
    unsafe { prescaler.write_volatile(5) };
    assert_eq!(sim.value("RTC.PSCH"), 5);
    keep(&bus.trace());
}
