//! Trapping by opening the page: the handler makes it accessible, lets the processor execute one instruction, and closes it
//! again. Other threads could slip through meanwhile.

use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicPtr, AtomicU32, Ordering::Relaxed},
};

const PAGE: usize = 4096;
/// EFLAGS.TF: a trap after the next instruction.
const TRAP_FLAG: i64 = 1 << 8;

static OPEN: AtomicPtr<c_void> = AtomicPtr::new(ptr::null_mut());
static STEPS: AtomicU32 = AtomicU32::new(0);

/// A page whose accesses are stepped through, and the handlers, until it is dropped. While it lives, memtrap traps nothing.
#[derive(Debug)]
pub struct SingleStep {
    page: *mut c_void,
    previous: [(c_int, libc::sigaction); 2],
}

fn protect(page: *mut c_void, protection: c_int) {
    // SAFETY: The page is that of the handle, which nobody refers to.
    let result = unsafe { libc::mprotect(page, PAGE, protection) };
    assert_eq!(result, 0, "the page's protection can be changed");
}

fn flags(context: &mut ucontext_t) -> &mut i64 {
    &mut context.uc_mcontext.gregs[libc::REG_EFL as usize]
}

extern "C" fn open(_signal: c_int, _info: *mut siginfo_t, context: *mut c_void) {
    protect(OPEN.load(Relaxed), libc::PROT_READ | libc::PROT_WRITE);
    // SAFETY: The kernel passes the interrupted context, writable until the handler returns.
    *flags(unsafe { &mut *context.cast::<ucontext_t>() }) |= TRAP_FLAG;
}

extern "C" fn close(_signal: c_int, _info: *mut siginfo_t, context: *mut c_void) {
    protect(OPEN.load(Relaxed), libc::PROT_NONE);
    STEPS.fetch_add(1, Relaxed);
    // SAFETY: The kernel passes the interrupted context, writable until the handler returns.
    *flags(unsafe { &mut *context.cast::<ucontext_t>() }) &= !TRAP_FLAG;
}

/// Installs a handler; the action that was there before.
fn handle(signal: c_int, handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void)) -> (c_int, libc::sigaction) {
    // SAFETY: All zeros is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
    let mut previous = MaybeUninit::uninit();
    // SAFETY: The handler makes one system call and changes the context, as a signal handler may.
    let result = unsafe { libc::sigaction(signal, &raw const action, previous.as_mut_ptr()) };
    assert_eq!(result, 0);
    // SAFETY: The call succeeded, so it has written the previous action.
    (signal, unsafe { previous.assume_init() })
}

impl SingleStep {
    /// What a load reads.
    pub const VALUE: u32 = 7;

    /// Maps the page and installs the handlers.
    ///
    /// # Panics
    ///
    /// If the operating system refuses.
    #[must_use]
    pub fn install() -> Self {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: A new mapping where the kernel likes it.
        let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        assert_ne!(page, libc::MAP_FAILED);
        // SAFETY: The page was just mapped, writable.
        unsafe { page.cast::<u32>().write(Self::VALUE) };
        protect(page, libc::PROT_NONE);
        OPEN.store(page, Relaxed);
        Self { page, previous: [handle(libc::SIGSEGV, open), handle(libc::SIGTRAP, close)] }
    }

    /// An address that faults.
    #[must_use]
    pub fn address(&self) -> *mut u32 {
        self.page.cast()
    }

    /// Instructions that were stepped through.
    #[must_use]
    pub fn steps(&self) -> u32 {
        STEPS.load(Relaxed)
    }
}

impl Drop for SingleStep {
    fn drop(&mut self) {
        for (signal, action) in &self.previous {
            // SAFETY: The action is the one that was installed before.
            let result = unsafe { libc::sigaction(*signal, ptr::from_ref(action), ptr::null_mut()) };
            assert_eq!(result, 0, "the previous handler is back");
        }
        // SAFETY: The page was mapped by `install` and nobody refers to it any more.
        unsafe { libc::munmap(self.page, PAGE) };
    }
}
