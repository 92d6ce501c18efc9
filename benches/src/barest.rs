//! The least that a trap can do: a page that faults, and a handler that skips the instruction.

use crate::mock::{Bus, Mock};
use libc::{c_int, c_void, siginfo_t, ucontext_t};
use std::{
    mem::MaybeUninit,
    ptr,
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

/// Number of faults; also what a load gets.
pub static FAULTS: AtomicU32 = AtomicU32::new(0);

/// A page without access, and the handler, until it is dropped. While it lives, memtrap traps nothing.
#[derive(Debug)]
pub struct Barest {
    page: *mut c_void,
    previous: libc::sigaction,
}

/// Steps over an instruction of two bytes, whose result, if it has one, is in `eax`.
extern "C" fn skip(_signal: c_int, _info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: The kernel passes the interrupted context, writable until the handler returns.
    let context = unsafe { &mut *context.cast::<ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    registers[libc::REG_RAX as usize] = i64::from(FAULTS.fetch_add(1, Relaxed).wrapping_add(1));
    registers[libc::REG_RIP as usize] += 2;
}

/// The device behind [`call`].
static MOCK: Mutex<Option<Box<dyn Bus>>> = Mutex::new(None);

/// Asks a mock, and steps over an instruction of two bytes that loads `eax`.
extern "C" fn call(_signal: c_int, info: *mut siginfo_t, context: *mut c_void) {
    // SAFETY: The kernel passes a description of the fault.
    let info = unsafe { &*info };
    // SAFETY: For this signal it has an address.
    let offset = unsafe { info.si_addr() }.addr() % 4096;
    // SAFETY: The kernel passes the interrupted context, writable until the handler returns.
    let context = unsafe { &mut *context.cast::<ucontext_t>() };
    let registers = &mut context.uc_mcontext.gregs;
    let value = MOCK.lock().ok().and_then(|mut mock| Some(mock.as_mut()?.read(offset)));
    registers[libc::REG_RAX as usize] = value.map_or(-1, i64::from);
    registers[libc::REG_RIP as usize] += 2;
}

impl Barest {
    /// Maps the page and installs the handler.
    ///
    /// # Panics
    ///
    /// If the operating system refuses either.
    #[must_use]
    pub fn install() -> Self {
        Self::install_handler(skip)
    }

    /// As [`install`](Self::install), with a handler that calls a mock: the technique that people begin with.
    ///
    /// # Panics
    ///
    /// If the operating system refuses, or the mock has panicked.
    #[must_use]
    pub fn install_with_mock() -> Self {
        MOCK.lock().expect("no mock panics").get_or_insert_with(|| Box::new(Mock::default()));
        Self::install_handler(call)
    }

    fn install_handler(handler: extern "C" fn(c_int, *mut siginfo_t, *mut c_void)) -> Self {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: A new mapping where the kernel likes it.
        let page = unsafe { libc::mmap(ptr::null_mut(), 4096, libc::PROT_NONE, flags, -1, 0) };
        assert_ne!(page, libc::MAP_FAILED);
        // SAFETY: All zeros is a valid `sigaction`.
        let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
        action.sa_sigaction = handler as *const () as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER;
        let mut previous = MaybeUninit::uninit();
        // SAFETY: The handler does nothing that a signal handler must not do.
        let result = unsafe { libc::sigaction(libc::SIGSEGV, &raw const action, previous.as_mut_ptr()) };
        assert_eq!(result, 0);
        // SAFETY: The call succeeded, so it has written the previous action.
        Self { page, previous: unsafe { previous.assume_init() } }
    }

    /// An address that faults.
    #[must_use]
    pub fn address(&self) -> *mut u32 {
        self.page.cast()
    }
}

impl Drop for Barest {
    fn drop(&mut self) {
        // SAFETY: The action is the one that was installed before.
        let result = unsafe { libc::sigaction(libc::SIGSEGV, &raw const self.previous, ptr::null_mut()) };
        assert_eq!(result, 0, "the previous handler is back");
        // SAFETY: The page was mapped by `install` and nobody refers to it any more.
        unsafe { libc::munmap(self.page, 4096) };
    }
}
