//! Instructions before or after which the stack pointer is not one that the entry thunk can use: it lies in a region, is
//! misaligned, or is any number that the instruction has loaded.
//!
//! If it is so before, they are carried out before the signal handler returns, on a stack of the engine's own. What the
//! thunk does with the registers, `rt_sigreturn` does here. This is the one place where a device model runs in signal
//! context; the signal is the driver's own instruction, so the model may do what it may do elsewhere.

use super::{asm, dispatch::dispatch, driver_stack, frame::Frame, pages, signal};
use libc::ucontext_t;

/// Size of the stack the instruction is carried out on, in bytes.
const STACK: usize = 1 << 20;
/// Size of the alternate signal stack meanwhile, in bytes: the thread's own still holds the frame of this signal.
const ALTERNATE: usize = 1 << 16;

/// The registers of a signal frame, by their numbers in instruction encodings.
const GPR: [libc::c_int; 16] = [
    libc::REG_RAX,
    libc::REG_RCX,
    libc::REG_RDX,
    libc::REG_RBX,
    libc::REG_RSP,
    libc::REG_RBP,
    libc::REG_RSI,
    libc::REG_RDI,
    libc::REG_R8,
    libc::REG_R9,
    libc::REG_R10,
    libc::REG_R11,
    libc::REG_R12,
    libc::REG_R13,
    libc::REG_R14,
    libc::REG_R15,
];

/// Carries out the driver's instruction on the registers in `context`; `false` if there is no memory for a stack.
pub(super) fn carry_out(context: &mut ucontext_t) -> bool {
    let Ok(block) = pages::map_stack(STACK + ALTERNATE) else {
        return false;
    };
    let gregs = &context.uc_mcontext.gregs;
    let mut frame = Frame {
        gpr: GPR.map(|register| gregs[register as usize].cast_unsigned()),
        rflags: gregs[libc::REG_EFL as usize].cast_unsigned(),
        rip: gregs[libc::REG_RIP as usize].cast_unsigned(),
    };
    let image = context.uc_mcontext.fpregs.cast::<u8>();
    let top = block.wrapping_add(STACK + ALTERNATE);
    // Off the alternate stack and before it is replaced, the next signal would overwrite this one's frame.
    let mask = signal::block_all();
    let mut call = Call { frame: &raw mut frame, image, alternate: block, mask, failed: false };
    // SAFETY: The stack is fresh and large enough, and `call` outlives the call.
    unsafe { asm::call_on(top, on_own_stack, (&raw mut call).cast()) };
    signal::set_mask(&mask);

    set(context, &frame);
    pages::unmap_stack(block, STACK + ALTERNATE);
    !call.failed
}

/// Continues the driver with the frame that the entry thunk has left in `rbx`; the extended state is the driver's already.
pub(super) fn leave(context: &mut ucontext_t) {
    let frame = context.uc_mcontext.gregs[libc::REG_RBX as usize] as usize;
    // SAFETY: The thunk faults on purpose only, with its frame in `rbx`.
    let frame = unsafe { std::ptr::with_exposed_provenance::<Frame>(frame).read() };
    set(context, &frame);
}

fn set(context: &mut ucontext_t, frame: &Frame) {
    let gregs = &mut context.uc_mcontext.gregs;
    for (register, value) in GPR.into_iter().zip(frame.gpr) {
        gregs[register as usize] = value.cast_signed();
    }
    gregs[libc::REG_EFL as usize] = frame.rflags.cast_signed();
    gregs[libc::REG_RIP as usize] = frame.rip.cast_signed();
}

/// What [`on_own_stack`] is given.
struct Call {
    frame: *mut Frame,
    image: *mut u8,
    alternate: *mut u8,
    /// The signal mask that the models run with.
    mask: libc::sigset_t,
    failed: bool,
}

/// Carries out the instruction with another alternate signal stack, so that the models may trap as well.
unsafe extern "C" fn on_own_stack(call: *mut libc::c_void) {
    // SAFETY: `carry_out` passes its `Call`.
    let call = unsafe { &mut *call.cast::<Call>() };
    let Some(thread_stack) = signal::replace_alternate_stack(call.alternate, ALTERNATE) else {
        call.failed = true;
        return;
    };
    signal::set_mask(&call.mask);
    // SAFETY: The frame is `carry_out`'s copy. The image is the signal frame's, which the kernel aligns and makes at least
    // as large as the components that are saved; nobody else refers to them.
    driver_stack::on_other_stack(|| unsafe { dispatch(call.frame, call.image) });
    signal::block_all();
    signal::restore_alternate_stack(&thread_stack);
}
