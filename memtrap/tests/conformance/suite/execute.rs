//! Runs an instance on memory or on devices, from the same contents.

use crate::suite::{
    arena::{self, Arena, FIRST_DEVICE, SECOND_DEVICE, WINDOW_SIZE},
    device::{Devices, Entry},
    generate::{Instance, Patch},
    options::Door,
    random::Random,
    runner::{self, Exit},
    state::State,
};
use std::ops::Range;

/// How much of the upper end of the stack is filled before a run and looked at afterwards.
const STACK_IN_USE: usize = 0x5000;

/// All an instance can have changed.
pub(crate) struct Outcome {
    pub(crate) state: Box<State>,
    pub(crate) exit: Exit,
    pub(crate) window: Vec<u8>,
    pub(crate) stack: Vec<u8>,
    /// What reached a device.
    pub(crate) log: Vec<Entry>,
}

/// What is in the window and on the stack where an instance does not say otherwise.
pub(crate) struct Background {
    window: Vec<u8>,
    stack: Vec<u8>,
}

impl Background {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::of(seed, u64::MAX, 0);
        let mut background = Self { window: vec![0; WINDOW_SIZE], stack: vec![0; STACK_IN_USE] };
        random.fill(&mut background.window);
        random.fill(&mut background.stack);
        background
    }

    /// The window's contents before `instance` runs.
    pub(crate) fn window(&self, instance: &Instance) -> Vec<u8> {
        let mut window = self.window.clone();
        patch(&mut window, instance.arena.window(), &instance.memory);
        window
    }

    /// The contents of the upper end of the stack before `instance` runs.
    pub(crate) fn stack(&self, instance: &Instance) -> Vec<u8> {
        let mut stack = self.stack.clone();
        patch(&mut stack, stack_start(instance.arena), &instance.memory);
        stack
    }
}

/// The address that the stack's contents start at.
pub(crate) fn stack_start(arena: Arena) -> u64 {
    arena.stack().end - STACK_IN_USE as u64
}

/// Applies those bytes of `patches` that lie in `memory`, which starts at `start`.
pub(crate) fn patch(memory: &mut [u8], start: u64, patches: &[Patch]) {
    for patch in patches {
        for (at, byte) in patch.bytes.iter().enumerate() {
            let offset = (patch.address + at as u64).wrapping_sub(start);
            if let Some(place) = usize::try_from(offset).ok().and_then(|offset| memory.get_mut(offset)) {
                *place = *byte;
            }
        }
    }
}

/// Makes the devices' part of every window accessible, or inaccessible again.
///
/// The trap engine never makes a device's pages accessible. The suite does, behind its back and while nothing is
/// trapped, because only then both runs see the same addresses, and with them the same registers.
pub(crate) fn open_windows(open: bool) {
    let protection = if open { libc::PROT_READ | libc::PROT_WRITE } else { libc::PROT_NONE };
    for arena in Arena::ALL {
        let size = SECOND_DEVICE.end - FIRST_DEVICE.start;
        arena::protect(arena.window() + FIRST_DEVICE.start as u64, size, protection);
    }
}

/// Puts the instance's code in place, and behind it what leaves to the suite.
pub(crate) fn place(instance: &Instance, door: Door) {
    arena::write(instance.entry, &instance.code);
    let mut behind = instance.entry + instance.code.len() as u64;
    let end = instance.arena.code().end;
    if door == Door::Promoted {
        let filler = filler(instance);
        let length = filler.len() as u64;
        if behind + length + LANDING <= end {
            arena::write(behind, &filler);
            behind += length;
        }
    }
    if behind != end {
        arena::write(behind, &instance.arena.trap_back(behind, 0));
    }
}

/// Length of the landing pad behind an instance.
const LANDING: u64 = 16;

/// A jump over bytes that nobody executes. It is followed by other bytes for each instance: a promoted instruction that is
/// shorter than a jump has the bytes behind it decide where its pad is, and they should not all be in one place.
fn filler(instance: &Instance) -> Vec<u8> {
    let mut random = Random::of(instance.index, instance.entry, instance.code.len() as u64);
    let skipped = 3 + random.below(16);
    let mut filler = vec![0; 2 + skipped];
    random.fill(&mut filler);
    filler[0] = 0xeb;
    filler[1] = skipped as u8;
    // A pad above: below the low arena there is not enough room.
    filler[2] &= 0x3f;
    filler[3] &= 0x3f;
    filler
}

/// Whether a jump is where the instance's code was put.
pub(crate) fn is_promoted(instance: &Instance) -> bool {
    let mut code = vec![0; instance.code.len()];
    arena::read(instance.entry, &mut code);
    code != instance.code
}

/// Runs the instance's code.
pub(crate) fn run(instance: &Instance) -> (Box<State>, Exit) {
    runner::run(instance.arena, instance.entry, &instance.state, instance.loads_segments)
}

/// Runs the instance on memory. The windows are open.
pub(crate) fn native(instance: &Instance, background: &Background) -> Outcome {
    let mut window = background.window(instance);
    let mut stack = background.stack(instance);
    arena::write(instance.arena.window(), &window);
    arena::write(stack_start(instance.arena), &stack);
    place(instance, Door::Trapped);
    let (state, exit) = run(instance);
    arena::read(instance.arena.window(), &mut window);
    arena::read(stack_start(instance.arena), &mut stack);
    Outcome { state, exit, window, stack, log: Vec::new() }
}

/// Runs the instance, which is in place, on devices. The windows are closed.
pub(crate) fn on_devices(instance: &Instance, background: &Background, devices: &Devices) -> Outcome {
    let mut window = background.window(instance);
    let mut stack = background.stack(instance);
    for range in memory_ranges() {
        arena::write(instance.arena.window() + range.start as u64, &window[range]);
    }
    arena::write(stack_start(instance.arena), &stack);
    devices.fill(&window);
    let (state, exit) = run(instance);
    let log = devices.collect(&mut window);
    for range in memory_ranges() {
        arena::read(instance.arena.window() + range.start as u64, &mut window[range]);
    }
    arena::read(stack_start(instance.arena), &mut stack);
    Outcome { state, exit, window, stack, log }
}

/// The parts of the window that are ordinary memory.
fn memory_ranges() -> [Range<usize>; 2] {
    [0..FIRST_DEVICE.start, SECOND_DEVICE.end..WINDOW_SIZE]
}
