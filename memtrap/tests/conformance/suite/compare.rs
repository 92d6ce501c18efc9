//! What is different between two outcomes of one instance.

use crate::suite::{
    device::in_device,
    execute::{self, Background, Outcome},
    generate::Instance,
    state::{REGISTER_NAMES, RSP, State, flags},
    xsave::Registers,
};

/// Below the stack pointer, memory is the instance's own this far; what lies deeper may be anybody's.
const RED_ZONE: u64 = 128;

/// Differences in readable form; empty if there are none.
pub(crate) fn differences(
    instance: &Instance,
    background: &Background,
    expected: &Outcome,
    got: &Outcome,
) -> Vec<String> {
    let mut found = Vec::new();
    if expected.exit != got.exit {
        found.push(format!("left: expected {:x?}, got {:x?}", expected.exit, got.exit));
    }
    for (number, name) in REGISTER_NAMES.iter().enumerate() {
        number_differs(&mut found, name, expected.state.gpr[number], got.state.gpr[number]);
    }
    let compared = |outcome: &Outcome| outcome.state.flags & flags::COMPARED;
    number_differs(&mut found, "rflags", compared(expected), compared(got));
    for (name, at) in [("ds", 0), ("es", 1), ("fs", 2), ("gs", 3), ("ss", 4)] {
        number_differs(&mut found, name, selector(&expected.state, at), selector(&got.state, at));
    }
    extended(&mut found, &Registers::of(&expected.state.extended), &Registers::of(&got.state.extended));
    // What lies below the stack pointer's red zone and was not written by the instance is anybody's, whether the stack
    // pointer is where stacks are or in the memory of the window. A pop gives up what was the lowest part of the red zone.
    let before = instance.state.gpr[RSP];
    let near = |rsp: &u64| rsp.abs_diff(before) < 0x1_0000;
    let after = Some(expected.state.gpr[RSP]).filter(near).unwrap_or_default();
    let own = before.max(after).wrapping_sub(RED_ZONE);
    let dead = |address: u64| address < own && own - address < 0x2_0000 && !in_device(instance.arena, address);
    for (name, start, before, expected, got) in [
        ("window", instance.arena.window(), background.window(instance), &expected.window, &got.window),
        ("stack", execute::stack_start(instance.arena), background.stack(instance), &expected.stack, &got.stack),
    ] {
        let matters = |at: usize| !dead(start + at as u64) || before[at] != expected[at];
        memory(&mut found, name, start, expected, got, matters);
    }
    found
}

/// A segment register. Some processors make zeros of the low bits of a null selector whenever the kernel returns.
fn selector(state: &State, at: usize) -> u64 {
    let selector = state.selectors[at];
    if selector < 4 { 0 } else { selector.into() }
}

fn number_differs(found: &mut Vec<String>, name: &str, expected: u64, got: u64) {
    if expected != got {
        found.push(format!("{name}: expected {expected:#x}, got {got:#x}"));
    }
}

fn extended(found: &mut Vec<String>, expected: &Registers, got: &Registers) {
    number_differs(found, "mxcsr", expected.mxcsr.into(), got.mxcsr.into());
    bytes_differ(found, "x87 control", &expected.x87[..8], &got.x87[..8]);
    bytes_differ(found, "x87 pointers", &expected.x87[8..], &got.x87[8..]);
    for number in 0..8 {
        bytes_differ(found, &format!("st{number}"), &expected.st[number], &got.st[number]);
        number_differs(found, &format!("k{number}"), expected.k[number], got.k[number]);
    }
    for number in 0..32 {
        bytes_differ(found, &format!("zmm{number}"), &expected.zmm[number], &got.zmm[number]);
    }
}

fn bytes_differ(found: &mut Vec<String>, name: &str, expected: &[u8], got: &[u8]) {
    if expected != got {
        found.push(format!("{name}: expected {}, got {}", hex(expected), hex(got)));
    }
}

fn memory(
    found: &mut Vec<String>,
    name: &str,
    start: u64,
    expected: &[u8],
    got: &[u8],
    matters: impl Fn(usize) -> bool,
) {
    if expected == got {
        return;
    }
    let differs = |at: &usize| expected[*at] != got[*at] && matters(*at);
    let Some(first) = (0..expected.len()).find(differs) else { return };
    let last = (first..expected.len()).rfind(differs).unwrap_or(first);
    let shown = first..(last + 1).min(first + 64);
    found.push(format!(
        "{name} at {:#x}..{:#x}: expected {}, got {}",
        start + first as u64,
        start + last as u64 + 1,
        hex(&expected[shown.clone()]),
        hex(&got[shown]),
    ));
}

/// Bytes in ascending order of their addresses.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
