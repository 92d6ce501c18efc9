//! Reports are in colours on a terminal, and nowhere else.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::simulated;
use std::{
    env,
    fs::File,
    io::Read as _,
    os::fd::{FromRawFd as _, OwnedFd},
    panic::{AssertUnwindSafe, catch_unwind},
    process::{Command, Stdio},
    ptr,
};

const ROLE: &str = "MEMTRAP_TERMINAL_ROLE";
const TEST: &str = "a_report_is_in_colours_on_a_terminal_and_nowhere_else";

/// A port.
#[simulated(size = 0x10, width = 32)]
pub struct Port {
    #[reg(0x0, ro)]
    pub input: u32,
}

struct Plain;

impl port::Model for Plain {}

/// Fails in the way of the role.
fn fail(role: &str) {
    let sim = Port::simulate(Plain).expect("there is address space");
    let base = sim.base();
    // SAFETY: The access is trapped, and refused.
    unsafe { base.cast::<u32>().write_volatile(1) };
    match role {
        "panic" => drop(sim.trace()),
        "text" => {
            let panic = catch_unwind(AssertUnwindSafe(|| drop(sim.trace()))).expect_err("a report is raised");
            let report = panic.downcast::<String>().expect("a report is text");
            assert!(!report.contains('\x1b'), "the message itself is plain: {report:?}");
            panic!("something else");
        }
        // A driver that waits for what will not come: the process ends.
        _ => loop {
            // SAFETY: The access is trapped.
            let _input = unsafe { base.cast::<u32>().read_volatile() };
        },
    }
}

/// This test in a role, with the variables that say something about colours as they are given.
fn child(role: &str, variables: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env::current_exe().expect("a test binary knows its path"));
    command.args(["--exact", TEST, "--nocapture", "--color=never"]).env(ROLE, role).env("RUST_BACKTRACE", "0");
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CARGO_TERM_COLOR"] {
        command.env_remove(variable);
    }
    command.env("TERM", "xterm").envs(variables.iter().copied());
    command
}

/// What is printed to a pipe.
fn captured(role: &str, variables: &[(&str, &str)]) -> String {
    let output = child(role, variables).output().expect("the test binary can be run again");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What is printed to a terminal.
fn on_terminal(role: &str, variables: &[(&str, &str)]) -> String {
    let (mut ours, mut theirs) = (-1, -1);
    // SAFETY: Two places for descriptors; the rest is not asked for.
    let opened = unsafe { libc::openpty(&mut ours, &mut theirs, ptr::null_mut(), ptr::null(), ptr::null()) };
    assert_eq!(opened, 0, "there are pseudo-terminals");
    // SAFETY: An open descriptor that nobody else has.
    let mut ours = unsafe { File::from_raw_fd(ours) };
    // SAFETY: An open descriptor that nobody else has.
    let theirs = unsafe { OwnedFd::from_raw_fd(theirs) };
    let mut command = child(role, variables);
    command.stdin(Stdio::null()).stdout(theirs.try_clone().expect("a descriptor")).stderr(theirs);
    let mut child = command.spawn().expect("the test binary can be run again");
    // The command has copies of the terminal's side.
    drop(command);
    let mut text = Vec::new();
    // The last reader of a terminal whose other side is closed gets an error.
    let _closed = ours.read_to_end(&mut text);
    child.wait().expect("the child ends");
    String::from_utf8_lossy(&text).replace("\r\n", "\n")
}

const HEADLINE: &str = "memtrap: write of port.input refused: the register is read-only";

#[track_caller]
fn is_in_colours(text: &str) {
    assert!(text.contains(&format!("\x1b[1;31m{HEADLINE}\x1b[0m\n\x1b[1;36m  test      \x1b[0m{TEST}\n")), "{text:?}");
    assert!(text.contains("\x1b[1;32m  hint      \x1b[0mdeclare the register"), "{text:?}");
}

#[track_caller]
fn is_plain(text: &str) {
    assert!(text.contains(&format!("{HEADLINE}\n  test      {TEST}\n")), "{text:?}");
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn a_report_is_in_colours_on_a_terminal_and_nowhere_else() {
    if let Ok(role) = env::var(ROLE) {
        return fail(&role);
    }
    for role in ["panic", "end"] {
        is_in_colours(&on_terminal(role, &[]));
        is_plain(&on_terminal(role, &[("NO_COLOR", "1")]));
        is_plain(&on_terminal(role, &[("CARGO_TERM_COLOR", "never")]));
        is_plain(&on_terminal(role, &[("TERM", "dumb")]));
        is_plain(&captured(role, &[]));
        is_in_colours(&captured(role, &[("CLICOLOR_FORCE", "1")]));
        is_in_colours(&captured(role, &[("CARGO_TERM_COLOR", "always")]));
    }
    let panic = on_terminal("panic", &[]);
    assert!(panic.contains(&format!("\nthread '{TEST}' panicked at memtrap/tests/terminal.rs:")), "{panic:?}");
    let other = on_terminal("text", &[]);
    assert!(other.contains("something else\n") && other.contains("note: run with `RUST_BACKTRACE"), "{other:?}");
}
