//! Devices that master the bus: checked access to the driver's memory.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Access, Bus, BusError, Context, Device, MapError, Region, trace::EventKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Copies memory: source, destination and length are registers, a write to the fourth starts the copy.
#[derive(Default)]
struct Copier([u64; 3]);

impl Device for Copier {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.0.get(access.offset / 8).copied().ok_or(BusError::Unmapped)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        if let Some(register) = self.0.get_mut(access.offset / 8) {
            *register = value;
            return Ok(());
        }
        let [source, destination, length] = self.0;
        let mut bytes = vec![0; usize::try_from(length).unwrap()];
        cx.dma().read(source, &mut bytes)?;
        cx.dma().write(destination, &bytes)?;
        Ok(())
    }
}

fn start(copier: &Region<Copier>, source: u64, destination: u64, length: u64) {
    let registers = copier.base().cast::<u64>();
    for (number, value) in [source, destination, length, 1].into_iter().enumerate() {
        // SAFETY: The region traps the access.
        unsafe { registers.wrapping_add(number).write_volatile(value) };
    }
}

fn address(pointer: *mut u8) -> u64 {
    pointer.expose_provenance() as u64
}

/// The report that the bus raises.
fn report(copier: &Region<Copier>) -> String {
    *catch_unwind(AssertUnwindSafe(|| drop(copier.trace()))).unwrap_err().downcast().unwrap()
}

#[test]
fn a_device_copies_between_shared_memories() {
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let ram = bus.ram(0x1000).unwrap();
    let source = ram.allocate(16, 16).unwrap();
    let destination = ram.allocate(3, 64).unwrap();
    assert_eq!(destination.as_ptr().addr() % 64, 0);
    ram.write(0, b"abc");
    start(&copier, address(source.as_ptr()), address(destination.as_ptr()), 3);
    let mut copied = [0; 3];
    ram.read(destination.as_ptr().addr() - ram.base().addr(), &mut copied);
    assert_eq!(&copied, b"abc");
    let transfers = copier.trace().events().iter().filter(|event| matches!(event.kind, EventKind::Dma { .. })).count();
    assert_eq!(transfers, 2);
    assert!(copier.trace().to_string().contains("reads 3 bytes of memory"), "{}", copier.trace());
}

#[test]
fn memory_that_is_not_shared_is_out_of_reach() {
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let ram = bus.ram(0x1000).unwrap();
    let mut heap = vec![7_u8; 16];
    start(&copier, address(heap.as_mut_ptr()), address(ram.base()), 16);
    let refused = report(&copier);
    assert!(refused.contains("are not memory that devices can reach: use memory of `Bus::ram`"), "{refused}");
    start(&copier, address(ram.base()) + 0xfff, address(ram.base()), 2);
    assert!(report(&copier).contains("2 bytes at"), "a transfer may not leave its memory");
    // SAFETY: The vector outlives the device's accesses, and nobody refers to its bytes meanwhile.
    unsafe { bus.share_memory(heap.as_mut_ptr(), heap.len()) };
    start(&copier, address(heap.as_mut_ptr()), address(ram.base()), 16);
    let mut copied = [0; 16];
    ram.read(0, &mut copied);
    assert_eq!(copied, [7; 16]);
    // Memory that was withdrawn cannot be reached any more.
    let base = address(ram.base());
    drop(ram);
    start(&copier, base, base, 1);
    assert!(report(&copier).contains("are not memory that devices can reach"));
}

#[test]
fn an_address_that_was_cut_to_32_bits_is_named() {
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let ram = bus.ram(0x1000).unwrap();
    let whole = address(ram.base());
    start(&copier, whole & 0xffff_ffff, whole, 1);
    let report = report(&copier);
    assert!(report.contains(&format!("the driver seems to have cut {whole:#x} to 32 bits")), "{report}");
}

#[test]
fn memory_at_a_fixed_address_can_be_used_again() {
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    for _ in 0..2 {
        let ram = bus.ram_at(0x2000_0000, 0x4000).unwrap();
        assert_eq!(ram.base().addr(), 0x2000_0000);
        let mut before = [9; 4];
        ram.read(0x100, &mut before);
        assert_eq!(before, [0; 4]);
        ram.write(0, &[1, 2, 3, 4]);
        start(&copier, 0x2000_0000, 0x2000_0100, 4);
        ram.read(0x100, &mut before);
        assert_eq!(before, [1, 2, 3, 4]);
        assert!(matches!(bus.ram_at(0x2000_0000, 0x4000), Err(MapError::AddressTaken { .. })));
        assert!(matches!(bus.map_at(0x2000_1000, 0x1000, Copier::default()), Err(MapError::AddressTaken { .. })));
    }
    assert!(matches!(bus.ram_at(0x2000_0800, 0x1000), Err(MapError::Misaligned { .. })));
    assert!(matches!(bus.ram_at(0x2000_0000, 0), Err(MapError::ZeroSize)));
}

#[test]
fn devices_may_see_memory_at_another_address() {
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let ram = bus.ram(0x1000).unwrap();
    ram.set_bus_address(0x8000_0000);
    ram.write(0, &[5]);
    start(&copier, 0x8000_0000, 0x8000_0001, 1);
    let mut copied = [0; 1];
    ram.read(1, &mut copied);
    assert_eq!(copied, [5]);
}
