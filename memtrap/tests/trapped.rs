//! The trapped door: raw pointers into a region reach the device model.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Access, Bus, BusError, Context, Device, Width};
use std::arch::asm;

/// Plain memory that logs accesses.
struct Memory {
    bytes: Vec<u8>,
    log: Vec<(char, usize, Width, u64)>,
}

impl Memory {
    fn new(size: usize) -> Self {
        Self { bytes: vec![0; size], log: Vec::new() }
    }
}

impl Device for Memory {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        let mut bytes = [0; 8];
        bytes[..access.width.bytes()].copy_from_slice(&self.bytes[access.offset..][..access.width.bytes()]);
        let value = u64::from_le_bytes(bytes);
        self.log.push(('R', access.offset, access.width, value));
        Ok(value)
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.bytes[access.offset..][..access.width.bytes()]
            .copy_from_slice(&value.to_le_bytes()[..access.width.bytes()]);
        self.log.push(('W', access.offset, access.width, value));
        Ok(())
    }
}

#[test]
fn loads_and_stores_reach_the_device() {
    let region = Bus::new().map(0x1000, Memory::new(0x1000)).unwrap();
    let base = region.base().cast::<u32>();
    let register = base.wrapping_add(1);
    // SAFETY: The region traps the access.
    unsafe { register.write_volatile(0x1234_5678) };
    // SAFETY: The region traps the access.
    let value = unsafe { register.read_volatile() };
    assert_eq!(value, 0x1234_5678);
    assert_eq!(region.device().log, [('W', 4, Width::U32, 0x1234_5678), ('R', 4, Width::U32, 0x1234_5678)]);
}

#[test]
fn a_read_modify_write_is_one_read_and_one_write() {
    let region = Bus::new().map(0x1000, Memory::new(0x1000)).unwrap();
    let base = region.base();
    let carry: u8;
    // SAFETY: The region traps every access.
    unsafe {
        asm!(
            "or dword ptr [{base}], 0",
            "add dword ptr [{base}], -1",
            "lock add dword ptr [{base}], 1",
            "setc {carry}",
            base = in(reg) base,
            carry = out(reg_byte) carry,
        );
    }
    assert_eq!(carry, 1);
    assert_eq!(
        region.device().log,
        [
            ('R', 0, Width::U32, 0),
            ('W', 0, Width::U32, 0),
            ('R', 0, Width::U32, 0),
            ('W', 0, Width::U32, 0xffff_ffff),
            ('R', 0, Width::U32, 0xffff_ffff),
            ('W', 0, Width::U32, 0),
        ]
    );
}

#[test]
fn vector_moves_are_split_to_the_width_of_the_bus() {
    let region = Bus::new().map(0x1000, Memory::new(0x1000)).unwrap();
    let source = [7_u64, 8, 9, 10];
    // SAFETY: The region traps every access to it; the source is 32 bytes.
    unsafe {
        asm!(
            "vmovups ymm7, [{source}]",
            "vmovups [{base} + 8], ymm7",
            "vxorps ymm7, ymm7, ymm7",
            base = in(reg) region.base(),
            source = in(reg) &source,
            out("ymm7") _,
        );
    }
    assert_eq!(
        region.device().log,
        [('W', 8, Width::U64, 7), ('W', 16, Width::U64, 8), ('W', 24, Width::U64, 9), ('W', 32, Width::U64, 10)]
    );
}

#[test]
fn strings_gathers_and_masked_moves_touch_what_they_should() {
    let region = Bus::new().map(0x1000, Memory::new(0x1000)).unwrap();
    let source = [1_u8, 2, 3, 4, 5];
    // SAFETY: The region traps every access to it; the source is 5 bytes.
    unsafe {
        asm!("rep movsb", inout("rsi") source.as_ptr() => _, inout("rdi") region.base() => _, inout("rcx") 5_usize => _);
    }
    assert_eq!(region.device().bytes[..6], [1, 2, 3, 4, 5, 0]);
    assert_eq!(region.device().log.len(), 5);
    if !is_x86_feature_detected!("avx2") {
        return;
    }
    let indices = [3_u32, 0, 1, 2];
    let mut gathered = [0_u32; 4];
    // SAFETY: The region traps every access to it; the arrays are 16 bytes.
    unsafe {
        asm!(
            "movups xmm1, [{indices}]",
            "pcmpeqd xmm2, xmm2",
            "vpgatherdd xmm0, [{base} + xmm1], xmm2",
            "movups [{gathered}], xmm0",
            base = in(reg) region.base(),
            indices = in(reg) &indices,
            gathered = in(reg) &mut gathered,
            out("xmm0") _, out("xmm1") _, out("xmm2") _,
        );
    }
    assert_eq!(gathered, [0x0000_0504, 0x0403_0201, 0x0504_0302, 0x0005_0403]);
}

#[test]
fn the_stack_pointer_may_lie_in_a_region() {
    let region = Bus::new().map(0x1000, Memory::new(0x1000)).unwrap();
    let popped: u64;
    let flags: u64;
    // SAFETY: The region traps every access to it, and the stack pointer is back before the block ends.
    unsafe {
        asm!(
            "mov {saved}, rsp",
            "lea rsp, [{base} + 0x800]",
            "push 0x1234",
            "call 2f",
            "jmp 3f",
            "2:",
            "push qword ptr [rsp + 8]",
            "pop {popped}",
            "stc",
            "pushfq",
            "pop {flags}",
            "ret",
            "3:",
            "mov rsp, {saved}",
            base = in(reg) region.base(),
            saved = out(reg) _,
            popped = out(reg) popped,
            flags = out(reg) flags,
        );
    }
    assert_eq!(popped, 0x1234);
    assert_eq!(flags & 1, 1);
    let device = region.device();
    let offsets: Vec<_> = device.log.iter().map(|(direction, offset, ..)| (*direction, *offset)).collect();
    assert_eq!(
        offsets,
        [
            ('W', 0x7f8),
            ('W', 0x7f0),
            ('R', 0x7f8),
            ('W', 0x7e8),
            ('R', 0x7e8),
            ('W', 0x7e8),
            ('R', 0x7e8),
            ('R', 0x7f0)
        ]
    );
}
