//! Contents of registers and memory that computations treat in interesting ways.

use crate::suite::{
    random::Random,
    state::{State, flags},
    xsave::{self, Registers},
};
use iced_x86::MemorySize;

/// Exception masks of MXCSR; the flags they mask are seven bits below.
const MXCSR_MASKS: u32 = 0x1f80;

/// Full random register contents, and which components of them are not in their initial state.
pub(crate) fn registers(random: &mut Random) -> (Registers, u64) {
    let mut registers =
        Registers { x87: [0; 24], st: [[0; 10]; 8], mxcsr: mxcsr(random), zmm: [[0; 64]; 32], k: [0; 8] };
    x87(random, &mut registers);
    for zmm in &mut registers.zmm {
        let element = random.pick(&[
            MemorySize::UInt64,
            MemorySize::UInt64,
            MemorySize::Float32,
            MemorySize::Float64,
            MemorySize::Float16,
            MemorySize::UInt8,
        ]);
        fill(random, zmm, element);
    }
    for k in &mut registers.k {
        *k = random.integer();
    }
    let optional = [xsave::X87, xsave::SSE, xsave::AVX, xsave::OPMASK, xsave::ZMM_HIGH, xsave::ZMM_UPPER];
    let mut present = u64::MAX;
    if random.one_in(4) {
        for component in optional {
            if random.one_in(3) {
                present &= !component;
            }
        }
    }
    (registers, present)
}

/// Rounding, flushing and sticky flags at random; now and then an exception that is not masked.
pub(crate) fn mxcsr(random: &mut Random) -> u32 {
    let control = random.next() as u32 & 0xe07f;
    let masks = if random.one_in(10) { random.next() as u32 & MXCSR_MASKS } else { MXCSR_MASKS };
    control & !0x3f | if masks == MXCSR_MASKS { control & 0x3f } else { 0 } | masks
}

fn x87(random: &mut Random, registers: &mut Registers) {
    let rounding = (random.next() as u16) & 0x0f00;
    let masks = if random.one_in(10) { random.next() as u16 & 0x3f } else { 0x3f };
    let control = rounding | masks | 0x40;
    let top_and_codes = (random.next() as u16) & 0x7f00;
    // A flag whose exception is not masked makes the next instruction that waits raise it.
    let pending = random.one_in(4);
    let status = top_and_codes | if masks == 0x3f || pending { random.next() as u16 & 0x3f } else { 0 };
    registers.x87[..2].copy_from_slice(&control.to_le_bytes());
    registers.x87[2..4].copy_from_slice(&status.to_le_bytes());
    registers.x87[4] = match random.below(3) {
        0 => 0xff,
        1 => 0,
        _ => random.next() as u8,
    };
    for st in &mut registers.st {
        fill(random, st, MemorySize::Float80);
    }
}

/// Random flags; the alignment check in one of sixteen states.
pub(crate) fn flags(random: &mut Random) -> u64 {
    let arithmetic =
        flags::CARRY | flags::PARITY | flags::ADJUST | flags::ZERO | flags::SIGN | flags::OVERFLOW | flags::DIRECTION;
    let alignment = if random.one_in(16) { flags::ALIGNMENT } else { 0 };
    random.next() & arithmetic | alignment | flags::ALWAYS | flags::INTERRUPT
}

/// Fills `bytes` with elements that suit what is read from there.
pub(crate) fn fill(random: &mut Random, bytes: &mut [u8], element: MemorySize) {
    // Two styles: everything plausible, or everything random.
    if random.one_in(4) {
        return random.fill(bytes);
    }
    match element.element_type() {
        MemorySize::Float16 => elements(random, bytes, |random| (float(random, 5, 10) as u16).to_le_bytes()),
        MemorySize::BFloat16 => elements(random, bytes, |random| (float(random, 8, 7) as u16).to_le_bytes()),
        MemorySize::Float32 => elements(random, bytes, |random| (float(random, 8, 23) as u32).to_le_bytes()),
        MemorySize::Float64 => elements(random, bytes, |random| float(random, 11, 52).to_le_bytes()),
        MemorySize::Float80 => elements(random, bytes, float80),
        MemorySize::Bcd => elements(random, bytes, bcd),
        MemorySize::UInt8 | MemorySize::Int8 => random.fill(bytes),
        MemorySize::UInt16 | MemorySize::Int16 => {
            elements(random, bytes, |random| (random.integer() as u16).to_le_bytes());
        }
        MemorySize::UInt32 | MemorySize::Int32 => {
            elements(random, bytes, |random| (random.integer() as u32).to_le_bytes());
        }
        _ => elements(random, bytes, |random| random.integer().to_le_bytes()),
    }
}

fn elements<const N: usize>(random: &mut Random, bytes: &mut [u8], mut element: impl FnMut(&mut Random) -> [u8; N]) {
    for chunk in bytes.chunks_mut(N) {
        chunk.copy_from_slice(&element(random)[..chunk.len()]);
    }
}

/// A binary float of this format: often near one, sometimes an integer, zero, denormal, infinite or not a number.
fn float(random: &mut Random, exponent_bits: u32, fraction_bits: u32) -> u64 {
    let bias = (1 << (exponent_bits - 1)) - 1;
    let top = (1 << exponent_bits) - 1;
    let fraction_mask = (1u64 << fraction_bits) - 1;
    let sign = (random.next() & 1) << (exponent_bits + fraction_bits);
    let (exponent, fraction) = match random.below(12) {
        0 => (0, 0),
        1 => (0, random.next() & fraction_mask),
        2 => (top, 0),
        3 => (top, 1 << (fraction_bits - 1) | random.next() & fraction_mask),
        4 => (top, 1 | random.next() & (fraction_mask >> 1)),
        5 => (bias, 0),
        6 | 7 => (bias + random.below(6) as u64, random.next() & fraction_mask & !(fraction_mask >> 5)),
        8 => (random.next() & top, random.next() & fraction_mask),
        _ => (bias - 8 + random.below(16) as u64, random.next() & fraction_mask),
    };
    sign | exponent << fraction_bits | fraction
}

fn float80(random: &mut Random) -> [u8; 10] {
    let sign_and_exponent = (float(random, 15, 1) >> 1) as u16;
    let exponent = sign_and_exponent & 0x7fff;
    // The integer bit is explicit; now and then an operand that no operation produces.
    let integer = u64::from(exponent != 0) ^ u64::from(random.one_in(16));
    let fraction = if random.one_in(3) { 0 } else { random.next() >> 1 };
    let mut bytes = [0; 10];
    bytes[..8].copy_from_slice(&(integer << 63 | fraction).to_le_bytes());
    bytes[8..].copy_from_slice(&sign_and_exponent.to_le_bytes());
    bytes
}

fn bcd(random: &mut Random) -> [u8; 10] {
    std::array::from_fn(|at| {
        if at == 9 {
            return (random.next() & 0x80) as u8;
        }
        (random.below(10) << 4 | random.below(10)) as u8
    })
}

/// A state with random registers, flags and a stack pointer in the middle of `stack`.
pub(crate) fn state(random: &mut Random, stack: std::ops::Range<u64>) -> Box<State> {
    let mut state = State::zeroed();
    for register in &mut state.gpr {
        *register = random.integer();
    }
    let misalignment = if random.one_in(16) { random.below(8) as u64 } else { 0 };
    state.gpr[crate::suite::state::RSP] = stack.end - 0x4000 + 8 * random.below(0x200) as u64 + misalignment;
    state.flags = flags(random);
    state
}
