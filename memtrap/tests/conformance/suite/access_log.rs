//! What an access log must look like, whatever the instruction computes.

use crate::suite::{
    device::{self, Entry},
    execute::Outcome,
    forms::Addressing,
    generate::{Element, Instance},
    runner::Exit,
    state::flags,
    xsave,
};
use iced_x86::{InstructionInfoFactory, Mnemonic as M, OpAccess};
use std::collections::HashSet;

const RCX: usize = 1;
const RSI: usize = 6;
const RDI: usize = 7;

/// Violations in readable form.
pub(crate) fn violations(instance: &Instance, native: &Outcome, log: &[Entry]) -> Vec<String> {
    let mut found = Vec::new();
    if let Some(entry) = log.iter().find(|entry| !entry.clean) {
        found.push(format!("the model was called with the driver's floating-point environment or flags: {entry:x?}"));
    }
    if let Some(expected) = elements(instance, native) {
        if finished(instance, native.exit) {
            exact(&mut found, instance, &expected, log);
        }
        return found;
    }
    if instance.form.addressing == Addressing::Stack {
        // `enter` copies frame pointers one after the other: neither ascending nor one direction first.
        return found;
    }
    once_and_ascending(&mut found, log, false);
    once_and_ascending(&mut found, log, true);
    direction(&mut found, instance, log);
    found
}

/// Whether the instruction came to its end. The last one in a mapping is followed by a fault.
pub(crate) fn finished(instance: &Instance, exit: Exit) -> bool {
    let behind = instance.entry + instance.code.len() as u64;
    match exit {
        Exit::Behind | Exit::Pad(_) => true,
        Exit::Raised(raised) => raised.at == behind,
    }
}

/// The accesses in program order, of forms that make several.
fn elements(instance: &Instance, native: &Outcome) -> Option<Vec<Element>> {
    let size = instance.form.code.op_code().memory_size().size();
    let (reads_source, reads_destination, writes) = match instance.form.code.mnemonic() {
        _ if instance.elements.is_some() => return instance.elements.clone(),
        M::Movsb | M::Movsw | M::Movsd | M::Movsq => (true, false, true),
        M::Cmpsb | M::Cmpsw | M::Cmpsd | M::Cmpsq => (true, true, false),
        M::Stosb | M::Stosw | M::Stosd | M::Stosq => (false, false, true),
        M::Lodsb | M::Lodsw | M::Lodsd | M::Lodsq => (true, false, false),
        M::Scasb | M::Scasw | M::Scasd | M::Scasq => (false, true, false),
        _ => return None,
    };
    if instance.form.addressing != Addressing::String {
        return None;
    }
    let repeated = instance.instruction.has_rep_prefix() || instance.instruction.has_repne_prefix();
    let short =
        matches!(instance.instruction.op0_kind(), iced_x86::OpKind::MemoryESEDI | iced_x86::OpKind::MemorySegESI)
            || matches!(
                instance.instruction.op1_kind(),
                iced_x86::OpKind::MemoryESEDI | iced_x86::OpKind::MemorySegESI
            );
    let narrow = |value: u64| if short { value & 0xffff_ffff } else { value };
    let before = &instance.state;
    let count = narrow(before.gpr[RCX]).wrapping_sub(narrow(native.state.gpr[RCX]));
    let count = if repeated { count } else { 1 };
    let step = if before.flags & flags::DIRECTION != 0 { (size as u64).wrapping_neg() } else { size as u64 };
    let gs = instance.instruction.segment_prefix();
    let segment = match gs {
        iced_x86::Register::FS => crate::suite::runner::fs_base(),
        iced_x86::Register::GS => crate::suite::runner::GUEST_GS_BASE,
        _ => 0,
    };
    let mut expected = Vec::new();
    for iteration in 0..count {
        let moved = step.wrapping_mul(iteration);
        let source = narrow(before.gpr[RSI].wrapping_add(moved)).wrapping_add(segment);
        let destination = narrow(before.gpr[RDI].wrapping_add(moved));
        let uses =
            [(reads_source, false, source), (reads_destination, false, destination), (writes, true, destination)];
        expected.extend(uses.into_iter().filter(|(used, ..)| *used).map(|(_, write, address)| Element {
            write,
            address,
            size,
        }));
    }
    Some(expected)
}

/// The log must be these accesses, byte for byte and in this order, as far as they concern devices.
fn exact(found: &mut Vec<String>, instance: &Instance, expected: &[Element], log: &[Entry]) {
    let bytes = |write: bool, address: u64, size: usize| (0..size as u64).map(move |at| (write, address + at));
    let expected: Vec<(bool, u64)> = expected
        .iter()
        .flat_map(|element| bytes(element.write, element.address, element.size))
        .filter(|(_, address)| device::in_device(instance.arena, *address))
        .collect();
    let got: Vec<(bool, u64)> = log.iter().flat_map(|entry| bytes(entry.write, entry.address, entry.size)).collect();
    if expected != got {
        let at = expected.iter().zip(&got).position(|(a, b)| a != b).unwrap_or(expected.len().min(got.len()));
        found.push(format!(
            "access log: {} bytes expected, {} accessed; the first difference is byte {at}: expected {:x?}, got {:x?}",
            expected.len(),
            got.len(),
            expected.get(at),
            got.get(at),
        ));
    }
}

/// No byte is read twice or written twice, and each direction goes upward.
fn once_and_ascending(found: &mut Vec<String>, log: &[Entry], write: bool) {
    let addresses: Vec<u64> = bytes(log, write);
    if let Some(pair) = addresses.windows(2).find(|pair| pair[0] >= pair[1]) {
        let what = if write { "written" } else { "read" };
        found.push(format!("access log: {:#x} is {what} after {:#x}", pair[1], pair[0]));
    }
}

fn bytes(log: &[Entry], write: bool) -> Vec<u64> {
    let entries = log.iter().filter(|entry| entry.write == write);
    entries.flat_map(|entry| (0..entry.size as u64).map(|at| entry.address + at)).collect()
}

/// A load does not write, a store does not read, a read-modify-write does both to the same bytes.
fn direction(found: &mut Vec<String>, instance: &Instance, log: &[Entry]) {
    if instance.operand.is_none() || log.is_empty() {
        return;
    }
    let access = operand_access(instance);
    if updates_header(instance) {
        return header_only(found, instance, log);
    }
    let (reads, writes) = (bytes(log, false), bytes(log, true));
    let modifies = matches!(access, OpAccess::ReadWrite | OpAccess::ReadCondWrite);
    match access {
        OpAccess::Read | OpAccess::CondRead if !writes.is_empty() => {
            found.push(format!("access log: a load writes {writes:x?}"));
        }
        OpAccess::Write | OpAccess::CondWrite if !reads.is_empty() => {
            found.push(format!("access log: a store reads {reads:x?}"));
        }
        _ if modifies && !writes.is_empty() => {
            let (read, written): (HashSet<u64>, HashSet<u64>) =
                (reads.iter().copied().collect(), writes.iter().copied().collect());
            if read != written {
                found.push(format!("access log: a read-modify-write reads {reads:x?} and writes {writes:x?}"));
            }
            if let Some(after) = log.iter().position(|entry| entry.write)
                && log[after..].iter().any(|entry| !entry.write)
            {
                found.push("access log: a read-modify-write reads after it wrote".into());
            }
        }
        _ => {}
    }
    let locked = instance.instruction.has_lock_prefix() || instance.form.code.mnemonic() == M::Xchg;
    let marks = |entry: &&Entry| entry.locked != locked || entry.read_modify_write != modifies;
    if let Some(entry) = log.iter().find(marks) {
        found.push(format!("access log: expected locked={locked} read_modify_write={modifies}, got {entry:x?}"));
    }
}

/// What the decoder says about the explicit operand; only the direction is taken from it.
pub(crate) fn operand_access(instance: &Instance) -> OpAccess {
    let mut factory = InstructionInfoFactory::new();
    let info = factory.info(&instance.instruction);
    let operand = (0..instance.instruction.op_count()).find(|operand| {
        !matches!(
            instance.instruction.op_kind(*operand),
            iced_x86::OpKind::Register | iced_x86::OpKind::Immediate8 | iced_x86::OpKind::Immediate8_2nd
        )
    });
    operand.map_or(OpAccess::None, |operand| info.op_access(operand))
}

/// Whether the instruction saves the extended state, which updates a bit vector in the area's header.
pub(crate) fn updates_header(instance: &Instance) -> bool {
    matches!(
        instance.form.code.mnemonic(),
        M::Xsave | M::Xsave64 | M::Xsaveopt | M::Xsaveopt64 | M::Xsavec | M::Xsavec64
    )
}

/// Nothing but the header of a save area is read.
fn header_only(found: &mut Vec<String>, instance: &Instance, log: &[Entry]) {
    let start = instance.operand.map_or(0, |operand| operand.address) + xsave::XSTATE_BV as u64;
    let outside = |address: &u64| !(start..start + 64).contains(address);
    if let Some(address) = bytes(log, false).into_iter().find(outside) {
        found.push(format!("access log: saving the state reads {address:#x}"));
    }
}
