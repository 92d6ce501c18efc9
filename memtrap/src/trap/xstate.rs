//! Size and layout of the extended register state that `xsave64` stores.
//!
//! Source: Intel SDM volume 1, chapter 13; AMD APM volume 2, section 11.5. The offsets differ between vendors, so they
//! are read from CPUID leaf 0xD.

use super::{asm::Routines, pending::FloatState};
use std::{
    arch::x86_64::{__cpuid, __cpuid_count},
    sync::{
        OnceLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

/// Components that are left alone: protection keys (bit 9) belong to the thread, not to the instruction, and AMX tiles
/// (bits 17 and 18) are 8 KiB that no device model touches.
const LEFT_ALONE: u64 = 1 << 9 | 0b11 << 17;

/// Size of the image in bytes, a multiple of 64. Read by the thunks.
pub(super) static SIZE: AtomicUsize = AtomicUsize::new(0);
/// The components that are saved and restored. Read by the thunks.
pub(super) static MASK: AtomicU64 = AtomicU64::new(0);
/// The default floating-point control and status: all exceptions masked, round to nearest. Read by the thunks.
pub(super) static DEFAULT_MXCSR: u32 = MXCSR_OF_COMPILED_CODE;
/// The same, for comparisons.
pub(super) const MXCSR_OF_COMPILED_CODE: u32 = 0x1f80;
/// The exceptions that were met (Intel SDM, MXCSR control and status register).
pub(super) const MXCSR_FLAGS: u32 = 0x3f;

/// How the promoted entry saves and loads the vector registers: addresses of a [`Routines`], or zeros where the processor
/// has registers that they would leave out. Read by the entry.
pub(super) static VECTOR_ROUTINES: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

/// Layout of what those routines save, in bytes: 32 registers of 64 bytes, then the mask registers, then the control
/// register.
pub(super) const MASKS: usize = 32 * 64;
/// See [`MASKS`].
pub(super) const CONTROL: usize = MASKS + 8 * 8;
/// See [`MASKS`].
pub(super) const VECTORS_SIZE: usize = CONTROL + 64;

static LAYOUT: OnceLock<Layout> = OnceLock::new();

/// Number of the x87 component.
const X87: u32 = 0;
/// Offset of the control and status register of vector floating point, behind the x87 unit's control words.
const MXCSR: usize = 24;
/// Offset of the x87 registers, in the order of the stack.
const ST: usize = 32;
/// Offset of `xmm0` in the legacy region, in bytes.
const XMM: usize = 160;
/// Offset of the header, in bytes.
const HEADER: usize = 512;
/// Where the components begin that are not in the legacy region.
pub(super) const HEADER_END: usize = HEADER + 64;

/// Offsets of the components, in bytes; 0 for those the processor lacks.
#[derive(Clone, Copy, Debug, Default)]
struct Layout {
    ymm_high: usize,
    mask_registers: usize,
    zmm_high: usize,
    zmm_16_to_31: usize,
}

impl Layout {
    /// Bytes of the widest vector register.
    fn vector_size(self) -> usize {
        match (self.ymm_high, self.zmm_high) {
            (0, _) => 16,
            (_, 0) => 32,
            _ => 64,
        }
    }
}

/// Learns the layout.
///
/// # Errors
///
/// If the processor or the operating system does not support `xsave`.
pub(super) fn initialise() -> Result<(), &'static str> {
    if LAYOUT.get().is_some() {
        return Ok(());
    }
    const OSXSAVE: u32 = 1 << 27;
    if __cpuid(1).ecx & OSXSAVE == 0 {
        return Err("the processor or the operating system does not support XSAVE");
    }
    let mask = super::asm::enabled_components() & !LEFT_ALONE;
    let component = |number: u32| {
        if mask & 1 << number == 0 {
            return (0, 0);
        }
        let leaf = __cpuid_count(0xd, number);
        (leaf.ebx as usize, leaf.eax as usize)
    };
    let size = (2..63).map(component).map(|(offset, size)| offset + size).fold(HEADER_END, usize::max);
    let layout = Layout {
        ymm_high: component(2).0,
        mask_registers: component(5).0,
        zmm_high: component(6).0,
        zmm_16_to_31: component(7).0,
    };
    if let Some(routines) = vector_routines(mask) {
        VECTOR_ROUTINES[0].store(routines.save, Ordering::Relaxed);
        VECTOR_ROUTINES[1].store(routines.load, Ordering::Relaxed);
    }
    MASK.store(mask, Ordering::Relaxed);
    SIZE.store(size.next_multiple_of(64), Ordering::Relaxed);
    // A second thread that was here at the same time found the same.
    let _ = LAYOUT.set(layout);
    Ok(())
}

/// The routines that move all vector and mask registers, if there are such.
fn vector_routines(components: u64) -> Option<Routines> {
    const AVX: u64 = 1 << 2;
    const AVX512: u64 = 0b111 << 5;
    /// Bits 0 to 7: x87, SSE, AVX, two of MPX, and AVX-512. Any other may be what a device model uses.
    const KNOWN: u64 = 0xff;
    /// CPUID leaf 7, `ebx`: mask registers have 64 bits.
    const AVX512BW: u32 = 1 << 30;

    if components & !KNOWN != 0 {
        return None;
    }
    match (components & AVX512, components & AVX) {
        (AVX512, AVX) => (__cpuid_count(7, 0).ebx & AVX512BW != 0).then(Routines::vectors_512),
        (0, AVX) => Some(Routines::vectors_256()),
        (0, 0) => Some(Routines::vectors_128()),
        _ => None,
    }
}

/// Size in bytes of an image that a driver saves or restores: of all components that the operating system has enabled,
/// those that the thunks leave alone included.
pub(super) fn image_size() -> usize {
    static SIZE_OF_ALL: OnceLock<usize> = OnceLock::new();
    // CPUID leaf 0xD, sub-leaf 0, `ebx`. Asked once: under a hypervisor the instruction is slow.
    *SIZE_OF_ALL.get_or_init(|| __cpuid_count(0xd, 0).ebx as usize)
}

/// Whether these components are all saved and restored by the thunks.
pub(super) fn covers(components: u64) -> bool {
    components & !MASK.load(Ordering::Relaxed) == 0
}

/// Whether the processor follows AMD's manual where it differs from Intel's.
pub(super) fn is_amd() -> bool {
    static IS_AMD: OnceLock<bool> = OnceLock::new();
    // "AuthenticAMD" in ebx, edx, ecx. Asked once: under a hypervisor the instruction is slow.
    *IS_AMD.get_or_init(|| __cpuid(0).ebx == u32::from_le_bytes(*b"Auth"))
}

/// Number of the component that holds the access rights by protection key.
pub(super) const PROTECTION_KEYS: u32 = 9;

/// Where the access rights by protection key stand in an image; `None` if the operating system does not use them.
pub(super) fn protection_keys_offset() -> Option<usize> {
    const OSPKE: u32 = 1 << 4;
    let used = __cpuid(0).eax >= 7 && __cpuid_count(7, 0).ecx & OSPKE != 0;
    used.then(|| __cpuid_count(0xd, PROTECTION_KEYS).ebx as usize)
}

/// A driver's extended state, as an entry saved it.
pub(super) struct Image<'a> {
    bytes: &'a mut [u8],
    form: Form,
}

/// How the state is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As `xsave64` does.
    Image,
    /// Vector, mask and vector control registers only; the x87 unit holds no values.
    Vectors,
}

impl<'a> Image<'a> {
    /// What `xsave64` has stored.
    pub(super) fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, form: Form::Image }
    }

    /// What the vector routines have stored.
    pub(super) fn vectors(bytes: &'a mut [u8; VECTORS_SIZE]) -> Self {
        Self { bytes, form: Form::Vectors }
    }

    pub(super) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.bytes.as_mut_ptr()
    }

    /// The routines that load and store this state.
    pub(super) fn routines(&self) -> Routines {
        match self.form {
            Form::Image => Routines::image(),
            Form::Vectors => {
                let [save, load] = [0, 1].map(|routine: usize| VECTOR_ROUTINES[routine].load(Ordering::Relaxed));
                Routines { save, load }
            }
        }
    }

    /// Whether the state includes that of the x87 unit.
    pub(super) fn has_x87(&self) -> bool {
        self.form == Form::Image
    }

    /// Whether x87 or MMX registers hold values.
    pub(super) fn has_x87_values(&self) -> bool {
        /// Offset of the tags, one bit for each register that is not empty.
        const TAGS: usize = 4;
        self.has_x87() && self.in_use(X87) && self.bytes[TAGS] != 0
    }

    fn layout() -> Layout {
        LAYOUT.get().copied().unwrap_or_default()
    }

    /// Whether a component differs from its initial state; if not, its bytes mean nothing.
    fn in_use(&self, component: u32) -> bool {
        let mut bits = [0; 8];
        bits.copy_from_slice(&self.bytes[HEADER..HEADER + 8]);
        u64::from_le_bytes(bits) & 1 << component != 0
    }

    fn copy(&self, component: u32, offset: usize, into: &mut [u8]) {
        if self.in_use(component) {
            into.copy_from_slice(&self.bytes[offset..offset + into.len()]);
        } else {
            into.fill(0);
        }
    }

    /// The floating-point state that a faulting instruction can have changed.
    pub(super) fn float(&self) -> FloatState {
        debug_assert!(self.has_x87(), "only a signal frame is asked");
        let mut mxcsr = [0; 4];
        mxcsr.copy_from_slice(&self.bytes[MXCSR..MXCSR + 4]);
        let x87 = self.in_use(X87).then(|| {
            let mut words = [0; MXCSR];
            words.copy_from_slice(&self.bytes[..MXCSR]);
            let register = |number: usize| {
                let mut register = [0; 16];
                register.copy_from_slice(&self.bytes[ST + 16 * number..ST + 16 * (number + 1)]);
                register
            };
            (words, std::array::from_fn(register))
        });
        FloatState { mxcsr: u32::from_le_bytes(mxcsr), x87 }
    }

    /// Sets it. `xrstor64` loads `MXCSR` whatever else is in use.
    pub(super) fn set_float(&mut self, state: &FloatState) {
        if self.form == Form::Vectors {
            self.bytes[CONTROL..CONTROL + 4].copy_from_slice(&state.mxcsr.to_le_bytes());
            return;
        }
        self.bytes[MXCSR..MXCSR + 4].copy_from_slice(&state.mxcsr.to_le_bytes());
        let Some((words, registers)) = &state.x87 else { return };
        self.bytes[..MXCSR].copy_from_slice(words);
        self.bytes[ST..XMM].copy_from_slice(registers.as_flattened());
        self.bytes[HEADER] |= 1 << X87;
    }

    /// Makes the last x87 instruction the driver's, if it is the one at `stub`: its address, its operand and its opcode are
    /// state that exception handlers look at.
    pub(super) fn attribute_x87(&mut self, stub: usize, instruction: u64, operand: u64, opcode: u16) {
        const OPCODE: usize = 6;
        const INSTRUCTION: usize = 8;
        const OPERAND: usize = 16;
        if self.has_x87() && self.in_use(X87) && self.bytes[INSTRUCTION..OPERAND] == (stub as u64).to_le_bytes() {
            self.bytes[OPCODE..INSTRUCTION].copy_from_slice(&opcode.to_le_bytes());
            self.bytes[INSTRUCTION..OPERAND].copy_from_slice(&instruction.to_le_bytes());
            self.bytes[OPERAND..OPERAND + 8].copy_from_slice(&operand.to_le_bytes());
        }
    }

    /// Mask register `k0` to `k7`.
    pub(super) fn mask_register(&self, number: usize) -> u64 {
        let mut bits = [0; 8];
        if self.form == Form::Vectors {
            bits.copy_from_slice(&self.bytes[MASKS + 8 * number..][..8]);
            return u64::from_le_bytes(bits);
        }
        self.copy(5, Self::layout().mask_registers + 8 * number, &mut bits);
        u64::from_le_bytes(bits)
    }

    /// Sets mask register `k0` to `k7`.
    pub(super) fn set_mask_register(&mut self, number: usize, value: u64) {
        const COMPONENT: u32 = 5;
        if self.form == Form::Vectors {
            self.bytes[MASKS + 8 * number..][..8].copy_from_slice(&value.to_le_bytes());
            return;
        }
        let start = Self::layout().mask_registers;
        if !self.in_use(COMPONENT) {
            self.bytes[start..start + 64].fill(0);
            self.bytes[HEADER] |= 1 << COMPONENT;
        }
        self.bytes[start + 8 * number..start + 8 * number + 8].copy_from_slice(&value.to_le_bytes());
    }

    /// The 64 bytes of vector register 0 to 31; parts the processor lacks are zero.
    pub(super) fn vector(&self, number: usize) -> [u8; 64] {
        let layout = Self::layout();
        let mut bytes = [0; 64];
        if self.form == Form::Vectors {
            let size = layout.vector_size();
            bytes[..size].copy_from_slice(&self.bytes[64 * number..][..size]);
            return bytes;
        }
        if number >= 16 {
            self.copy(7, layout.zmm_16_to_31 + 64 * (number - 16), &mut bytes);
            return bytes;
        }
        let (low, high) = bytes.split_at_mut(32);
        self.copy(1, XMM + 16 * number, &mut low[..16]);
        if layout.ymm_high != 0 {
            self.copy(2, layout.ymm_high + 16 * number, &mut low[16..]);
        }
        if layout.zmm_high != 0 {
            self.copy(6, layout.zmm_high + 32 * number, high);
        }
        bytes
    }

    /// Sets the first `size` of `bytes` in vector register 0 to 31, and clears the rest if asked to.
    pub(super) fn load_vector(&mut self, number: usize, bytes: &[u8; 64], size: usize, clears: bool) {
        if clears {
            let mut whole = [0; 64];
            whole[..size].copy_from_slice(&bytes[..size]);
            self.set_vector(number, &whole);
        } else if self.form == Form::Vectors {
            self.bytes[64 * number..][..size].copy_from_slice(&bytes[..size]);
        } else {
            // Without a prefix that clears, an instruction names the first 16 bytes of the first 16 registers.
            self.set(1, XMM, 16 * 16, 16 * number, &bytes[..size]);
        }
    }

    /// Sets the whole vector register 0 to 31 to `bytes`. Only registers and widths that the processor has.
    pub(super) fn set_vector(&mut self, number: usize, bytes: &[u8; 64]) {
        let layout = Self::layout();
        if self.form == Form::Vectors {
            self.bytes[64 * number..][..64].copy_from_slice(bytes);
            return;
        }
        if number >= 16 {
            self.set(7, layout.zmm_16_to_31, 16 * 64, 64 * (number - 16), bytes);
            return;
        }
        self.set(1, XMM, 16 * 16, 16 * number, &bytes[..16]);
        if layout.ymm_high != 0 {
            self.set(2, layout.ymm_high, 16 * 16, 16 * number, &bytes[16..32]);
        }
        if layout.zmm_high != 0 {
            self.set(6, layout.zmm_high, 16 * 32, 32 * number, &bytes[32..]);
        }
    }

    /// Writes part of a component; the rest of one that was in its initial state becomes explicit zeros.
    fn set(&mut self, component: u32, start: usize, size: usize, offset: usize, bytes: &[u8]) {
        if !self.in_use(component) {
            self.bytes[start..start + size].fill(0);
            self.bytes[HEADER] |= 1 << component;
        }
        self.bytes[start + offset..start + offset + bytes.len()].copy_from_slice(bytes);
    }
}
