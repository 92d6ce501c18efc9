//! Saving and loading the vector, mask and vector control registers by plain moves.
//!
//! `xrstor` alone costs more than all of these moves together. What they leave out is the x87 unit; `promote` sees to it
//! that they are not used where that holds values.

use super::super::xstate;
use core::arch::global_asm;

unsafe extern "C" {
    fn memtrap_save_vectors_512();
    fn memtrap_load_vectors_512();
    fn memtrap_save_vectors_256();
    fn memtrap_load_vectors_256();
    fn memtrap_save_vectors_128();
    fn memtrap_load_vectors_128();
    fn memtrap_save_image();
    fn memtrap_load_image();
}

/// A way to save and load the extended state at `rcx`. The routines are called from assembly only: `save` leaves the
/// control register as compiled code expects it and may change the vector registers; both may change `rax`, `rdx` and flags.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(in super::super) struct Routines {
    pub(in super::super) save: usize,
    pub(in super::super) load: usize,
}

impl Routines {
    /// `xsave64` and `xrstor64`.
    pub(in super::super) fn image() -> Self {
        Self { save: memtrap_save_image as *const () as usize, load: memtrap_load_image as *const () as usize }
    }

    /// All 32 registers of 64 bytes, and the mask registers.
    pub(in super::super) fn vectors_512() -> Self {
        Self {
            save: memtrap_save_vectors_512 as *const () as usize,
            load: memtrap_load_vectors_512 as *const () as usize,
        }
    }

    /// 16 registers of 32 bytes.
    pub(in super::super) fn vectors_256() -> Self {
        Self {
            save: memtrap_save_vectors_256 as *const () as usize,
            load: memtrap_load_vectors_256 as *const () as usize,
        }
    }

    /// 16 registers of 16 bytes.
    pub(in super::super) fn vectors_128() -> Self {
        Self {
            save: memtrap_save_vectors_128 as *const () as usize,
            load: memtrap_load_vectors_128 as *const () as usize,
        }
    }
}

// The layout at `rcx`, which is aligned to 64 bytes, is that of `xstate::Vectors`.
global_asm!(
    ".pushsection .text.memtrap_vectors,\"ax\",@progbits",
    ".macro memtrap_function name:req",
    ".balign 16",
    ".globl \\name",
    ".hidden \\name",
    ".type \\name, @function",
    "\\name:",
    ".cfi_startproc",
    ".endm",
    ".macro memtrap_save_control",
    // Flags of exceptions that were met harm nobody, and drivers that compute have some.
    "stmxcsr [rcx + {control}]",
    "mov eax, dword ptr [rcx + {control}]",
    "and eax, ~{flags}",
    "cmp eax, {default}",
    "je 2f",
    "ldmxcsr [rip + {mxcsr}]",
    "2:",
    "ret",
    ".cfi_endproc",
    ".endm",
    // Always: to find out by `stmxcsr` whether that is needed costs twice as much, because it waits for what comes before.
    ".macro memtrap_load_control",
    "ldmxcsr [rcx + {control}]",
    "ret",
    ".cfi_endproc",
    ".endm",
    "memtrap_function memtrap_save_vectors_512",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
    "vmovaps [rcx + 64 * \\n], zmm\\n",
    ".endr",
    ".irp n, 0,1,2,3,4,5,6,7",
    "kmovq [rcx + {masks} + 8 * \\n], k\\n",
    ".endr",
    "vzeroupper",
    "memtrap_save_control",
    "memtrap_function memtrap_load_vectors_512",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31",
    "vmovaps zmm\\n, [rcx + 64 * \\n]",
    ".endr",
    ".irp n, 0,1,2,3,4,5,6,7",
    "kmovq k\\n, [rcx + {masks} + 8 * \\n]",
    ".endr",
    "memtrap_load_control",
    "memtrap_function memtrap_save_vectors_256",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "vmovaps [rcx + 64 * \\n], ymm\\n",
    ".endr",
    "vzeroupper",
    "memtrap_save_control",
    "memtrap_function memtrap_load_vectors_256",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "vmovaps ymm\\n, [rcx + 64 * \\n]",
    ".endr",
    "memtrap_load_control",
    "memtrap_function memtrap_save_vectors_128",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "movaps [rcx + 64 * \\n], xmm\\n",
    ".endr",
    "memtrap_save_control",
    "memtrap_function memtrap_load_vectors_128",
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15",
    "movaps xmm\\n, [rcx + 64 * \\n]",
    ".endr",
    "memtrap_load_control",
    // The same by the processor's own instructions, on an image.
    "memtrap_function memtrap_save_image",
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xsave64 [rcx]",
    "ldmxcsr [rip + {mxcsr}]",
    "ret",
    ".cfi_endproc",
    "memtrap_function memtrap_load_image",
    "mov eax, dword ptr [rip + {mask}]",
    "mov edx, dword ptr [rip + {mask} + 4]",
    "xrstor64 [rcx]",
    "ret",
    ".cfi_endproc",
    ".purgem memtrap_function",
    ".purgem memtrap_save_control",
    ".purgem memtrap_load_control",
    ".popsection",
    masks = const xstate::MASKS,
    control = const xstate::CONTROL,
    default = const xstate::MXCSR_OF_COMPILED_CODE,
    flags = const xstate::MXCSR_FLAGS,
    mxcsr = sym xstate::DEFAULT_MXCSR,
    mask = sym xstate::MASK,
);
