//! Windows on the registers of another region: the atomic aliases of the RP2040, and the bit bands of the Cortex-M3.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/pointer.rs"]
mod pointer;

use memtrap::{
    Access, Bus, BusError, Context, Device, Width,
    bus::AliasKind,
    map::{AccessKind, Register, RegisterMap},
};
use pointer::{read, write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A port: what is written to `out` can be read, and `toggled` counts the changes until it is read.
#[derive(Debug, Default)]
struct Port {
    out: u32,
    changes: u32,
    reads: u32,
}

static MAP: RegisterMap = RegisterMap::new("port", 0x10, Width::U32, {
    const REGISTERS: &[Register] = &[
        Register::new("out", 0x0, Width::U32, AccessKind::ReadWrite, 0),
        Register::new("changes", 0x4, Width::U32, AccessKind::ReadOnly, 0),
        Register::new("id", 0x8, Width::U32, AccessKind::ReadOnly, 0).array(2, 4),
    ];
    REGISTERS
});

impl Device for Port {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.reads += 1;
        match access.offset {
            0x0 => Ok(self.out.into()),
            0x4 => Ok(std::mem::take(&mut self.changes).into()),
            _ => Ok(access.offset as u64),
        }
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x0 => {
                self.changes += u32::from(self.out != value as u32);
                self.out = value as u32;
                cx.pulse(3);
                Ok(())
            }
            _ => Err(BusError::ReadOnly),
        }
    }

    fn peek(&self, offset: usize, _width: Width) -> Option<u64> {
        (offset == 0).then_some(self.out.into())
    }

    fn registers(&self) -> Option<&'static RegisterMap> {
        Some(&MAP)
    }
}

#[memtrap::test]
fn atomic_aliases_change_bits() {
    const PORT: usize = 0x4001_4000;
    let bus = Bus::new();
    let port = bus.map_at(PORT, 0x10, Port::default()).unwrap();
    let _aliases = [(0x1000, AliasKind::Toggle), (0x2000, AliasKind::Set), (0x3000, AliasKind::Clear)]
        .map(|(offset, alias)| port.alias_at(PORT + offset, alias).unwrap());
    write(PORT, 0b0011u32);
    write(PORT + 0x2000, 0b1100u32);
    write(PORT + 0x3000, 0b0101u32);
    write(PORT + 0x1000, 0b1111u32);
    assert_eq!(read::<u32>(PORT + 0x2000), 0b0101, "a read of an alias reads the register");
    assert_eq!(port.device().reads, 1, "the writes have found out what it holds without reading");
    assert!(bus.is_interrupt_pending(3), "the model knows its bus");
    assert_eq!(
        bus.trace().region("port.set").to_string() + &bus.trace().region("port.clear").to_string(),
        "#2     W port.set.out  0x0000000c\n\
         #5     R port.set.out  0x00000005\n\
         #3     W port.clear.out  0x00000005\n"
    );
    assert_eq!(bus.trace().writes("port.xor.out").values(), [0b1111]);
}

#[memtrap::test]
fn each_bit_of_a_bit_band_is_a_word() {
    const BAND: usize = 0x4000_0000;
    const ALIAS: usize = 0x4200_0000;
    const PORT: usize = BAND + 0x800;
    let bus = Bus::new();
    let port = bus.map_at(PORT, 0x10, Port::default()).unwrap();
    let alias = Bus::bit_band_address(PORT, BAND, ALIAS);
    assert_eq!(alias, 0x4201_0000, "as the manual's formula has it");
    let _bits = port.alias_at(alias, AliasKind::BitBand).unwrap();
    write(alias + 4 * 5, 1u32);
    write(alias + 4 * 31, 0xffu32);
    assert_eq!(port.device().out, 1 << 31 | 1 << 5, "bit 0 of what is written counts");
    write(alias + 4 * 5, 0xfeu32);
    assert_eq!(port.device().out, 1 << 31);
    assert_eq!([read::<u32>(alias + 4 * 31), read::<u32>(alias + 4 * 30)], [1, 0]);
    assert_eq!(port.device().reads, 5, "the processor reads what it changes");
    assert_eq!(read::<u32>(alias + 4 * 32), 1, "the first bit of the next register, three changes");
    assert_eq!(port.device().changes, 0, "a read through the band has the effects of a read");
    let trace = bus.trace().region("port.bits").to_string();
    assert!(trace.starts_with("#1     W port.bits.out[5]      0x00000001\n"), "{trace}");
    assert!(trace.ends_with("R port.bits.changes[0]  0x00000001\n"), "{trace}");
    assert_eq!(read::<u32>(alias + 32 * 0xc + 4 * 3), 1, "0xc");
}

#[memtrap::test]
fn what_the_device_refuses_is_refused_through_its_alias() {
    const PORT: usize = 0x4001_4000;
    let bus = Bus::new();
    let port = bus.map_at(PORT, 0x10, Port::default()).unwrap();
    let set = port.alias_at(PORT + 0x2000, AliasKind::Set).unwrap();
    write(PORT + 0x2008, 1u32);
    let report = message(|| drop(bus.trace()));
    assert!(report.starts_with("memtrap: write of port.set.id[0] refused: the register is read-only"), "{report}");
    drop(port);
    let _: u32 = read(PORT + 0x2000);
    let report = message(|| drop(bus.trace()));
    assert!(report.starts_with("memtrap: read of port.set.out refused: the region was retired"), "{report}");
    drop(set);
}

#[memtrap::test]
fn an_address_that_the_system_keeps_is_a_clear_error() {
    let error = Bus::new().map_at(0x800, 0x100, Port::default()).expect_err("the null page").to_string();
    assert!(error.contains("the null page"), "{error}");
    // Whether the next pages can be had depends on the privileges of the process.
    let minimum = std::fs::read_to_string("/proc/sys/vm/mmap_min_addr").unwrap();
    if minimum.trim().parse::<usize>().unwrap() > 0x1000
        && let Err(error) = Bus::new().map_at(0x1000, 0x1000, Port::default())
    {
        assert!(error.to_string().contains("see vm.mmap_min_addr"), "{error}");
    }
}

fn message(work: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).expect_err("it panics");
    panic.downcast_ref::<String>().expect("reports are strings").clone()
}
