//! Which bytes an operand is, and that they are accessed once.

use crate::page::{Edge, Page, has_avx512};
use std::{
    arch::asm,
    panic::{AssertUnwindSafe, catch_unwind},
};

/// The kernel reports the first active element of a masked load, and the last byte of an `fxsave`.
#[test]
fn pitfall_01_the_fault_address_is_not_the_operands() {
    let page = Page::new();
    let image = page.at(0x400);
    // SAFETY: The region traps the access.
    unsafe { asm!("fxsave64 [{}]", in(reg) image) };
    let log = page.log();
    assert!(log.iter().all(|(direction, offset, _)| *direction == 'W' && (0x400..0x600).contains(offset)), "{log:?}");
    assert_eq!(log.first().map(|entry| entry.1), Some(0x400), "the image starts where the operand does");

    // SAFETY: The region traps the access.
    let value = unsafe { page.at(0xffc).cast::<u64>().read_unaligned() };
    assert_eq!(value.to_le_bytes().as_slice(), page.bytes(0xffc, 8));
    assert_eq!(page.log(), [('R', 0xffc, 4), ('R', 0x1000, 4)], "the fault may be reported at the second page");

    if has_avx512("pitfall 1") {
        // SAFETY: The region traps the access.
        unsafe {
            asm!("kmovd k1, {mask:e}", "vmovups xmm0{{k1}}{{z}}, [{base}]", mask = in(reg) 0b1000, base = in(reg) page.at(0x100),
                out("k1") _, out("xmm0") _);
        }
        assert_eq!(page.log(), [('R', 0x10c, 4)]);
    }
}

#[test]
fn pitfall_04_an_operand_may_be_half_memory() {
    let edge = Edge::new();
    edge.set_memory(&[1, 2, 3, 4]);
    edge.device.set(0, &[5, 6, 7, 8]);
    let across = edge.before(4);
    let value: u64;
    // SAFETY: Half of the operand is the test's memory, the other half is trapped.
    unsafe { asm!("mov {value}, [{across}]", value = out(reg) value, across = in(reg) across) };
    assert_eq!(value.to_le_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(edge.device.log(), [('R', 0, 4)]);

    let value = u64::from_le_bytes([9, 10, 11, 12, 13, 14, 15, 16]);
    // SAFETY: As above.
    unsafe { asm!("mov [{across}], {value}", value = in(reg) value, across = in(reg) across) };
    assert_eq!(edge.memory::<4>(), [9, 10, 11, 12]);
    assert_eq!(edge.device.bytes(0, 4), [13, 14, 15, 16]);
    assert_eq!(edge.device.log(), [('W', 0, 4)]);
}

#[test]
fn pitfall_04_nothing_is_written_if_the_device_refuses() {
    let edge = Edge::new();
    edge.set_memory(&[1, 2, 3, 4]);
    edge.device.0.device().refuses_writes = true;
    // SAFETY: Half of the operand is the test's memory, the other half is trapped.
    unsafe { asm!("mov [{across}], {value}", value = in(reg) u64::MAX, across = in(reg) edge.before(4)) };
    let report = catch_unwind(AssertUnwindSafe(|| edge.device.log())).expect_err("the refusal is reported");
    assert!(report.downcast_ref::<String>().is_some_and(|report| report.contains("read-only")));
    assert_eq!(edge.memory::<4>(), [1, 2, 3, 4]);
}

#[test]
fn pitfall_08_a_write_of_the_same_value_is_a_write() {
    let page = Page::new();
    // SAFETY: The region traps the access.
    unsafe { asm!("or dword ptr [{}], 0", in(reg) page.at(8)) };
    assert_eq!(page.log(), [('R', 8, 4), ('W', 8, 4)]);
}

/// A locked access across cache lines, which some systems forbid: the buffer it runs on needs no bus lock.
#[test]
fn pitfall_10_an_exchange_may_cross_a_cache_line() {
    let page = Page::new();
    page.set(62, &[1, 2, 3, 4]);
    let mut value = 0x0a0b_0c0d_u32;
    // SAFETY: The region traps the access.
    unsafe { asm!("xchg {value:e}, [{base}]", value = inout(reg) value, base = in(reg) page.at(62)) };
    assert_eq!(value.to_le_bytes(), [1, 2, 3, 4]);
    assert_eq!(page.bytes(62, 4), 0x0a0b_0c0d_u32.to_le_bytes());
    assert_eq!(page.log(), [('R', 62, 2), ('R', 64, 2), ('W', 62, 2), ('W', 64, 2)]);
}

#[test]
fn pitfall_11_a_bit_offset_reaches_far() {
    let page = Page::new();
    page.set(0x7c, &[0, 0, 0, 0x80]);
    let bit = |base: *mut u8, offset: i64| {
        let carry: u8;
        // SAFETY: The region traps the access.
        unsafe {
            asm!("bt [{base}], {offset}", "setc {carry}", base = in(reg) base, offset = in(reg) offset, carry = out(reg_byte) carry)
        };
        carry
    };
    assert_eq!(bit(page.at(0x80), -1), 1);
    assert_eq!(page.log(), [('R', 0x78, 8)]);
    let far = 1_i64 << 40;
    let base = page.at(0x78).wrapping_sub((far / 8) as usize);
    assert_eq!(bit(base, far + 63), 1);
    assert_eq!(page.log(), [('R', 0x78, 8)]);
    let base = page.at(0x78).wrapping_add((far / 8) as usize);
    assert_eq!(bit(base, -far + 62), 0);
    assert_eq!(page.log(), [('R', 0x78, 8)]);
}

#[test]
fn pitfall_12_a_compare_and_exchange_that_fails_writes_back() {
    let page = Page::new();
    page.set(0, &7_u64.to_le_bytes());
    for (accumulator, stored) in [(7_u64, 9_u64), (7, 9)] {
        let (mut rax, equal): (u64, u8);
        rax = accumulator;
        // SAFETY: The region traps the access.
        unsafe {
            asm!("lock cmpxchg [{base}], {new}", "sete {equal}", base = in(reg) page.at(0), new = in(reg) 9_u64,
                equal = out(reg_byte) equal, inout("rax") rax);
        }
        assert_eq!(page.bytes(0, 8), stored.to_le_bytes());
        assert_eq!((rax, page.log()), (if equal == 1 { 7 } else { 9 }, vec![('R', 0, 8), ('W', 0, 8)]));
    }

    page.set(16, &[1; 16]);
    let (mut low, mut high) = (0x0101_0101_0101_0101_u64, 0_u64);
    // SAFETY: The region traps the access. `rbx` belongs to the compiler and is put back.
    unsafe {
        asm!("xchg rbx, {new}", "cmpxchg16b [{base}]", "xchg rbx, {new}", base = in(reg) page.at(16), new = inout(reg) 5_u64 => _,
            inout("rax") low, inout("rdx") high, in("rcx") 6_u64);
    }
    assert_eq!((low, high), (0x0101_0101_0101_0101, 0x0101_0101_0101_0101), "the old value, since it differed");
    assert_eq!(page.bytes(16, 16), [1; 16]);
    assert_eq!(page.log(), [('R', 16, 8), ('R', 24, 8), ('W', 16, 8), ('W', 24, 8)]);
}

/// An operand in `ah` to `dh` leaves no room for a prefix that names `r8` to `r15`.
#[test]
fn pitfall_19_high_byte_registers() {
    let page = Page::new();
    page.set(0x20, &[0xab]);
    let rax: u64;
    // SAFETY: The region traps the access.
    unsafe {
        asm!("mov ah, [rcx + rdx*8]", in("rcx") page.at(0), in("rdx") 4_usize, inout("rax") 0x1122_3344_5566_7788_u64 => rax)
    };
    assert_eq!(rax, 0x1122_3344_5566_ab88);
    // SAFETY: The region traps the access.
    unsafe { asm!("add [rcx + rdx*8], ah", in("rcx") page.at(0), in("rdx") 4_usize, in("rax") 0x0100_u64) };
    assert_eq!(page.bytes(0x20, 1), [0xac]);
}

#[test]
fn pitfall_20_narrow_results_keep_or_clear_what_is_above() {
    let page = Page::new();
    page.set(0, &[0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8]);
    const POISON: u64 = 0x1111_2222_3333_4444;
    let (mut byte, mut word, mut double, mut signed) = (POISON, POISON, POISON, POISON);
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("mov {byte:l}, [{base}]", "mov {word:x}, [{base}]", "mov {double:e}, [{base}]", "movsx {signed:x}, byte ptr [{base}]",
            base = in(reg) page.at(0), byte = inout(reg) byte, word = inout(reg) word, double = inout(reg) double,
            signed = inout(reg) signed);
    }
    assert_eq!(
        [byte, word, double, signed],
        [0x1111_2222_3333_44f1, 0x1111_2222_3333_f2f1, 0xf4f3_f2f1, 0x1111_2222_3333_fff1]
    );
}

#[test]
fn pitfall_21_a_conditional_move_reads_in_any_case() {
    let page = Page::new();
    let mut value = 0x1111_2222_3333_4444_u64;
    // SAFETY: The region traps the access.
    unsafe {
        asm!("cmp {base}, {base}", "cmovne {value:e}, [{base}]", base = in(reg) page.at(0x40), value = inout(reg) value)
    };
    assert_eq!(value, 0x3333_4444, "not moved, but the upper half is cleared");
    assert_eq!(page.log(), [('R', 0x40, 4)]);
}
