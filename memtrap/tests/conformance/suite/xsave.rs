//! The `XSAVE` image of user-mode registers: where each component lies on this processor.

use std::{
    arch::x86_64::{__cpuid, __cpuid_count, _xgetbv},
    sync::LazyLock,
};

/// Room for the standard format up to AVX-512, rounded up.
pub(crate) const SIZE: usize = 3072;

pub(crate) const X87: u64 = 1 << 0;
pub(crate) const SSE: u64 = 1 << 1;
pub(crate) const AVX: u64 = 1 << 2;
pub(crate) const OPMASK: u64 = 1 << 5;
pub(crate) const ZMM_HIGH: u64 = 1 << 6;
pub(crate) const ZMM_UPPER: u64 = 1 << 7;

/// Offset of the `XSTATE_BV` bit vector.
pub(crate) const XSTATE_BV: usize = 512;
/// MXCSR after reset.
pub(crate) const MXCSR_INIT: u32 = 0x1f80;

/// What this processor and system save.
pub(crate) struct Layout {
    /// Components that are compared, as a mask for `edx:eax`.
    pub(crate) components: u64,
    avx: usize,
    opmask: usize,
    zmm_high: usize,
    zmm_upper: usize,
}

pub(crate) static LAYOUT: LazyLock<Layout> = LazyLock::new(|| {
    let osxsave = __cpuid(1).ecx & 1 << 27 != 0;
    assert!(osxsave, "the suite saves the machine state with XSAVE, which this processor or system does not offer");
    // SAFETY: OSXSAVE is set, so XGETBV exists.
    let enabled = unsafe { system_components() };
    let offset = |component: u32| __cpuid_count(0xd, component).ebx as usize;
    Layout {
        components: enabled & (X87 | SSE | AVX | OPMASK | ZMM_HIGH | ZMM_UPPER),
        avx: offset(2),
        opmask: offset(5),
        zmm_high: offset(6),
        zmm_upper: offset(7),
    }
});

#[target_feature(enable = "xsave")]
fn system_components() -> u64 {
    // SAFETY: the caller has the feature; register 0 always exists.
    unsafe { _xgetbv(0) }
}

/// An image in a form where equal register contents are equal bytes, whatever is kept in its initial state.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Registers {
    pub(crate) x87: [u8; 24],
    pub(crate) st: [[u8; 10]; 8],
    pub(crate) mxcsr: u32,
    pub(crate) zmm: [[u8; 64]; 32],
    pub(crate) k: [u64; 8],
}

impl Registers {
    pub(crate) fn of(image: &[u8; SIZE]) -> Self {
        let layout = &*LAYOUT;
        let present = u64::from_le_bytes(image[XSTATE_BV..XSTATE_BV + 8].try_into().expect("8 bytes"));
        let has = |component| present & layout.components & component != 0;
        let mut registers = Self { x87: [0; 24], st: [[0; 10]; 8], mxcsr: 0, zmm: [[0; 64]; 32], k: [0; 8] };
        // MXCSR is saved with either of SSE and AVX, and is in no component's initial state.
        registers.mxcsr = u32::from_le_bytes(image[24..28].try_into().expect("4 bytes"));
        if has(X87) {
            registers.x87.copy_from_slice(&image[..24]);
            for (number, st) in registers.st.iter_mut().enumerate() {
                st.copy_from_slice(&image[32 + 16 * number..][..10]);
            }
        } else {
            registers.x87[..2].copy_from_slice(&0x37fu16.to_le_bytes());
        }
        for (number, zmm) in registers.zmm.iter_mut().enumerate() {
            if number < 16 {
                let parts = [
                    (SSE, 0, 160 + 16 * number, 16),
                    (AVX, 16, layout.avx + 16 * number, 16),
                    (ZMM_HIGH, 32, layout.zmm_high + 32 * number, 32),
                ];
                for (component, to, from, size) in parts {
                    if has(component) {
                        zmm[to..to + size].copy_from_slice(&image[from..from + size]);
                    }
                }
            } else if has(ZMM_UPPER) {
                zmm.copy_from_slice(&image[layout.zmm_upper + 64 * (number - 16)..][..64]);
            }
        }
        if has(OPMASK) {
            for (number, k) in registers.k.iter_mut().enumerate() {
                *k = u64::from_le_bytes(image[layout.opmask + 8 * number..][..8].try_into().expect("8 bytes"));
            }
        }
        registers
    }

    /// The image in which the components in `present` have these contents and the others are in their initial state.
    pub(crate) fn to_image(&self, present: u64) -> [u8; SIZE] {
        let layout = &*LAYOUT;
        let mut image = [0; SIZE];
        image[XSTATE_BV..XSTATE_BV + 8].copy_from_slice(&(present & layout.components).to_le_bytes());
        image[..24].copy_from_slice(&self.x87);
        image[24..28].copy_from_slice(&self.mxcsr.to_le_bytes());
        for (number, st) in self.st.iter().enumerate() {
            image[32 + 16 * number..][..10].copy_from_slice(st);
        }
        for (number, zmm) in self.zmm.iter().enumerate() {
            if number >= 16 {
                if layout.components & ZMM_UPPER != 0 {
                    image[layout.zmm_upper + 64 * (number - 16)..][..64].copy_from_slice(zmm);
                }
                continue;
            }
            image[160 + 16 * number..][..16].copy_from_slice(&zmm[..16]);
            if layout.components & AVX != 0 {
                image[layout.avx + 16 * number..][..16].copy_from_slice(&zmm[16..32]);
            }
            if layout.components & ZMM_HIGH != 0 {
                image[layout.zmm_high + 32 * number..][..32].copy_from_slice(&zmm[32..]);
            }
        }
        if layout.components & OPMASK != 0 {
            for (number, k) in self.k.iter().enumerate() {
                image[layout.opmask + 8 * number..][..8].copy_from_slice(&k.to_le_bytes());
            }
        }
        image
    }
}
