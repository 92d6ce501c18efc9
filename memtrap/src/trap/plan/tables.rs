//! What the decoder's description of an instruction does not say, or gets wrong, each with its reason.

use super::{super::xstate, Bytes, Mask, Part, Register, lower::element_size};
use crate::map::Width;
use iced_x86::{Code, CpuidFeature, Instruction, Mnemonic, OpKind, Register as Iced};

/// The operand in memory.
pub(super) fn memory_operand(instruction: &Instruction) -> Option<u32> {
    (0..instruction.op_count()).find(|operand| instruction.op_kind(*operand) == OpKind::Memory)
}

/// Instructions that never access the memory their operand names, so that a trap cannot come from them; and those that
/// ask something of a cache line, which a device does not have.
pub(super) fn touches_nothing(mnemonic: Mnemonic) -> bool {
    use Mnemonic::*;
    matches!(
        mnemonic,
        Lea | Nop
            | Reservednop
            | Prefetch
            | Prefetchw
            | Prefetchwt1
            | Prefetchnta
            | Prefetcht0
            | Prefetcht1
            | Prefetcht2
            | Cldemote
            | Clflush
            | Clflushopt
            | Clwb
            | Vgatherpf0dpd
            | Vgatherpf0dps
            | Vgatherpf0qpd
            | Vgatherpf0qps
            | Vgatherpf1dpd
            | Vgatherpf1dps
            | Vgatherpf1qpd
            | Vgatherpf1qps
            | Vscatterpf0dpd
            | Vscatterpf0dps
            | Vscatterpf0qpd
            | Vscatterpf0qps
            | Vscatterpf1dpd
            | Vscatterpf1dps
            | Vscatterpf1qpd
            | Vscatterpf1qps
    )
}

/// Why an instruction is not carried out at all.
pub(super) fn refused(instruction: &Instruction) -> Option<&'static str> {
    use Mnemonic::{Enqcmd, Enqcmds, Lfs, Mov, Pop};
    if instruction.is_privileged() {
        return Some("it is privileged");
    }
    match instruction.mnemonic() {
        // The engine itself runs with the new base, and so without its thread-local storage.
        Lfs => Some("it loads the segment whose base is the thread's storage"),
        Mov | Pop if instruction.op0_register() == Iced::FS => {
            Some("it loads the segment whose base is the thread's storage")
        }
        Pop if instruction.op0_register() == Iced::GS => {
            Some("it pops a segment register, from a stack that lies in a region")
        }
        Enqcmd | Enqcmds => {
            Some("its result is the device's answer to a non-posted write, which the bus does not model")
        }
        _ => None,
    }
}

/// Whether the instruction reads or writes x87, vector, mask or floating-point control registers. Decided by the
/// features that only touch general registers: the decoder does not list `MXCSR` as a register.
pub(super) fn uses_extended_state(instruction: &Instruction) -> bool {
    use CpuidFeature as F;
    !instruction.cpuid_features().iter().all(|feature| {
        matches!(
            feature,
            F::INTEL8086
                | F::INTEL8086_ONLY
                | F::INTEL186
                | F::INTEL286
                | F::INTEL286_ONLY
                | F::INTEL386
                | F::INTEL386_ONLY
                | F::INTEL386_A0_ONLY
                | F::INTEL486
                | F::INTEL486_A_ONLY
                | F::X64
                | F::ADX
                | F::BMI1
                | F::BMI2
                | F::CMOV
                | F::CMPXCHG16B
                | F::CX8
                | F::LZCNT
                | F::MOVBE
                | F::MOVDIRI
                | F::POPCNT
                | F::TBM
                | F::RAO_INT
                | F::CLZERO
        )
    }) && !matches!(instruction.mnemonic(), Mnemonic::Crc32)
}

/// Whether the instruction is a load, and its register, if it moves all bytes of a vector register and does nothing else.
pub(super) fn vector_move(instruction: &Instruction) -> Option<(bool, u8)> {
    use Mnemonic::{
        Movapd, Movaps, Movdqa, Movdqu, Movupd, Movups, Vmovapd, Vmovaps, Vmovdqa, Vmovdqa32, Vmovdqa64, Vmovdqu,
        Vmovdqu8, Vmovdqu16, Vmovdqu32, Vmovdqu64, Vmovupd, Vmovups,
    };
    let moves = matches!(
        instruction.mnemonic(),
        Movapd
            | Movaps
            | Movdqa
            | Movdqu
            | Movupd
            | Movups
            | Vmovapd
            | Vmovaps
            | Vmovdqa
            | Vmovdqa32
            | Vmovdqa64
            | Vmovdqu
            | Vmovdqu8
            | Vmovdqu16
            | Vmovdqu32
            | Vmovdqu64
            | Vmovupd
            | Vmovups
    );
    if !moves || instruction.op_mask() != Iced::None {
        return None;
    }
    let memory = memory_operand(instruction)?;
    let register = instruction.op_register(1 - memory);
    Some((memory == 1, register.number() as u8))
}

/// Stores of an x87 register, which the decoder calls unconditional: they convert, and if that raises an exception that is
/// not masked, nothing is stored (Intel SDM volume 1, 8.5).
pub(super) fn is_x87_store(instruction: &Instruction) -> bool {
    use Mnemonic::{Fbstp, Fist, Fistp, Fisttp, Fst, Fstp};
    matches!(instruction.mnemonic(), Fbstp | Fist | Fistp | Fisttp | Fst | Fstp)
}

/// The register by which a bit instruction displaces its operand: `bt [m], r` tests the bit that is `r` bits from
/// `[m]`, which the decoder describes as an access to `[m]`.
pub(super) fn bit_offset(instruction: &Instruction) -> Option<Register> {
    use Mnemonic::{Bt, Btc, Btr, Bts};
    if !matches!(instruction.mnemonic(), Bt | Bts | Btr | Btc) || instruction.op_kind(1) != OpKind::Register {
        return None;
    }
    let register = instruction.op_register(1);
    let part = match register {
        _ if register.is_gpr16() => Part::Low16,
        _ if register.is_gpr32() => Part::Low32,
        _ => Part::All,
    };
    Some(Register { number: register.full_register().number() as u8, part })
}

/// Which bytes of the memory operand a mask leaves, where there is one.
pub(super) fn mask(instruction: &Instruction) -> Option<Bytes> {
    if let Some(vector) = sign_mask(instruction) {
        return Some(vector);
    }
    if instruction.op_mask() == Iced::None || reads_whole_operand(instruction) {
        return None;
    }
    let register = instruction.op_mask().number() as u8;
    let op_code = instruction.code().op_code();
    let size = instruction.memory_size();
    // A mask bit governs the element that a broadcast would repeat, which differs from the decoder's element for
    // vpdp* (4, not 1 or 2) and vpmul(u)dq (8, not 4).
    let granule =
        if op_code.can_broadcast() { op_code.broadcast_memory_size().size() as u8 } else { element_size(size) };
    let elements = (size.size() / usize::from(granule)) as u8;
    let whole = if op_code.can_broadcast() { op_code.memory_size() } else { size };
    let lanes = match destination_bytes(instruction) {
        // vbroadcast*: more lanes than elements.
        Some(bytes) if is_broadcast_load(instruction.mnemonic()) => (bytes / usize::from(granule)) as u8,
        _ => (whole.size() / usize::from(granule)) as u8,
    };
    let mask = Mask { register, granule, lanes, elements };
    Some(if is_packed(instruction.mnemonic()) { Bytes::Packed(mask) } else { Bytes::Masked(mask) })
}

/// Size of the first operand, if it is a vector register.
fn destination_bytes(instruction: &Instruction) -> Option<usize> {
    let register = (instruction.op_kind(0) == OpKind::Register).then(|| instruction.op_register(0))?;
    register.is_vector_register().then(|| register.size())
}

fn is_broadcast_load(mnemonic: Mnemonic) -> bool {
    use Mnemonic::{
        Vbroadcastf32x2, Vbroadcastf32x4, Vbroadcastf32x8, Vbroadcastf64x2, Vbroadcastf64x4, Vbroadcasti32x2,
        Vbroadcasti32x4, Vbroadcasti32x8, Vbroadcasti64x2, Vbroadcasti64x4, Vbroadcastsd, Vbroadcastss, Vpbroadcastb,
        Vpbroadcastd, Vpbroadcastq, Vpbroadcastw,
    };
    matches!(
        mnemonic,
        Vbroadcastf32x2
            | Vbroadcastf32x4
            | Vbroadcastf32x8
            | Vbroadcastf64x2
            | Vbroadcastf64x4
            | Vbroadcasti32x2
            | Vbroadcasti32x4
            | Vbroadcasti32x8
            | Vbroadcasti64x2
            | Vbroadcasti64x4
            | Vbroadcastsd
            | Vbroadcastss
            | Vpbroadcastb
            | Vpbroadcastd
            | Vpbroadcastq
            | Vpbroadcastw
    )
}

/// Compresses and expands: as many elements as mask bits, one behind the other.
fn is_packed(mnemonic: Mnemonic) -> bool {
    use Mnemonic::{
        Vcompresspd, Vcompressps, Vexpandpd, Vexpandps, Vpcompressb, Vpcompressd, Vpcompressq, Vpcompressw, Vpexpandb,
        Vpexpandd, Vpexpandq, Vpexpandw,
    };
    matches!(
        mnemonic,
        Vcompresspd
            | Vcompressps
            | Vexpandpd
            | Vexpandps
            | Vpcompressb
            | Vpcompressd
            | Vpcompressq
            | Vpcompressw
            | Vpexpandb
            | Vpexpandd
            | Vpexpandq
            | Vpexpandw
    )
}

/// The AVX moves that are masked by the signs of a vector register's elements; the decoder calls them unconditional.
fn sign_mask(instruction: &Instruction) -> Option<Bytes> {
    let granule = match instruction.mnemonic() {
        Mnemonic::Vmaskmovps | Mnemonic::Vpmaskmovd => 4,
        Mnemonic::Vmaskmovpd | Mnemonic::Vpmaskmovq => 8,
        _ => return None,
    };
    Some(Bytes::Signed { vector: instruction.op_register(1).number() as u8, granule })
}

/// Masked loads that read their whole operand whatever the mask is: exception class E4NF and E6NF, "no fault
/// suppression" (Intel SDM volume 2, 2.8). All others read only the elements that the mask leaves.
fn reads_whole_operand(instruction: &Instruction) -> bool {
    use Mnemonic::*;
    match instruction.mnemonic() {
        Vpermb | Vpermw | Vpermd | Vpermq | Vpermps | Vpermpd | Vpermi2b | Vpermi2w | Vpermi2d | Vpermi2q
        | Vpermi2ps | Vpermi2pd | Vpermt2b | Vpermt2w | Vpermt2d | Vpermt2q | Vpermt2ps | Vpermt2pd | Vpermilps
        | Vpermilpd | Vpunpckhbw | Vpunpckhwd | Vpunpckhdq | Vpunpckhqdq | Vpunpcklbw | Vpunpcklwd | Vpunpckldq
        | Vpunpcklqdq | Vunpckhps | Vunpckhpd | Vunpcklps | Vunpcklpd | Vpackssdw | Vpacksswb | Vpackusdw
        | Vpackuswb | Vpshufb | Vpshufd | Vpshufhw | Vpshuflw | Vshufps | Vshufpd | Vshuff32x4 | Vshuff64x2
        | Vshufi32x4 | Vshufi64x2 | Valignd | Valignq | Vpalignr | Vdbpsadbw | Vinsertf32x4 | Vinsertf32x8
        | Vinsertf64x2 | Vinsertf64x4 | Vinserti32x4 | Vinserti32x8 | Vinserti64x2 | Vinserti64x4 | Vmovddup
        | Vmovshdup | Vmovsldup | Vpconflictd | Vpconflictq | Vgf2p8affineqb | Vgf2p8affineinvqb | Vpmaddubsw
        | Vpmaddwd | Vpmultishiftqb | Vcvtne2ps2bf16 => true,
        // A count in memory is read whole; a vector in memory that is shifted by a constant is not.
        Vpsllw | Vpslld | Vpsllq | Vpsrlw | Vpsrld | Vpsrlq | Vpsraw | Vpsrad | Vpsraq => {
            memory_operand(instruction) == Some(2)
        }
        // Four consecutive source registers share one operand of 16 bytes.
        V4fmaddps | V4fnmaddps | V4fmaddss | V4fnmaddss | Vp4dpwssd | Vp4dpwssds => true,
        _ => false,
    }
}

/// Size and use of the operands that are images of register state. The decoder gives `xsave` and its relatives no size,
/// and calls `fxsave` a whole store although it leaves reserved bytes as they are (Intel SDM, FXSAVE).
pub(super) fn image(instruction: &Instruction) -> Option<(usize, Bytes, Bytes)> {
    use Mnemonic::{
        Fxrstor, Fxrstor64, Fxsave, Fxsave64, Xrstor, Xrstor64, Xsave, Xsave64, Xsavec, Xsavec64, Xsaveopt, Xsaveopt64,
    };
    match instruction.mnemonic() {
        Fxsave | Fxsave64 => Some((512, Bytes::None, Bytes::Observed)),
        Fxrstor | Fxrstor64 => Some((512, Bytes::All, Bytes::None)),
        // Size 0: as large as the processor's state. `xsavec` writes its header without reading it.
        Xsave | Xsave64 | Xsaveopt | Xsaveopt64 => Some((0, Bytes::All, Bytes::Observed)),
        Xsavec | Xsavec64 => Some((0, Bytes::None, Bytes::Observed)),
        Xrstor | Xrstor64 => Some((0, Bytes::All, Bytes::None)),
        _ => None,
    }
}

/// How many bytes a move between memory and a general register transfers. AMD processors load four for `movsxd` with a
/// 16-bit destination (measured at a page's edge), of which the decoder counts the two that are used.
pub(super) fn moved_bytes(instruction: &Instruction) -> usize {
    if instruction.code() == Code::Movsxd_r16_rm16 && xstate::is_amd() { 4 } else { instruction.memory_size().size() }
}

/// Width of the offset of a far pointer with `REX.W`: AMD processors ignore the prefix (AMD APM volume 3, JMP (Far)).
pub(super) fn far_offset() -> Width {
    if xstate::is_amd() { Width::U32 } else { Width::U64 }
}
