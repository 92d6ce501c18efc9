//! The instructions that are timed, each exactly as a compiler emits it for a volatile access.

/// `mov eax, [rdi]`
///
/// # Safety
///
/// `address` may be read with a volatile load, or is trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn load(address: *const u32) -> u32 {
    let value;
    // SAFETY: The caller guarantees that the address may be read.
    unsafe { std::arch::asm!("mov eax, [rdi]", in("rdi") address, out("eax") value, options(nostack)) };
    value
}

/// `mov [rdi], eax`
///
/// # Safety
///
/// `address` may be written with a volatile store, or is trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn store(address: *mut u32, value: u32) {
    // SAFETY: The caller guarantees that the address may be written.
    unsafe { std::arch::asm!("mov [rdi], eax", in("rdi") address, in("eax") value, options(nostack)) };
}

/// `or [rdi], eax`: one read and one write.
///
/// # Safety
///
/// `address` may be read and written with volatile accesses, or is trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn set(address: *mut u32, bits: u32) {
    // SAFETY: The caller guarantees that the address may be read and written.
    unsafe { std::arch::asm!("or [rdi], eax", in("rdi") address, in("eax") bits, options(nostack)) };
}

/// `movups xmm0, [rdi]`: the 16 bytes.
///
/// # Safety
///
/// `address` may be read, or is trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn load_vector(address: *const u8) -> u128 {
    let value: std::arch::x86_64::__m128i;
    // SAFETY: The caller guarantees that the address may be read.
    unsafe { std::arch::asm!("movups {}, [rdi]", out(xmm_reg) value, in("rdi") address, options(nostack)) };
    // SAFETY: Both are 16 bytes, and every value of either is one of the other.
    unsafe { std::mem::transmute(value) }
}

/// `maskmovdqu xmm0, xmm1` with the first four bytes enabled: one write of four bytes at `rdi`.
///
/// # Safety
///
/// `address` may be written, or is trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn store_masked(address: *mut u8, value: u32) {
    // SAFETY: The caller guarantees that the address may be written.
    unsafe {
        std::arch::asm!(
            "movd xmm0, {value:e}",
            "pcmpeqd xmm1, xmm1",
            "psrldq xmm1, 12",
            "maskmovdqu xmm0, xmm1",
            value = in(reg) value, in("rdi") address, out("xmm0") _, out("xmm1") _,
            options(nostack, preserves_flags),
        );
    }
}

/// `rep movsd`: as many words as `to` has.
///
/// # Safety
///
/// So many words at `from` may be read, or are trapped.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub unsafe fn copy_words(from: *const u32, to: &mut [u32]) {
    // SAFETY: The caller guarantees that the words may be read; the destination is as long. The direction flag is clear.
    unsafe {
        std::arch::asm!(
            "rep movsd",
            inout("rsi") from => _, inout("rdi") to.as_mut_ptr() => _, inout("rcx") to.len() => _,
            options(nostack, preserves_flags),
        );
    };
}
