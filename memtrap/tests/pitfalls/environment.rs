//! What a thread brings along: its signal stack and mask, its allocator, its handlers.

use crate::{
    child,
    page::{PAGE, Page},
};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    arch::asm,
    cell::Cell,
    mem::MaybeUninit,
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

thread_local! {
    /// Whether this thread's allocations are watched.
    static WATCHED: Cell<bool> = const { Cell::new(false) };
}
static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

/// Ends the process if memory is allocated in signal context.
struct Watching;

// SAFETY: Everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Watching {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if WATCHED.with(Cell::get) {
            ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
            if alternate_stack().ss_flags & libc::SS_ONSTACK != 0 {
                std::process::abort();
            }
        }
        // SAFETY: The caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: The caller's contract is the same.
        unsafe { System.dealloc(pointer, layout) };
    }
}

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// The thread's alternate signal stack, and whether it is in use.
fn alternate_stack() -> libc::stack_t {
    let mut stack = MaybeUninit::uninit();
    // SAFETY: Only queries.
    unsafe { libc::sigaltstack(ptr::null(), stack.as_mut_ptr()) };
    // SAFETY: The call does not fail and has written the stack.
    unsafe { stack.assume_init() }
}

fn set_alternate_stack(stack: &libc::stack_t) {
    // SAFETY: The memory, if any, is not freed while the thread runs.
    let result = unsafe { libc::sigaltstack(stack, ptr::null_mut()) };
    assert_eq!(result, 0, "sigaltstack: {}", std::io::Error::last_os_error());
}

/// A load, a vector store and a read-modify-write; what was loaded.
#[inline(never)]
fn accesses(page: &Page) -> u32 {
    let value: u32;
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("mov {value:e}, [{base}]", "movups [{base} + 16], xmm0", "lock inc dword ptr [{base}]", value = out(reg) value,
            base = in(reg) page.at(0));
    }
    value
}

#[test]
fn pitfall_29_nothing_is_allocated_in_signal_context() {
    let page = Page::new();
    page.set(0, &1_u32.to_le_bytes());
    WATCHED.with(|watched| watched.set(true));
    // An instruction that was never seen is decoded, which allocates: in ordinary context.
    let value = accesses(&page);
    WATCHED.with(|watched| watched.set(false));
    assert_eq!(value, 1);
    assert!(ALLOCATIONS.load(Ordering::Relaxed) > 0, "the allocator was watched");
}

/// The smallest stack the kernel accepts for this processor holds one signal frame and little else.
#[test]
fn pitfall_30_a_small_alternate_stack() {
    thread::spawn(|| {
        // SAFETY: Asks for a number.
        let frame = unsafe { libc::getauxval(libc::AT_MINSIGSTKSZ) } as usize;
        let size = (frame + 2 * PAGE / 2).next_multiple_of(16);
        let memory = Box::leak(vec![0_u8; size].into_boxed_slice());
        set_alternate_stack(&libc::stack_t { ss_sp: memory.as_mut_ptr().cast(), ss_flags: 0, ss_size: size });
        let page = Page::new();
        page.set(0, &5_u32.to_le_bytes());
        assert_eq!((accesses(&page), accesses(&page)), (5, 6));
        set_alternate_stack(&libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 });
    })
    .join()
    .expect("the thread finds nothing wrong");
}

#[test]
fn pitfall_31_a_thread_without_an_alternate_stack() {
    thread::spawn(|| {
        let before = alternate_stack();
        set_alternate_stack(&libc::stack_t { ss_sp: ptr::null_mut(), ss_flags: libc::SS_DISABLE, ss_size: 0 });
        let page = Page::new();
        page.set(0, &5_u32.to_le_bytes());
        assert_eq!((accesses(&page), accesses(&page)), (5, 6));
        set_alternate_stack(&before);
    })
    .join()
    .expect("the thread finds nothing wrong");
}

/// The kernel kills a thread that faults while it blocks the signal, before any handler: documented, and never a hang.
#[test]
fn pitfall_32_a_thread_that_blocks_the_signal_is_killed() {
    if child::role().is_some() {
        let mut mask = MaybeUninit::uninit();
        // SAFETY: The call writes the set.
        unsafe { libc::sigemptyset(mask.as_mut_ptr()) };
        // SAFETY: The set was written.
        unsafe { libc::sigaddset(mask.as_mut_ptr(), libc::SIGSEGV) };
        let page = Page::new();
        // SAFETY: The set was written.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, mask.as_ptr(), ptr::null_mut()) };
        accesses(&page);
        println!("went on");
        return;
    }
    let ended = child::run("environment::pitfall_32_a_thread_that_blocks_the_signal_is_killed", "child");
    assert!(!ended.stdout.contains("went on"), "{ended:#?}");
    ended.by_signal(libc::SIGSEGV);
}

thread_local! {
    /// Where the handler found the fault, and how many bytes behind the instruction goes on.
    static FAULT: Cell<(usize, usize)> = const { Cell::new((0, 0)) };
}

extern "C" fn on_float(_signal: libc::c_int, _info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: The kernel, or memtrap in its place, passes a context.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    let rip = &mut registers[libc::REG_RIP as usize];
    FAULT.with(|fault| {
        let (_, length) = fault.get();
        fault.set((*rip as usize, length));
        *rip += length as i64;
    });
}

#[test]
fn pitfall_25_an_exception_is_raised_at_the_drivers_instruction() {
    const TEST: &str = "environment::pitfall_25_an_exception_is_raised_at_the_drivers_instruction";
    // The handler must be there before memtrap's, which passes on what is the driver's.
    if child::role().is_none() {
        let ended = child::run(TEST, "child");
        assert!(ended.status.success(), "{ended:#?}");
        return;
    }
    // SAFETY: All zeros is a valid `sigaction`.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_float as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
    // SAFETY: The handler only skips the instruction that the test names.
    unsafe { libc::sigaction(libc::SIGFPE, &raw const action, ptr::null_mut()) };
    let page = Page::new();
    page.set(0, &0_u32.to_le_bytes());
    FAULT.with(|fault| fault.set((0, 2)));
    let at: usize;
    // SAFETY: The region traps the access; the handler skips the two bytes of the division.
    unsafe {
        asm!("lea {at}, [rip + 2f]", "2:", "div dword ptr [rcx]", at = out(reg) at, in("rcx") page.at(0),
            inout("eax") 7 => _, inout("edx") 0 => _);
    }
    assert_eq!(FAULT.with(Cell::get).0, at);
    assert_eq!(page.log(), [('R', 0, 4)], "the divisor is read once");
}
