//! String instructions: where they start, in which direction they go and how often.

use super::{Draft, Patch, address, values};
use crate::suite::{
    arena::{FIRST_DEVICE, WINDOW_SIZE},
    state::flags,
};
use iced_x86::{MemorySize, Mnemonic};

const RCX: usize = 1;
const RSI: usize = 6;
const RDI: usize = 7;

/// Repetitions at most.
const MOST: usize = 20;

/// Chooses prefix, count, direction and places for `movs`, `cmps`, `stos`, `lods` and `scas`.
pub(crate) fn choose(draft: &mut Draft) {
    let info = draft.info();
    let size = info.memory_size().size();
    let count = draft.random.below(MOST);
    match draft.random.below(3) {
        0 if info.can_use_rep_prefix() => draft.instruction.set_has_repe_prefix(true),
        1 if info.can_use_repne_prefix() => draft.instruction.set_has_repne_prefix(true),
        _ => {}
    }
    let upper = if draft.short_address { draft.random.next() << 32 } else { 0 };
    draft.pin(RCX, upper | count as u64);

    let segment = address::segment(draft);
    let source = place(draft, size);
    let destination = place(draft, size);
    let upper = |draft: &mut Draft| if draft.short_address { draft.random.next() << 32 } else { 0 };
    let source_upper = upper(draft);
    draft.pin(RSI, source_upper | source.wrapping_sub(segment));
    let destination_upper = upper(draft);
    draft.pin(RDI, destination_upper | destination);

    // Comparisons should get past the first element.
    if matches!(draft.form.code.mnemonic(), Mnemonic::Cmpsb | Mnemonic::Cmpsw | Mnemonic::Cmpsd | Mnemonic::Cmpsq)
        || matches!(draft.form.code.mnemonic(), Mnemonic::Scasb | Mnemonic::Scasw | Mnemonic::Scasd | Mnemonic::Scasq)
    {
        equal_runs(draft, source, destination, size);
    }
}

/// An address from which [`MOST`] elements in either direction stay in the window.
fn place(draft: &mut Draft, size: usize) -> u64 {
    let room = MOST * size;
    let offset = match draft.random.below(3) {
        // Across the edge between memory and the first device.
        0 => FIRST_DEVICE.start - room / 2 + draft.random.below(room),
        1 => FIRST_DEVICE.end - room / 2 + draft.random.below(room),
        _ => room + draft.random.below(WINDOW_SIZE - 2 * room - 8),
    };
    draft.arena.window() + offset as u64
}

/// Makes both sides equal for a while.
fn equal_runs(draft: &mut Draft, source: u64, destination: u64, size: usize) {
    let backward = draft.state.flags & flags::DIRECTION != 0;
    let mut element = vec![0; size];
    values::fill(&mut draft.random, &mut element, MemorySize::UInt64);
    let accumulator = u64::from_le_bytes(std::array::from_fn(|at| element.get(at).copied().unwrap_or(0)));
    if draft.random.one_in(2) {
        draft.state.gpr[0] = accumulator;
    }
    let length = draft.random.below(MOST);
    let start = |address: u64| if backward { address - (size * length.saturating_sub(1)) as u64 } else { address };
    for address in [start(source), start(destination)] {
        draft.memory.push(Patch { address, bytes: element.repeat(length) });
    }
}
