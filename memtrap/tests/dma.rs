//! Devices that master the bus: checked access to the driver's memory.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/child.rs"]
mod child;

use memtrap::{Access, Bus, BusError, Context, Device, MapError, Ram, Region, trace::EventKind};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

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

/// Takes the buffer whose address and length are written, then fills it with its event or gives it back.
#[derive(Default)]
struct Receiver {
    address: u64,
    length: u64,
}

const FILL: u64 = 1;

impl Device for Receiver {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(0)
    }

    fn write(&mut self, access: Access, value: u64, cx: &mut Context<'_>) -> Result<(), BusError> {
        match access.offset {
            0x00 => self.address = value,
            0x08 => self.length = value,
            0x10 => {
                cx.dma().own(self.address, self.length as usize)?;
                cx.after(Duration::from_micros(10), FILL);
            }
            _ => cx.dma().release(self.address)?,
        }
        Ok(())
    }

    fn event(&mut self, _event: u64, cx: &mut Context<'_>) {
        if let Err(error) = cx.dma().write(self.address + 2, b"data") {
            cx.fail(error.to_string());
        }
    }
}

/// A receiver with a buffer of 16 bytes that was handed to it with access #3.
fn receiving() -> (Bus, Region<Receiver>, Ram) {
    let bus = Bus::new();
    let receiver = bus.map(0x20, Receiver::default()).unwrap();
    let ram = bus.ram(0x1000).unwrap();
    let registers = receiver.base().cast::<u64>();
    for (number, value) in [address(ram.base()), 16, 1].into_iter().enumerate() {
        // SAFETY: The region traps the access.
        unsafe { registers.wrapping_add(number).write_volatile(value) };
    }
    (bus, receiver, ram)
}

fn give_back(receiver: &Region<Receiver>) {
    // SAFETY: The region traps the access.
    unsafe { receiver.base().cast::<u64>().wrapping_add(3).write_volatile(1) };
}

#[test]
fn what_the_device_writes_to_memory_that_it_owns_is_no_mistake() {
    let (bus, receiver, ram) = receiving();
    bus.clock().sleep(Duration::from_micros(20));
    give_back(&receiver);
    let mut bytes = [0; 8];
    ram.read(0, &mut bytes);
    assert_eq!(&bytes, b"\0\0data\0\0");
    // Now it is the driver's.
    ram.write(0, b"mine");
    give_back(&receiver);
    drop(receiver.trace());
}

#[test]
fn a_driver_that_writes_to_memory_that_a_device_owns_is_named_when_it_is_given_back() {
    let (bus, receiver, ram) = receiving();
    bus.clock().sleep(Duration::from_micros(20));
    // Over what the device has written, and beside it.
    ram.write(5, &[0x11, 0x22]);
    give_back(&receiver);
    let expected = format!(
        "memtrap: the model of `receiver` failed the test: the driver wrote to 16 bytes at {:#x} that `receiver` owns since \
         access #3: 2 of them changed, the first at +0x5 from 0x61 to 0x11\n",
        address(ram.base())
    );
    let report = report_of(&receiver);
    assert!(report.starts_with(&expected), "{report}");
}

#[test]
fn a_driver_that_writes_to_memory_that_a_device_owns_is_named_at_the_next_transfer() {
    let (bus, _receiver, ram) = receiving();
    ram.write(15, &[1]);
    let panic = catch_unwind(AssertUnwindSafe(|| bus.clock().sleep(Duration::from_micros(20)))).unwrap_err();
    let report = *panic.downcast::<String>().unwrap();
    assert!(report.contains("1 of them changed, the first at +0xf from 0x00 to 0x01"), "{report}");
    assert!(report.contains("event     1, due at"), "{report}");
}

#[test]
fn memory_that_a_device_owns_cannot_be_handed_over_again() {
    let (_bus, receiver, ram) = receiving();
    let registers = receiver.base().cast::<u64>();
    // SAFETY: The region traps the access.
    unsafe { registers.write_volatile(address(ram.base()) + 15) };
    // SAFETY: The region traps the access.
    unsafe { registers.wrapping_add(2).write_volatile(1) };
    let report = report_of(&receiver);
    let start = address(ram.base());
    let expected = format!(
        "the driver handed over 16 bytes at {:#x}, among them some of 16 bytes at {start:#x} that `receiver` owns since \
         access #3\n",
        start + 15
    );
    assert!(report.contains(&expected), "{report}");
}

fn report_of(receiver: &Region<Receiver>) -> String {
    *catch_unwind(AssertUnwindSafe(|| drop(receiver.trace()))).unwrap_err().downcast().unwrap()
}

/// A driver that cuts the addresses of its buffers, two local variables, to 32 bits; where they are, and what arrived.
fn copy_locals(copier: usize) -> (usize, [u8; 4]) {
    let registers: *mut u64 = std::ptr::with_exposed_provenance_mut(copier);
    let (mut source, mut destination) = ([0; 4], [0; 4]);
    // What a device reads and writes is volatile: an optimiser sees no reason to store it before the registers.
    // SAFETY: A local variable.
    unsafe { (&raw mut source).write_volatile(*b"word") };
    // SAFETY: A local variable.
    unsafe { (&raw mut destination).write_volatile([0; 4]) };
    let cut = |buffer: &mut [u8; 4]| u64::from(buffer.as_mut_ptr().expose_provenance() as u32);
    for (number, value) in [cut(&mut source), cut(&mut destination), 4, 1].into_iter().enumerate() {
        // SAFETY: The region traps the access; the device writes to `destination`, to which nobody refers.
        unsafe { registers.wrapping_add(number).write_volatile(value) };
    }
    // SAFETY: A local variable, which a device has written.
    let arrived = unsafe { (&raw const destination).read_volatile() };
    ((&raw const source).addr(), arrived)
}

#[test]
fn a_driver_on_a_stack_in_ram_may_cut_the_addresses_of_its_locals() {
    const STACK: usize = 0x2100_0000;
    const SIZE: usize = 0x1_0000;
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let base = copier.base().expose_provenance();
    for _ in 0..2 {
        // SAFETY: The model writes only where the driver has it write.
        let (at, arrived) = unsafe { bus.run_on_stack_at(STACK, SIZE, move || copy_locals(base)) };
        assert!((STACK..STACK + SIZE).contains(&at), "{at:#x}");
        assert_eq!(&arrived, b"word");
    }
    // On a stack of the process's own it fails by name.
    let panic = catch_unwind(AssertUnwindSafe(|| bus.run(move || copy_locals(base)))).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("are not memory that devices can reach"));
    // The stack of a driver that returned is no memory of the bus any more.
    start(&copier, STACK as u64, STACK as u64, 4);
    assert!(report(&copier).contains("are not memory that devices can reach"));
}

#[test]
fn the_stack_of_a_driver_that_was_ended_is_kept() {
    const STACK: usize = 0x2200_0000;
    let bus = Bus::new();
    let copier = bus.map(0x20, Copier::default()).unwrap();
    let base = copier.base().expose_provenance();
    let run = || {
        let driver = move || {
            let registers: *const u64 = std::ptr::with_exposed_provenance(base);
            // SAFETY: The region traps the access, and refuses it.
            unsafe { registers.wrapping_add(3).read_volatile() }
        };
        // SAFETY: The model writes nothing.
        let panic = catch_unwind(AssertUnwindSafe(|| unsafe { bus.run_on_stack_at(STACK, 0x1_0000, driver) }));
        *panic.unwrap_err().downcast::<String>().unwrap()
    };
    assert!(run().contains("refused: no register is mapped at this offset"));
    let again = run();
    assert!(
        again.starts_with("memtrap: the driver's stack cannot be had: 0x10000 bytes at 0x22000000 are in use"),
        "{again}"
    );
}

#[test]
fn a_driver_that_needs_more_stack_than_it_has_is_ended() {
    const NAME: &str = "a_driver_that_needs_more_stack_than_it_has_is_ended";
    #[inline(never)]
    fn deep(level: usize) -> usize {
        let frame = std::hint::black_box([level; 64]);
        if level == 0 { 0 } else { deep(level - 1) + std::hint::black_box(frame)[0] }
    }

    if child::role().is_some() {
        // SAFETY: There is no device.
        let depth = unsafe { Bus::new().run_on_stack_at(0x2300_0000, 0x4000, || deep(1_000)) };
        println!("went on after {depth}");
        return;
    }
    let ended = child::run(NAME, "child").by_signal(libc::SIGSEGV);
    assert!(!ended.stdout.contains("went on"), "{ended:#?}");
}
