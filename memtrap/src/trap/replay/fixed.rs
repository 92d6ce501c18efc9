//! Instructions of the fixed set, which need no executable memory.
#![forbid(unsafe_code)]

use super::{
    super::{asm, frame::Frame, memory::Stop, plan::Fixed},
    Done, Extended, run_code,
};

const RCX: usize = 1;
const RSI: usize = 6;
const RDI: usize = 7;
const RAX: usize = 0;

/// Runs a member of the fixed set on the driver's registers, with the buffer at `operand`.
pub(super) fn run(fixed: Fixed, operand: *mut u8, frame: &Frame) -> Result<Done, Stop> {
    let mut registers = *frame;
    registers.gpr[RDI] = operand.expose_provenance() as u64;
    if let Some(value) = fixed.operand {
        registers.gpr[RSI] = value.get(&frame.gpr);
    }
    if let Some(count) = fixed.count {
        registers.gpr[RCX] = count;
    }
    let done = run_code(asm::fixed(fixed.slot), registers, None, Extended::Keep)?;
    let mut gpr = frame.gpr;
    // Only a compare-exchange changes it.
    gpr[RAX] = done.gpr[RAX];
    if let Some(result) = fixed.result {
        let value = result.in_rsi().get(&done.gpr);
        result.set(&mut gpr, value);
    }
    Ok(Done { gpr, rflags: done.rflags })
}
