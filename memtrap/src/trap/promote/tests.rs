//! Patches that come and go under running threads, and neighbours that share bytes.

use super::{super::pages::code, Site, State};
use crate::{Access, Bus, BusError, Context, Device};
use std::{
    ptr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
};

fn state() -> MutexGuard<'static, State> {
    super::state().expect("no parent has locked it")
}

/// The tests look at the same state.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    super::initialise();
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const FROM_DEVICE: u64 = 0x1122_3344_5566_7788;
const FROM_MEMORY: u64 = 0x99aa_bbcc_ddee_ff00;

struct Constant;

impl Device for Constant {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(FROM_DEVICE)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        unreachable!("nothing writes here")
    }
}

/// A page of machine code.
struct Page(usize);

type Function = unsafe extern "sysv64" fn(*const u64, *const u64) -> u64;

impl Page {
    /// Fresh pages somewhere near the program, filled with breakpoints.
    fn new() -> Self {
        let near = (Page::new as *const () as usize & !0xfff) + (64 << 20);
        let start =
            (0..1024).map(|step| near + step * 0x10_0000).find(|start| code::map_pad(*start, 0x1000, 0x1000).is_ok());
        let page = Self(start.expect("there is room near the program"));
        page.write(0, &[0xcc; 0x1000]);
        page
    }

    fn write(&self, offset: usize, bytes: &[u8]) {
        // SAFETY: No thread executes what the tests write.
        unsafe { code::write_code(self.0 + offset, bytes, false) }.unwrap();
    }

    fn read(&self, offset: usize, length: usize) -> &[u8] {
        // SAFETY: The page is readable, and the tests do not hold on to the bytes while they change.
        unsafe { std::slice::from_raw_parts(ptr::with_exposed_provenance(self.0 + offset), length) }
    }

    fn function(&self, offset: usize) -> Function {
        // SAFETY: The tests have put a function of this type there.
        unsafe { std::mem::transmute::<usize, Function>(self.0 + offset) }
    }

    /// The site at `offset`, whose instruction has been executed.
    fn site(&self, offset: usize) -> &'static Site {
        // SAFETY: The instruction was just executed.
        unsafe { Site::find(self.0 + offset) }
    }
}

/// `mov rax, [rdi]`, three bytes.
const LOAD: [u8; 3] = [0x48, 0x8b, 0x07];
/// `mov rdx, [rsi]`, three bytes.
const LOAD_SECOND: [u8; 3] = [0x48, 0x8b, 0x16];
/// `xor rax, rdx`, three bytes.
const XOR: [u8; 3] = [0x48, 0x31, 0xd0];
/// `ret`, and bytes that send a jump of which they are the end to free addresses.
const RETURN: [u8; 3] = [0xc3, 0x10, 0x10];

fn redirect(state: &mut State, site: &'static Site) -> Result<(), String> {
    let relying = state.patches.relying_on(site.rip);
    state.undo_all(&relying, false)?;
    let done = state.redirect(site, false);
    state.redo_all(&relying, false);
    done
}

/// How often a patch is put in place and taken back; `MEMTRAP_ROUNDS` for a long run.
fn rounds() -> usize {
    std::env::var("MEMTRAP_ROUNDS").map_or(400, |rounds| rounds.parse().expect("MEMTRAP_ROUNDS is a number"))
}

#[test]
fn threads_see_the_same_instruction_while_it_is_patched() {
    let _alone = alone();
    super::prepare().unwrap();
    let bus = Bus::new();
    bus.set_poll_budget(u64::MAX);
    let region = bus.map(0x1000, Constant).unwrap();
    let device = region.base().addr();
    let memory = FROM_MEMORY;
    let page = Page::new();
    // The site's bytes lie across the end of a cache line in every way, and before and behind it.
    for offset in 55..=64 {
        let start = 0x100 + offset;
        page.write(start, &[&LOAD[..], &RETURN].concat());
        let function = page.function(start);
        let load = |at: usize| {
            let at = ptr::with_exposed_provenance(at);
            // SAFETY: The function loads from the device or from the memory.
            unsafe { function(at, at) }
        };
        assert_eq!(load(device), FROM_DEVICE);
        let site = page.site(start);
        let done = AtomicBool::new(false);
        let calls = AtomicU64::new(0);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        assert_eq!(load(device), FROM_DEVICE, "offset {offset}");
                        assert_eq!(load((&raw const memory).addr()), FROM_MEMORY, "offset {offset}");
                        calls.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
            for _ in 0..rounds() / 10 {
                redirect(&mut state(), site).unwrap();
                assert_eq!(page.read(start, 1), [0xe9]);
                state().patches.undo(site.record().unwrap(), false).unwrap();
                assert_eq!(page.read(start, 3), LOAD);
            }
            while calls.load(Ordering::Relaxed) < 10 {
                thread::yield_now();
            }
            done.store(true, Ordering::Relaxed);
        });
    }
}

/// Two loads, one behind the other, each too short for a jump, that can be entered at either.
fn pair() -> (Page, [usize; 2]) {
    let page = Page::new();
    let start = 0x100;
    page.write(start, &[&LOAD[..], &LOAD_SECOND, &XOR, &RETURN].concat());
    (page, [start, start + LOAD.len()])
}

#[test]
fn neighbours_are_promoted_in_any_order() {
    let _alone = alone();
    super::prepare().unwrap();
    let bus = Bus::new();
    let region = bus.map(0x1000, Constant).unwrap();
    let device = region.base().cast::<u64>().cast_const();
    let memory = FROM_MEMORY;
    for order in [[0, 1], [1, 0]] {
        let (page, offsets) = pair();
        let both = page.function(offsets[0]);
        let call = || {
            // SAFETY: Both loads are of the device.
            assert_eq!(unsafe { both(device, device) }, 0);
            // SAFETY: One load is of the device, the other of memory.
            assert_eq!(unsafe { both(device, &raw const memory) }, FROM_DEVICE ^ FROM_MEMORY);
            // SAFETY: As above.
            assert_eq!(unsafe { both(&raw const memory, device) }, FROM_DEVICE ^ FROM_MEMORY);
            // SAFETY: Neither is of the device.
            assert_eq!(unsafe { both(&raw const memory, &raw const memory) }, 0);
            // A jump to the second: `rax` holds whatever it held, so only that it returns is known.
            // SAFETY: The second half of the function needs no more than the whole.
            unsafe { page.function(offsets[1])(device, device) };
        };
        call();
        let sites = offsets.map(|offset| page.site(offset));
        for position in order {
            redirect(&mut state(), sites[position]).unwrap();
            assert_eq!(page.read(offsets[position], 1), [0xe9]);
            call();
        }
        assert!(offsets.iter().all(|offset| page.read(*offset, 1) == [0xe9]), "both are promoted, order {order:?}");
        for position in order {
            let record = sites[position].record().unwrap();
            state().demote(record);
            call();
        }
        assert_eq!(page.read(offsets[0], 6), [LOAD, LOAD_SECOND].concat());
    }
}

#[test]
fn code_that_has_replaced_a_promoted_site_is_left_alone() {
    let _alone = alone();
    super::prepare().unwrap();
    let bus = Bus::new();
    let region = bus.map(0x1000, Constant).unwrap();
    let device = region.base().cast::<u64>().cast_const();
    let page = Page::new();
    page.write(0, &[&LOAD[..], &RETURN].concat());
    // SAFETY: One load of the device.
    assert_eq!(unsafe { page.function(0)(device, device) }, FROM_DEVICE);
    let first = page.site(0);
    redirect(&mut state(), first).unwrap();

    // mov rax, [rsi]; not rax
    let replaced = [&[0x48, 0x8b, 0x06, 0x48, 0xf7, 0xd0][..], &RETURN].concat();
    page.write(0, &replaced);
    // SAFETY: One load of the device.
    assert_eq!(unsafe { page.function(0)(ptr::null(), device) }, !FROM_DEVICE);
    state().demote(first.record().unwrap());
    assert_eq!(page.read(0, replaced.len()), replaced);
    let second = page.site(0);
    assert!(!ptr::eq(first, second));
    state().promote(second).unwrap_err(); // not the main program's
    redirect(&mut state(), second).unwrap();
    // SAFETY: One load of the device.
    assert_eq!(unsafe { page.function(0)(ptr::null(), device) }, !FROM_DEVICE);
    state().demote(second.record().unwrap());
    assert_eq!(page.read(0, replaced.len()), replaced);
}

#[test]
fn bytes_that_differ_from_those_decoded_are_left_alone() {
    let _alone = alone();
    super::prepare().unwrap();
    let bus = Bus::new();
    let region = bus.map(0x1000, Constant).unwrap();
    let device = region.base().cast::<u64>().cast_const();
    let page = Page::new();
    page.write(0, &[&LOAD[..], &RETURN].concat());
    // SAFETY: One load of the device.
    assert_eq!(unsafe { page.function(0)(device, device) }, FROM_DEVICE);
    let site = page.site(0);
    // A debugger's breakpoint.
    page.write(1, &[0xcc]);
    assert_eq!(redirect(&mut state(), site), Err("its code has changed".to_owned()));
    assert_eq!(page.read(0, 3), [0x48, 0xcc, 0x07]);
}

#[test]
fn a_child_does_not_wait_for_a_thread_of_its_parent() {
    let _alone = alone();
    let bus = Bus::new();
    let _region = bus.map(0x1000, Constant).unwrap();
    let locked = state();
    // SAFETY: The child looks at a lock, and ends without unwinding or exit handlers. The alarm ends it if it waits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        // SAFETY: Has a signal sent to this process.
        unsafe { libc::alarm(10) };
        super::cover(&(0x1000..0x2000));
        let found = super::state().is_some() || super::statistics().promoted > 0;
        // SAFETY: Ends the process.
        unsafe { libc::_exit(found.into()) };
    }
    drop(locked);
    let mut status = -1;
    // SAFETY: The child is this process's own.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child ended by itself");
}
