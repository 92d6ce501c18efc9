//! Machine code of an instance, checked by decoding it again.

use super::{Draft, Instance, Unbuildable, special};
use iced_x86::{Decoder, Encoder, EncodingKind, Instruction, MandatoryPrefix, OpKind, Register};

/// No instruction is longer.
const LONGEST: usize = 15;

/// Encodes what was chosen and makes the instance.
pub(crate) fn finish(mut draft: Draft, index: u64) -> Result<Instance, Unbuildable> {
    lock(&mut draft);
    let code = draft.arena.code();
    let room = LONGEST as u64 + 16;
    // Now and then the instruction is the last thing in its mapping.
    let at_end = draft.random.one_in(32);
    let mut entry = code.start + draft.random.below((code.end - code.start - room) as usize) as u64;
    let mut encoder = Encoder::new(64);
    if draft.random.one_in(4) {
        encoder.set_vex_wig(1);
        encoder.set_vex_lig(1);
        encoder.set_evex_wig(1);
        encoder.set_evex_lig(draft.random.below(3) as u32);
        encoder.set_prevent_vex2(true);
    }
    let prefixes = prefixes(&mut draft);
    let mut encoded = encode(&mut encoder, &draft.instruction, entry)?;
    if at_end {
        entry = code.end - encoded.len() as u64;
        encoded = encode(&mut encoder, &draft.instruction, entry)?;
    }
    let mut decoded = decode(&draft, &encoded, entry)?;
    for prefix in prefixes {
        let shift = if at_end { 0 } else { 1 };
        let longer = with_prefix(&mut encoder, &draft, &encoded, prefix, entry + shift);
        if let Some((bytes, instruction)) = longer.filter(|(bytes, _)| bytes.len() <= LONGEST && !at_end) {
            (encoded, decoded) = (bytes, instruction);
            break;
        }
    }
    let loads_segments = special::loads_segments(&draft);
    let mut state = draft.state;
    state.extended = draft.registers.to_image(draft.present);
    Ok(Instance {
        form: draft.form,
        index,
        arena: draft.arena,
        instruction: decoded,
        code: encoded,
        entry,
        state,
        memory: draft.memory,
        operand: draft.operand,
        elements: draft.elements,
        loads_segments,
    })
}

fn lock(draft: &mut Draft) {
    if draft.info().can_use_lock_prefix() && draft.random.one_in(3) {
        draft.instruction.set_has_lock_prefix(true);
    }
}

fn encode(encoder: &mut Encoder, instruction: &Instruction, address: u64) -> Result<Vec<u8>, Unbuildable> {
    let result = encoder.encode(instruction, address);
    let bytes = encoder.take_buffer();
    result.map(|_| bytes).map_err(|error| Unbuildable::Encoder(error.to_string()))
}

fn decode(draft: &Draft, bytes: &[u8], address: u64) -> Result<Instruction, Unbuildable> {
    let decoded = Decoder::with_ip(64, bytes, address, draft.form.decoder_options()).decode();
    if decoded.code() == draft.form.code && decoded.len() == bytes.len() && same_operands(&decoded, &draft.instruction)
    {
        Ok(decoded)
    } else {
        Err(Unbuildable::DecodesAs(decoded.code()))
    }
}

fn same_operands(a: &Instruction, b: &Instruction) -> bool {
    let register = |instruction: &Instruction, operand| {
        let is_register = instruction.op_kind(operand) == OpKind::Register;
        if is_register { instruction.op_register(operand) } else { Register::None }
    };
    // Part of the encoding, not a choice: it is there without having been asked for.
    let mandatory_repeat = a.op_code().mandatory_prefix() == MandatoryPrefix::PF3 || a.op_count() == 0;
    let address = |instruction: &Instruction| (instruction.memory_base(), instruction.memory_index());
    (0..a.op_count()).all(|operand| register(a, operand) == register(b, operand))
        && address(a) == address(b)
        && matters(a.segment_prefix()) == matters(b.segment_prefix())
        && a.has_lock_prefix() == b.has_lock_prefix()
        && (mandatory_repeat || a.has_rep_prefix() == b.has_rep_prefix())
        && a.has_repne_prefix() == b.has_repne_prefix()
}

/// In 64-bit mode only two segment prefixes have a meaning.
fn matters(segment: Register) -> Option<Register> {
    Some(segment).filter(|segment| matches!(segment, Register::FS | Register::GS))
}

/// Prefixes that may mean nothing, to be tried one after the other.
fn prefixes(draft: &mut Draft) -> Vec<u8> {
    if !draft.random.one_in(4) {
        return Vec::new();
    }
    let segments = [0x26, 0x2e, 0x36, 0x3e];
    if draft.info().encoding() != EncodingKind::Legacy {
        return vec![draft.random.pick(&segments)];
    }
    let any = [0x26, 0x2e, 0x36, 0x3e, 0x66, 0xf2, 0xf3, 0x40, 0x48];
    vec![draft.random.pick(&any), draft.random.pick(&segments)]
}

/// The instruction with one more prefix, if that changes nothing but its length.
fn with_prefix(
    encoder: &mut Encoder,
    draft: &Draft,
    without: &[u8],
    prefix: u8,
    address: u64,
) -> Option<(Vec<u8>, Instruction)> {
    // Displacements relative to the instruction pointer count from behind the longer instruction.
    let shifted = encode(encoder, &draft.instruction, address).ok()?;
    debug_assert_eq!(shifted.len(), without.len());
    let mut bytes = vec![prefix];
    bytes.extend(shifted);
    let decoded = decode(draft, &bytes, address - 1).ok()?;
    Some((bytes, decoded))
}
