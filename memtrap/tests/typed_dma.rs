//! What a device may not do to memory is a failure of the driver's access, with a name, through the typed door as well.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Bus, BusError, Context, Ram, Simulation, simulated};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Fills a buffer.
#[simulated(size = 0x20, width = 64)]
pub struct Filler {
    #[reg(0x00, rw)]
    pub address: u64,
    #[reg(0x08, rw)]
    pub length: u64,
    /// 1 hands the buffer over, 2 fills it, 3 gives it back.
    #[reg(0x10, wo)]
    pub command: u32,
}

struct Model;

impl filler::Model for Model {
    fn write_command(&mut self, regs: &mut filler::State, command: u32, cx: &mut Context<'_>) {
        let (address, length) = (regs.address, regs.length as usize);
        let result = match command {
            1 => cx.dma().own(address, length),
            2 => cx.dma().write(address, &vec![0xab; length]),
            _ => cx.dma().release(address),
        };
        if let Err(error) = result {
            cx.fail(BusError::from(error).to_string());
        }
    }
}

fn filler() -> (Bus, Simulation<Filler, Model>, Ram) {
    let bus = Bus::new();
    let (filler, ram) = (bus.simulate(Model).unwrap(), bus.ram(0x1000).unwrap());
    (bus, filler, ram)
}

fn address(pointer: *mut u8) -> u64 {
    pointer.expose_provenance() as u64
}

/// What the driver's commands for this buffer end with.
fn report(regs: &mut Filler, buffer: u64, commands: &[u32]) -> String {
    regs.address().write(buffer);
    regs.length().write(4);
    let panic = catch_unwind(AssertUnwindSafe(|| commands.iter().for_each(|command| regs.command().write(*command))));
    *panic.expect_err("the driver's access fails").downcast().expect("a report is text")
}

#[test]
fn memory_out_of_reach_is_named() {
    let (_bus, filler, ram) = filler();
    let regs = &mut filler.regs();
    let mut local = [0_u8; 4];
    let text = report(regs, address(local.as_mut_ptr()), &[2]);
    assert!(text.contains("\n  from      memtrap/tests/typed_dma.rs:"), "{text}");
    assert!(
        text.contains("4 bytes at 0x") && text.contains(" are not memory that devices can reach: use memory of"),
        "{text}"
    );
    let whole = address(ram.base());
    let text = report(regs, whole & 0xffff_ffff, &[2]);
    assert!(text.contains(&format!("the driver seems to have cut {whole:#x} to 32 bits")), "{text}");
    let text = report(regs, whole + 0xffd, &[2]);
    assert!(text.contains(&format!("4 bytes at {:#x} are not memory", whole + 0xffd)), "it leaves its memory: {text}");
}

#[test]
fn a_buffer_that_the_device_owns_is_not_the_drivers() {
    let (_bus, filler, ram) = filler();
    let regs = &mut filler.regs();
    let buffer = address(ram.base());
    let text = report(regs, buffer, &[1, 1]);
    assert!(text.contains("the driver handed over 4 bytes at ") && text.contains("that `filler` owns since"), "{text}");
    regs.command().write(2);
    ram.write(1, &[0]);
    let text = report(regs, buffer, &[3]);
    assert!(text.contains("the driver wrote to 4 bytes at ") && text.contains("at +0x1 from 0xab to 0x00"), "{text}");
}

#[test]
fn a_transfer_is_in_the_trace_behind_the_access_that_caused_it() {
    let (_bus, filler, ram) = filler();
    let mut regs = filler.regs();
    regs.address().write(address(ram.base()));
    regs.length().write(2);
    regs.command().write(2);
    let mut bytes = [0; 3];
    ram.read(0, &mut bytes);
    assert_eq!(bytes, [0xab, 0xab, 0]);
    let text = filler.trace().to_string();
    assert!(text.ends_with("writes 2 bytes of memory\n"), "{text}");
}
