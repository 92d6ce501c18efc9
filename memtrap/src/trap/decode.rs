//! Machine code at an address → instruction.

use super::xstate;
use crate::bus::table::PAGE;
use iced_x86::{Code, Decoder, DecoderOptions, FastFormatter, Instruction};
use std::slice;

/// Length of the longest instruction, in bytes.
pub(super) const LONGEST: usize = 15;

/// An instruction and its bytes.
pub(super) struct Decoded {
    pub(super) instruction: Instruction,
    bytes: [u8; LONGEST],
}

impl Decoded {
    /// The instruction's bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.instruction.len()]
    }

    /// What the x87 unit remembers as its last opcode, if this is one of its instructions: the low three bits of the first
    /// byte and the ModRM byte (Intel SDM volume 1, 8.1.9).
    pub(super) fn x87_opcode(&self) -> Option<u16> {
        let is_prefix =
            |byte: &u8| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3);
        let mut opcode = self.bytes().iter().skip_while(|byte| is_prefix(byte));
        match (opcode.next()?, opcode.next()?) {
            (first @ 0xd8..=0xdf, modrm) => Some(u16::from(first & 7) << 8 | u16::from(*modrm)),
            _ => None,
        }
    }

    /// Where the memory operand's displacement of 32 bits stands among the bytes.
    pub(super) fn displacement_at(&self) -> Option<usize> {
        let mut decoder = Decoder::with_ip(64, self.bytes(), self.instruction.ip(), DecoderOptions::NONE);
        let instruction = decoder.decode();
        let offsets = decoder.get_constant_offsets(&instruction);
        (offsets.displacement_size() == 4).then(|| offsets.displacement_offset())
    }

    /// The instruction in Intel syntax.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        FastFormatter::new().format(&self.instruction, &mut text);
        text
    }
}

/// Decodes the instruction at `rip`, whether or not it is a valid one.
///
/// # Safety
///
/// A processor has just executed, or tried to execute, the instruction at `rip`, so that its bytes are readable.
pub(super) unsafe fn decode(rip: usize) -> Decoded {
    // Bytes behind the instruction may lie on a page that cannot be read. Those on the same page can.
    // SAFETY: The caller gives the guarantee.
    let on_page = unsafe { code_on_page(rip) };
    let mut decoded = decode_bytes(rip, on_page);
    if decoded.instruction.is_invalid() && on_page.len() < LONGEST {
        // SAFETY: The bytes on the first page are no whole instruction, so the processor has read the next one too.
        decoded = decode_bytes(rip, unsafe { code(rip, LONGEST) });
    }
    decoded
}

/// Decodes the first instruction of `bytes`, which are executed at `rip`.
pub(super) fn decode_bytes(rip: usize, code: &[u8]) -> Decoded {
    let decode = |options| Decoder::with_ip(64, code, rip as u64, options).decode();
    let mut instruction = decode(DecoderOptions::NONE);
    // AMD processors obey an operand-size prefix on near branches, Intel's ignore it. The far branches are taken as
    // Intel's: with `REX.W` AMD's read a shorter pointer, but push as much, which the shorter form does not say.
    if xstate::is_amd() && !matches!(instruction.code(), Code::Jmp_m1664 | Code::Call_m1664) {
        instruction = decode(DecoderOptions::AMD);
    }
    let mut bytes = [0; LONGEST];
    let length = code.len().min(LONGEST);
    bytes[..length].copy_from_slice(&code[..length]);
    Decoded { instruction, bytes }
}

/// The machine code at `rip` as far as it lies on the same page, at most the length of an instruction. Safe in a signal
/// handler.
///
/// # Safety
///
/// As [`decode`].
unsafe fn code_on_page<'a>(rip: usize) -> &'a [u8] {
    // SAFETY: The instruction starts on this page, so the page is readable.
    unsafe { code(rip, LONGEST.min(PAGE - rip % PAGE)) }
}

/// The machine code at `rip` behind the legacy and REX prefixes: at least as much of it as tells port I/O and the stores
/// that the kernel emulates from other instructions. Safe in a signal handler.
///
/// # Safety
///
/// As [`decode`].
pub(super) unsafe fn opcode<'a>(rip: usize) -> &'a [u8] {
    // SAFETY: The caller gives the guarantee.
    let on_page = unsafe { code_on_page(rip) };
    let opcode = without_prefixes(on_page);
    if !matches!(opcode, [] | [0x0f] | [0x0f, 0x00 | 0x01] | [0xe4..=0xe7]) || on_page.len() == LONGEST {
        return opcode;
    }
    // SAFETY: The bytes on the first page are no whole instruction, so the processor has read the next one too.
    without_prefixes(unsafe { code(rip, LONGEST) })
}

fn without_prefixes(code: &[u8]) -> &[u8] {
    let is_prefix =
        |byte: &u8| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3);
    &code[code.iter().take_while(|byte| is_prefix(byte)).count()..]
}

/// The `length` bytes of machine code at `rip`.
///
/// # Safety
///
/// They are readable.
pub(super) unsafe fn code<'a>(rip: usize, length: usize) -> &'a [u8] {
    // SAFETY: The caller guarantees that the bytes are readable. Nothing writes them while a thread executes them,
    // except code that patches itself, which must stop other threads for it.
    unsafe { slice::from_raw_parts(std::ptr::with_exposed_provenance(rip), length) }
}
