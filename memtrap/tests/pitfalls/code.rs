//! The instruction itself: code that changes, that ends where memory ends, that is as long as it can be.

use crate::page::{PAGE, Page};
use std::{
    ffi::c_void,
    ptr::{self, NonNull},
};

/// A page of code with nothing mapped behind it.
struct Code(NonNull<u8>);

impl Code {
    fn new() -> Self {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        let all = libc::PROT_READ | libc::PROT_WRITE | libc::PROT_EXEC;
        // SAFETY: A new mapping anywhere has no preconditions.
        let start = unsafe { libc::mmap(ptr::null_mut(), 2 * PAGE, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED, "two pages can be mapped");
        // SAFETY: The pages are the mapping made above.
        assert_eq!(unsafe { libc::mprotect(start, PAGE, all) }, 0, "memory can be executable");
        Self(NonNull::new(start.cast()).expect("page 0 is never mapped"))
    }

    /// Puts `bytes` at `offset` and calls them as a function of one pointer.
    fn call(&self, offset: usize, bytes: &[u8], argument: *mut u8) -> u64 {
        let to = self.0.as_ptr().wrapping_add(offset);
        // SAFETY: The bytes lie inside the page, which is writable and not being executed.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len()) };
        // SAFETY: The bytes are a function with this signature, as each test shows.
        let function = unsafe { std::mem::transmute::<*mut u8, extern "sysv64" fn(*mut u8) -> u64>(to) };
        function(argument)
    }
}

impl Drop for Code {
    fn drop(&mut self) {
        // SAFETY: The two pages are this value's own, and no function in them is running.
        unsafe { libc::munmap(self.0.as_ptr().cast::<c_void>(), 2 * PAGE) };
    }
}

#[test]
fn pitfall_44_another_instruction_at_the_same_address() {
    let (page, code) = (Page::new(), Code::new());
    page.set(0, &0x8877_6655_4433_2211_u64.to_le_bytes());
    for _ in 0..3 {
        // mov eax, [rdi]; ret
        assert_eq!(code.call(0, &[0x8b, 0x07, 0xc3], page.at(0)), 0x4433_2211);
        // mov rax, [rdi]; ret
        assert_eq!(code.call(0, &[0x48, 0x8b, 0x07, 0xc3], page.at(0)), 0x8877_6655_4433_2211);
        // movzx eax, byte ptr [rdi + 1]; ret
        assert_eq!(code.call(0, &[0x0f, 0xb6, 0x47, 0x01, 0xc3], page.at(0)), 0x22);
    }
    let sizes: Vec<usize> = page.log().iter().map(|entry| entry.2).collect();
    assert_eq!(sizes, [4, 8, 1, 4, 8, 1, 4, 8, 1]);
}

#[test]
fn pitfall_45_an_instruction_at_the_end_of_what_can_be_read() {
    let (page, code) = (Page::new(), Code::new());
    page.set(0, &[0x11, 0x22, 0x33, 0x44]);
    // mov eax, [rdi]; ret
    assert_eq!(code.call(PAGE - 3, &[0x8b, 0x07, 0xc3], page.at(0)), 0x4433_2211);
    // The very last bytes are the trapped instruction: jmp qword ptr [rdi + 8], to mov eax, 7; ret at the start.
    code.call(0, &[0xb8, 7, 0, 0, 0, 0xc3], ptr::null_mut());
    let target = code.0.as_ptr().addr() as u64;
    page.set(8, &target.to_le_bytes());
    assert_eq!(code.call(PAGE - 3, &[0xff, 0x67, 0x08], page.at(0)), 7);
    assert_eq!(page.log(), [('R', 0, 4), ('R', 8, 8)]);
}

/// Prefixes that mean nothing, up to the longest instruction there is.
#[test]
fn pitfall_50_the_longest_encoding() {
    let (page, code) = (Page::new(), Code::new());
    page.set(0x100, &[0x11, 0x22, 0x33, 0x44]);
    // Eight segment prefixes, then mov eax, [rdi + disp32]; ret
    let mut bytes = vec![0x2e; 8];
    bytes.extend([0x8b, 0x87, 0x00, 0x01, 0x00, 0x00, 0xc3]);
    assert_eq!(code.call(0, &bytes, page.at(0)), 0x4433_2211);
    // Nine segment prefixes, then add dword ptr [rdi + disp8], imm8 and a redundant REX: 15 bytes with a SIB byte.
    let mut bytes = vec![0x3e; 9];
    bytes.extend([0x40, 0x83, 0x44, 0x27, 0x70, 0x01, 0xc3]);
    assert_eq!(bytes.len(), 16);
    code.call(0, &bytes, page.at(0x90));
    assert_eq!(page.bytes(0x100, 4), [0x12, 0x22, 0x33, 0x44]);
    assert_eq!(page.log(), [('R', 0x100, 4), ('R', 0x100, 4), ('W', 0x100, 4)]);
}

/// The C library and the kernel's own page of code are sites as all others.
#[test]
fn pitfall_52_code_of_the_kernel_that_is_mapped_into_the_process() {
    let page = Page::new();
    // SAFETY: The structure that is written lies in the region, where the stores are trapped; if the clock is read by a
    // system call instead, that fails with EFAULT and writes nothing.
    let result = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, page.at(0x40).cast()) };
    let written: usize = page.log().iter().filter(|entry| entry.0 == 'W').map(|entry| entry.2).sum();
    assert!(result == 0 && written == 16 || result == -1 && written == 0, "result {result}, {written} bytes written");
}
