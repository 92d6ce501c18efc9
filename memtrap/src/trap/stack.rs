//! Carries out what an instruction does to the stack.
#![forbid(unsafe_code)]

use super::{
    asm,
    execute::{load, store},
    frame::{Frame, RSP},
    memory::{self, Stop},
    pending::NativeFault,
    plan::{Register, Stack, Target},
};
use crate::{bus::shape::Origin, map::Width};

/// The flags that `popf` loads in user mode: all but `IF`, `IOPL`, `VM` and `RF` (Intel SDM, POPF).
const LOADABLE_FLAGS: u64 = 0x0024_4dd5;

/// The flag under which misaligned accesses fault.
const ALIGNMENT_CHECK: u64 = 1 << 18;

/// Carries out an instruction whose only memory is the stack; the address of the next instruction.
pub(super) fn stack(operation: Stack, next: u64, frame: &mut Frame, origin: Origin) -> Result<u64, Stop> {
    match operation {
        Stack::Push { width, value } => {
            push(frame, width, value.get(&frame.gpr), origin)?;
        }
        Stack::PushSegment { width, segment } => {
            push(frame, width, u64::from(asm::segment(segment)), origin)?;
        }
        Stack::Pop { width, to } => {
            let value = pop(frame, width, origin)?;
            to.set(&mut frame.gpr, value);
        }
        Stack::PushFlags { width } => {
            // `VM` and `RF` are pushed as zeros.
            let flags = frame.rflags & !(0b11 << 16);
            push(frame, width, flags, origin)?;
        }
        Stack::PopFlags { width } => {
            let loaded = LOADABLE_FLAGS & width.mask();
            let flags = pop(frame, width, origin)?;
            frame.rflags = frame.rflags & !loaded | flags & loaded;
        }
        Stack::Call { width, target } => {
            let target = match target {
                Target::Address(address) => address,
                Target::Register(register) => register.get(&frame.gpr),
            };
            push(frame, width, next, origin)?;
            return Ok(target & width.mask());
        }
        Stack::Return { width, far, arguments } => {
            let mut after = *frame;
            let target = pop(&mut after, width, origin)?;
            if far {
                same_segment(pop(&mut after, width, origin)? as u16)?;
            }
            after.gpr[RSP] = after.gpr[RSP].wrapping_add(arguments);
            *frame = after;
            return Ok(target);
        }
        Stack::InterruptReturn { width } => return interrupt_return(width, frame, origin),
        Stack::Leave { width } => {
            let mut after = *frame;
            after.gpr[RSP] = Register::frame_pointer(Width::U64).get(&frame.gpr);
            let value = pop(&mut after, width, origin)?;
            Register::frame_pointer(width).set(&mut after.gpr, value);
            *frame = after;
        }
        Stack::Enter { width, size, level } => enter(frame, width, size, level, origin)?,
    }
    Ok(next)
}

/// `enter`: the frame pointers of the enclosing levels are copied from the caller's frame (Intel SDM, ENTER).
fn enter(frame: &mut Frame, width: Width, size: u64, level: u8, origin: Origin) -> Result<(), Stop> {
    let mut inner = *frame;
    let frame_pointer = Register::frame_pointer(width);
    push(&mut inner, width, frame_pointer.get(&frame.gpr), origin)?;
    let own = inner.gpr[RSP];
    let mut enclosing = Register::frame_pointer(Width::U64).get(&frame.gpr);
    for _ in 1..level {
        enclosing = enclosing.wrapping_sub(width.bytes() as u64);
        let pointer = load(enclosing as usize, width, origin)?;
        push(&mut inner, width, pointer, origin)?;
    }
    if level > 0 {
        push(&mut inner, width, own, origin)?;
    }
    frame_pointer.set(&mut inner.gpr, own);
    inner.gpr[RSP] = inner.gpr[RSP].wrapping_sub(size);
    // The processor checks that the new top of the stack can be written.
    check_alignment(frame, inner.gpr[RSP], width)?;
    memory::probe_write(inner.gpr[RSP] as usize)?;
    *frame = inner;
    Ok(())
}

/// `iret`, which in 64-bit mode always takes the stack pointer as well (Intel SDM, IRET).
fn interrupt_return(width: Width, frame: &mut Frame, origin: Origin) -> Result<u64, Stop> {
    let mut after = *frame;
    let target = pop(&mut after, width, origin)?;
    same_segment(pop(&mut after, width, origin)? as u16)?;
    let flags = pop(&mut after, width, origin)?;
    let stack = pop(&mut after, width, origin)?;
    let stack_segment = pop(&mut after, width, origin)? as u16;
    if stack_segment != asm::stack_segment() {
        return Err(Stop::Refused(format!(
            "memtrap: the driver loads the stack segment {stack_segment:#x}, which is not carried out"
        )));
    }
    let loaded = LOADABLE_FLAGS & width.mask();
    after.rflags = frame.rflags & !loaded | flags & loaded;
    after.gpr[RSP] = stack;
    *frame = after;
    Ok(target)
}

/// Faults as the processor does if the driver has alignment checked. What traps was aligned; the other operand of an
/// instruction, which lies in the driver's memory, need not be.
fn check_alignment(frame: &Frame, address: u64, width: Width) -> Result<(), Stop> {
    if frame.rflags & ALIGNMENT_CHECK != 0 && !address.is_multiple_of(width.bytes() as u64) {
        return Err(Stop::Native(NativeFault::alignment_check()));
    }
    Ok(())
}

/// Pushes the low bytes of `value`.
pub(super) fn push(frame: &mut Frame, width: Width, value: u64, origin: Origin) -> Result<(), Stop> {
    let stack = frame.gpr[RSP].wrapping_sub(width.bytes() as u64);
    check_alignment(frame, stack, width)?;
    store(stack as usize, width, value, origin)?;
    frame.gpr[RSP] = stack;
    Ok(())
}

/// Pops a value.
pub(super) fn pop(frame: &mut Frame, width: Width, origin: Origin) -> Result<u64, Stop> {
    check_alignment(frame, frame.gpr[RSP], width)?;
    let value = load(frame.gpr[RSP] as usize, width, origin)?;
    frame.gpr[RSP] = frame.gpr[RSP].wrapping_add(width.bytes() as u64);
    Ok(value)
}

/// Checks that a far jump or return stays in the current code segment; its selector.
pub(super) fn same_segment(selector: u16) -> Result<u16, Stop> {
    /// The requested privilege level; any is accepted for a segment of the current one.
    const LEVEL: u16 = 0b11;
    /// The kernel's segment for 32-bit code (asm/segment.h, `__USER32_CS`).
    const CODE_32: u16 = 0x23;

    let current = asm::code_segment();
    if selector & !LEVEL == current & !LEVEL {
        return Ok(current);
    }
    if selector & !LEVEL == CODE_32 & !LEVEL {
        return Err(Stop::Refused("memtrap: the driver leaves 64-bit mode, which is not carried out".to_owned()));
    }
    // No other segment holds code of this privilege level.
    Err(Stop::Native(NativeFault::general_protection(selector & !LEVEL)))
}
