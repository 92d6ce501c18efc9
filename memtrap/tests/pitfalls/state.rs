//! Registers, flags and floating point: the driver's stay the driver's.

use crate::page::{Page, has_avx512};
use std::arch::asm;

#[test]
fn pitfall_18_the_stack_moves_as_natively() {
    let page = Page::new();
    page.set(0, &0x1122_3344_5566_7788_u64.to_le_bytes());
    let (popped, moved): (u64, usize);
    // SAFETY: The region traps the accesses; the stack is as before.
    unsafe {
        asm!("mov {before}, rsp", "push qword ptr [{base}]", "sub {before}, rsp", "pop {popped}",
            base = in(reg) page.at(0), before = out(reg) moved, popped = out(reg) popped);
    }
    assert_eq!((popped, moved), (0x1122_3344_5566_7788, 8));
    assert_eq!(page.log(), [('R', 0, 8)]);

    // SAFETY: As above.
    unsafe { asm!("push {value}", "pop qword ptr [{base}]", base = in(reg) page.at(8), value = in(reg) 7_u64) };
    assert_eq!(page.log(), [('W', 8, 8)]);
    assert_eq!(page.bytes(8, 8), 7_u64.to_le_bytes());

    let reached: u64;
    // SAFETY: The pointer that is called through leads to the label in front of `pop`.
    unsafe {
        asm!("lea {reached}, [rip + 2f]", "mov [{base}], {reached}", "call qword ptr [{base}]", "jmp 3f", "2:", "mov {reached}, 42",
            "ret", "3:", base = in(reg) page.at(16), reached = out(reg) reached);
    }
    assert_eq!(reached, 42);
    assert_eq!(page.log(), [('W', 16, 8), ('R', 16, 8)]);
}

#[test]
fn pitfall_22_a_register_may_have_been_in_its_initial_state() {
    if !has_avx512("pitfall 22") {
        return;
    }
    let page = Page::new();
    let (mut stored, mut mask) = ([0_u8; 64], 0_u64);
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("vzeroall", "vpxorq zmm17, zmm17, zmm17", "kxorq k3, k3, k3", "vmovdqu64 zmm17, [{base}]", "kmovq k3, [{base}]",
            "vmovdqu64 [{stored}], zmm17", "kmovq {mask}, k3", base = in(reg) page.at(0),
            stored = in(reg) &raw mut stored, mask = out(reg) mask, out("xmm0") _, out("xmm1") _, out("xmm2") _,
            out("xmm3") _, out("xmm4") _, out("xmm5") _, out("xmm6") _, out("xmm7") _, out("xmm8") _, out("xmm9") _,
            out("xmm10") _, out("xmm11") _, out("xmm12") _, out("xmm13") _, out("xmm14") _, out("xmm15") _,
            out("k3") _);
    }
    assert_eq!(stored.as_slice(), page.bytes(0, 64));
    assert_eq!(mask.to_le_bytes().as_slice(), page.bytes(0, 8));
}

#[test]
fn pitfall_23_only_the_new_encodings_clear_upper_lanes() {
    if !is_x86_feature_detected!("avx") {
        return eprintln!("pitfall 23: left out, the processor has no AVX");
    }
    let page = Page::new();
    let poison = [0xee_u8; 32];
    let (mut legacy, mut vex) = ([0_u8; 32], [0_u8; 32]);
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("vmovdqu ymm0, [{poison}]", "vmovdqu ymm1, [{poison}]", "movdqu xmm0, [{base}]", "vmovdqu xmm1, [{base}]",
            "vmovdqu [{legacy}], ymm0", "vmovdqu [{vex}], ymm1", poison = in(reg) &raw const poison, base = in(reg) page.at(0),
            legacy = in(reg) &raw mut legacy, vex = in(reg) &raw mut vex, out("xmm0") _, out("xmm1") _);
    }
    let low = page.bytes(0, 16);
    assert_eq!((&legacy[..16], &legacy[16..]), (low.as_slice(), [0xee; 16].as_slice()));
    assert_eq!((&vex[..16], &vex[16..]), (low.as_slice(), [0; 16].as_slice()));
}

#[test]
fn pitfall_24_rounding_is_the_drivers_and_not_the_models() {
    let page = Page::new();
    page.set(0, &1.25_f32.to_le_bytes());
    let (saved, up): (u32, u32);
    saved = 0;
    // Round upwards, inexact not yet seen.
    up = 0x1f80 | 0x4000;
    let mut after = 0_u32;
    let rounded: u32;
    // SAFETY: The region traps the access; MXCSR is put back.
    unsafe {
        asm!("stmxcsr [{saved}]", "ldmxcsr [{up}]", "cvtss2si {rounded:e}, [{base}]", "stmxcsr [{after}]", "ldmxcsr [{saved}]",
            saved = in(reg) &raw const saved, up = in(reg) &raw const up, after = in(reg) &raw mut after,
            base = in(reg) page.at(0), rounded = out(reg) rounded);
    }
    assert_eq!(rounded, 2);
    assert_eq!(after, up | 0x20, "the inexact flag is sticky");
    assert_eq!(page.0.device().mxcsr & 0xffc0, 0x1f80);
}

#[test]
fn pitfall_26_the_last_x87_instruction_is_the_drivers() {
    let page = Page::new();
    page.set(0, &0.0_f32.to_le_bytes());
    let mut environment = [0_u32; 7];
    let (mut control, mut at) = (0x0372_u16, 0_usize);
    // Division by zero is not masked and stays pending, so that every processor saves the pointers.
    // SAFETY: The region traps the access; the x87 unit is as before.
    unsafe {
        asm!("fninit", "fldcw [{control}]", "fld1", "2:", "fdiv dword ptr [{base}]", "fnstenv [{environment}]", "fninit",
            "lea {at}, [rip + 2b]", control = in(reg) &raw mut control, base = in(reg) page.at(0),
            environment = in(reg) &raw mut environment, at = out(reg) at,
            out("st(0)") _, out("st(1)") _, out("st(2)") _, out("st(3)") _, out("st(4)") _, out("st(5)") _,
            out("st(6)") _, out("st(7)") _);
    }
    assert_eq!(environment[1] & 4, 4, "a division by zero is pending");
    assert_eq!((environment[3], environment[5]), (at as u32, page.at(0).addr() as u32));
}

#[test]
fn pitfall_27_the_model_runs_with_its_own_flags() {
    let page = Page::new();
    let flags: u64;
    // SAFETY: The region traps the access; the flags are put back. The stack is aligned, as the check demands.
    unsafe {
        asm!("pushfq", "or dword ptr [rsp], 0x40400", "popfq", "mov eax, [{base}]", "pushfq", "pop {flags}", "pushfq",
            "and dword ptr [rsp], 0xfffbfbff", "popfq", base = in(reg) page.at(4), flags = out(reg) flags, out("eax") _);
    }
    assert_eq!(flags & 0x40400, 0x40400, "direction and alignment check are the driver's");
    assert_eq!(page.log(), [('R', 4, 4)]);
}

#[test]
fn pitfall_28_the_red_zone_is_the_drivers() {
    let page = Page::new();
    let different: u64;
    // SAFETY: The assembly keeps data below the stack pointer, where the ABI lets a leaf function do so; the block is
    // marked as one that uses the stack, so that the compiler keeps nothing there.
    unsafe {
        asm!(
            "mov ecx, 16",
            "2:", "mov [rsp + rcx*8 - 136], rcx", "dec ecx", "jnz 2b",
            "mov eax, [{base}]", "add dword ptr [{base}], 1",
            "xor {different}, {different}", "mov ecx, 16",
            "3:", "mov rax, [rsp + rcx*8 - 136]", "xor rax, rcx", "or {different}, rax", "dec ecx", "jnz 3b",
            base = in(reg) page.at(0), different = out(reg) different, out("rax") _, out("rcx") _,
        );
    }
    assert_eq!(different, 0);
    assert_eq!(page.log().len(), 3);
}
