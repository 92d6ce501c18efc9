//! The signal handler: decides whose fault it is and sends the driver to the entry thunk, or passes the fault on.
//!
//! In signal context nothing allocates, locks, decodes or calls a device (but see `stackless`). Permitted are: reading
//! atomics and the page table, thread-local cells without destructors, and `sigaction`, which is async-signal-safe.

mod chain;
mod fault;
mod thread;

pub(super) use chain::install_breakpoints;
pub(super) use thread::{
    SegmentBase, block_all, errno, replace_alternate_stack, restore_alternate_stack, segment_base, set_errno, set_mask,
};

use self::{
    chain::pass_on,
    fault::{Fault, is_claimed},
};
use super::{
    asm,
    frame::{Frame, RED_ZONE},
    pending::{self, FaultAddress, FloatState, NativeFault, Pending},
    promote::{self, InPad},
    stackless,
    xstate::{self, Image},
};
use crate::bus::table;
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    io, ptr, slice,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// `REG_TRAPNO` of an unmasked floating-point exception of a vector instruction.
const VECTOR_EXCEPTION: i64 = 19;
/// The alignment-check and direction flags.
const FLAGS_OF_COMPILED_CODE: i64 = !(1 << 18 | 1 << 10);

/// Installs the handlers.
pub(super) fn install() -> io::Result<()> {
    LEAVING_FRAMES_IS_SOUND.store(!has_shadow_stack(), Ordering::Relaxed);
    PROTECTION_KEYS.store(xstate::protection_keys_offset().unwrap_or(0), Ordering::Relaxed);
    chain::install()
}

/// The handler proper, entered with the alignment-check flag clear.
///
/// # Safety
///
/// Called by the kernel as a signal handler with `SA_SIGINFO`.
pub(super) unsafe extern "C" fn on_signal(
    signal: c_int,
    info: *mut siginfo_t,
    context: *mut c_void,
) -> *const ucontext_t {
    // SAFETY: The kernel passes a signal description that lives as long as the handler runs.
    let info = unsafe { &mut *info };
    // SAFETY: With `SA_SIGINFO` the third argument is the interrupted machine context, writable until the handler
    // returns.
    let context = unsafe { &mut *context.cast::<ucontext_t>() };
    let mut fault = Fault::new(signal, info, context);

    if signal == libc::SIGTRAP {
        match promote::at_breakpoint(fault.rip.wrapping_sub(1)) {
            Some(pad) if fault.is_synchronous() => set_register(context, libc::REG_RIP, pad),
            _ => pass_on(signal, info, context),
        }
        return ptr::null();
    }
    if fault.is_synchronous()
        && let Some(recovery) = asm::recovery(fault.rip)
    {
        pending::set_engine_fault(NativeFault {
            signal,
            code: fault.cause,
            exception: fault.exception,
            error: fault.error,
            address: if fault.address == fault.rip {
                FaultAddress::Instruction
            } else {
                FaultAddress::Data(fault.address)
            },
        });
        if fault.exception == VECTOR_EXCEPTION {
            pending::set_engine_float(float(context));
        }
        set_register(context, libc::REG_RIP, recovery);
        context.uc_mcontext.gregs[libc::REG_EFL as usize] &= FLAGS_OF_COMPILED_CODE;
        return ptr::null();
    }
    if fault.is_synchronous() && fault.rip == asm::leave() {
        stackless::leave(context);
        return ptr::null();
    }
    let in_pad = if fault.is_synchronous() { promote::in_pad(fault.rip) } else { None };
    match in_pad {
        None => {}
        Some(InPad::Original(record)) => {
            fault.rip = record.site_address();
            set_register(context, libc::REG_RIP, fault.rip);
        }
        Some(InPad::Stack(record, below)) => {
            #[expect(clippy::cast_sign_loss, reason = "the register holds an address")]
            let stack = context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize;
            set_register(context, libc::REG_RSP, stack.wrapping_add(below));
            set_register(context, libc::REG_RIP, record.original());
            return ptr::null();
        }
    }
    match (fault.is_trap() || fault.is_port_access(context)).then(|| pending::take(fault.rip)) {
        Some(None) => return redirect(&fault, info, context),
        None => {
            if fault.rip != fault.code {
                // What was said of the promoted site's next trap is void: its copy has failed otherwise.
                pending::take(fault.rip);
            }
            pass_on(signal, info, context);
        }
        Some(Some(Pending::Refused)) => pass_on(signal, info, context),
        Some(Some(Pending::Native(native))) => raise(native, fault.rip, info, context),
    }
    ptr::null()
}

/// Lets the driver continue in the entry thunk, as if the instruction had been a call of it.
///
/// Null if the signal frame says so already; otherwise the context, from which the caller shall go there.
fn redirect(fault: &Fault, info: &mut siginfo_t, context: &mut ucontext_t) -> *const ucontext_t {
    #[expect(clippy::cast_sign_loss, reason = "the register holds an address")]
    let stack = context.uc_mcontext.gregs[libc::REG_RSP as usize] as usize;
    let slot = stack.wrapping_sub(RED_ZONE + size_of::<usize>());
    // A stack that lies in a region cannot hold the thunk's frame, nor can one that is not aligned as Rust needs it.
    let aligned = stack.is_multiple_of(size_of::<usize>());
    // A pop moves the thunk's frame upwards.
    let highest = stack.wrapping_add(size_of::<Frame>());
    if !aligned || is_claimed(highest) || is_claimed(slot) || is_claimed(slot.wrapping_sub(table::PAGE)) {
        if !stackless::carry_out(context) {
            pass_on(fault.signal, info, context);
        }
        return ptr::null();
    }
    if may_leave_frame(context, stack) {
        return context;
    }
    // SAFETY: The eight bytes below the red zone of the driver's stack belong to whoever interrupts the driver
    // (System V ABI, 3.2.2). If the stack ends here, the store faults as a call would have, and is passed on.
    unsafe { ptr::with_exposed_provenance_mut::<usize>(slot).write_unaligned(fault.rip) };
    set_register(context, libc::REG_RSP, slot);
    set_register(context, libc::REG_RIP, asm::entry());
    ptr::null()
}

/// Whether nothing is lost when the handler is left without `rt_sigreturn`.
///
/// The handler's flags and mask leave the thread's signal mask alone, and the thunk restores the registers. What else
/// the kernel would restore is: an alternate stack that it disarmed (`SS_AUTODISARM`), extended state that the thunk
/// leaves alone, access rights by protection key if the driver's are not those of a signal handler, and the shadow stack,
/// which is looked for at installation.
fn may_leave_frame(context: &ucontext_t, stack: usize) -> bool {
    const SS_AUTODISARM: c_int = 1 << 31;
    /// A frame this near below the stack pointer is on the driver's own stack, where the copy would overwrite it.
    const NEAR: usize = 1 << 16;

    let near = stack.wrapping_sub(ptr::from_ref(context).addr()) < NEAR;
    LEAVING_FRAMES_IS_SOUND.load(Ordering::Relaxed)
        && !near
        && context.uc_stack.ss_flags & SS_AUTODISARM == 0
        && xstate::covers(components_in_use(context) & !(1 << xstate::PROTECTION_KEYS))
        && has_rights_of_handler(context)
}

/// Whether the driver has the same access rights by protection key as the signal handler.
fn has_rights_of_handler(context: &ucontext_t) -> bool {
    let offset = PROTECTION_KEYS.load(Ordering::Relaxed);
    if offset == 0 {
        return true;
    }
    let driver = if components_in_use(context) & 1 << xstate::PROTECTION_KEYS == 0 {
        0
    } else {
        let rights = context.uc_mcontext.fpregs.wrapping_byte_add(offset).cast::<u32>();
        // SAFETY: The kernel stores the extended state in the format of `xsave`, and the component is in use.
        unsafe { rights.read() }
    };
    // SAFETY: The offset is known because the operating system has enabled protection keys.
    driver == unsafe { asm::protection_keys() }
}

/// Offset of the access rights by protection key in a signal frame's extended state; 0 if there are none.
static PROTECTION_KEYS: AtomicUsize = AtomicUsize::new(0);

/// Whether the process keeps nothing in a signal frame that only `rt_sigreturn` restores.
static LEAVING_FRAMES_IS_SOUND: AtomicBool = AtomicBool::new(false);

/// The components of extended state that the signal frame holds a value of.
fn components_in_use(context: &ucontext_t) -> u64 {
    const HEADER: usize = 512;
    let header = context.uc_mcontext.fpregs.wrapping_byte_add(HEADER).cast::<u64>();
    // SAFETY: The kernel stores the extended state in the format of `xsave`, whose header follows the legacy region.
    unsafe { header.read() }
}

/// The floating-point state of the interrupted code.
fn float(context: &ucontext_t) -> FloatState {
    let image = context.uc_mcontext.fpregs.cast::<u8>();
    // SAFETY: The kernel stores the extended state in every signal frame; the legacy region and the header are its start.
    let bytes = unsafe { slice::from_raw_parts_mut(image, xstate::HEADER_END) };
    Image::new(bytes).float()
}

/// Whether the process has a user shadow stack.
pub(super) fn has_shadow_stack() -> bool {
    // asm/prctl.h
    const ARCH_SHSTK_STATUS: c_int = 0x5005;
    let mut features = 0_u64;
    // SAFETY: The call writes eight bytes to `features` if the kernel knows it.
    let status = unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_SHSTK_STATUS, &raw mut features) };
    status == 0 && features != 0
}

#[expect(clippy::cast_possible_wrap, reason = "the context stores addresses in signed registers")]
fn set_register(context: &mut ucontext_t, register: c_int, value: usize) {
    context.uc_mcontext.gregs[register as usize] = value as i64;
}

/// Delivers the fault that the driver's instruction raises natively, in place of the page fault it got.
fn raise(native: NativeFault, rip: usize, info: &mut siginfo_t, context: &mut ucontext_t) {
    context.uc_mcontext.gregs[libc::REG_TRAPNO as usize] = native.exception;
    context.uc_mcontext.gregs[libc::REG_ERR as usize] = native.error;
    info.si_signo = native.signal;
    info.si_code = native.code;
    let address = match native.address {
        FaultAddress::Instruction => rip,
        FaultAddress::Data(address) => address,
    };
    let si_addr = ptr::from_mut(info).wrapping_byte_add(16).cast::<usize>();
    // SAFETY: For the signals of faults the description, which is larger, continues with the address at byte 16.
    unsafe { si_addr.write(address) };
    pass_on(native.signal, info, context);
}
