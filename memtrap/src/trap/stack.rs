//! Carries out what an instruction does to the stack.
#![forbid(unsafe_code)]

use super::{
    asm,
    execute::{load, store},
    frame::{Frame, RSP},
    memory::Stop,
    plan::{Register, Stack, Target},
};
use crate::{bus::session::Origin, map::Width};

/// The flags that `popf` loads in user mode: all but `IF`, `IOPL`, `VM` and `RF` (Intel SDM, POPF).
const LOADABLE_FLAGS: u64 = 0x0024_4dd5;

/// Carries out an instruction whose only memory is the stack; the address of the next instruction.
pub(super) fn stack(operation: Stack, next: u64, frame: &mut Frame, origin: Origin) -> Result<u64, Stop> {
    match operation {
        Stack::Push { width, value } => {
            push(frame, width, value.get(&frame.gpr), origin)?;
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
        Stack::Call { target } => {
            let target = match target {
                Target::Address(address) => address,
                Target::Register(register) => register.get(&frame.gpr),
            };
            push(frame, Width::U64, next, origin)?;
            return Ok(target);
        }
        Stack::Return { far, arguments } => {
            let before = frame.gpr[RSP];
            let target = pop(frame, far.unwrap_or(Width::U64), origin)?;
            if let Some(width) = far {
                let selector = pop(frame, width, origin)?;
                if let Err(stop) = same_segment(selector as u16) {
                    frame.gpr[RSP] = before;
                    return Err(stop);
                }
            }
            frame.gpr[RSP] = frame.gpr[RSP].wrapping_add(arguments);
            return Ok(target);
        }
        Stack::Leave { width } => {
            let before = frame.gpr[RSP];
            frame.gpr[RSP] = Register::frame_pointer(Width::U64).get(&frame.gpr);
            match pop(frame, width, origin) {
                Ok(value) => Register::frame_pointer(width).set(&mut frame.gpr, value),
                Err(stop) => {
                    frame.gpr[RSP] = before;
                    return Err(stop);
                }
            }
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
    *frame = inner;
    Ok(())
}

/// Pushes the low bytes of `value`.
pub(super) fn push(frame: &mut Frame, width: Width, value: u64, origin: Origin) -> Result<(), Stop> {
    let stack = frame.gpr[RSP].wrapping_sub(width.bytes() as u64);
    store(stack as usize, width, value, origin)?;
    frame.gpr[RSP] = stack;
    Ok(())
}

/// Pops a value.
pub(super) fn pop(frame: &mut Frame, width: Width, origin: Origin) -> Result<u64, Stop> {
    let value = load(frame.gpr[RSP] as usize, width, origin)?;
    frame.gpr[RSP] = frame.gpr[RSP].wrapping_add(width.bytes() as u64);
    Ok(value)
}

/// Checks that a far jump or return stays in the current code segment; its selector.
pub(super) fn same_segment(selector: u16) -> Result<u16, Stop> {
    let current = asm::code_segment();
    if selector == current {
        return Ok(current);
    }
    Err(Stop::Refused(format!(
        "memtrap: the driver leaves the code segment {current:#x} for {selector:#x}, which is not carried out"
    )))
}
