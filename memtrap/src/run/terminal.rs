//! Reports on a terminal: in colours, if somebody looks at them there.
//!
//! The text of a report is plain, and so is the message of the panic that carries it: tests compare it, runners store it.
//! Colours come in where it is printed.

use std::{
    backtrace::{Backtrace, BacktraceStatus},
    env,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    panic::{PanicHookInfo, set_hook, take_hook},
    sync::Once,
    thread,
};

/// What a report starts with.
const PREFIX: &str = "memtrap: ";

/// Select Graphic Rendition (ECMA-48, 8.3.117).
const HEADLINE: &str = "\x1b[1;31m";
const LABEL: &str = "\x1b[1;36m";
const REMEDY: &str = "\x1b[1;32m";
const MARKED: &str = "\x1b[1m";
const PLAIN: &str = "\x1b[0m";

/// Where the text of a report's line begins.
const INDENT: usize = 12;

/// Writes a report to the standard error, past the capture of a test harness: the process is about to end.
pub(crate) fn print(report: &str) {
    let stderr = io::stderr();
    let text = if is_wanted(stderr.is_terminal(), variable) { paint(report) } else { report.to_owned() };
    // There is nobody else to tell.
    let _ = writeln!(stderr.lock(), "{text}");
}

/// Has the panics that carry a report printed in colours from now on, if that is wanted.
///
/// Otherwise the process's panic hook is left alone, and all other panics go to it in any case.
pub(crate) fn colour_panics() {
    static ONCE: Once = Once::new();
    // The hook cannot be changed while the thread panics.
    if thread::panicking() {
        return;
    }
    ONCE.call_once(|| {
        if are_wanted() {
            let others = take_hook();
            set_hook(Box::new(move |panic| match panic.payload_as_str() {
                Some(report) if report.starts_with(PREFIX) => print_panic(panic, report),
                _ => others(panic),
            }));
        }
    });
}

/// Whether panics are to be in colours. A test harness that has captured them prints them to the standard output.
pub(super) fn are_wanted() -> bool {
    is_wanted(io::stderr().is_terminal() && io::stdout().is_terminal(), variable)
}

/// What the default hook prints. Through the macro, which the test harness captures.
fn print_panic(panic: &PanicHookInfo<'_>, report: &str) {
    let thread = thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    let location = panic.location().map(|location| format!(" at {location}")).unwrap_or_default();
    let mut text = format!("\nthread '{name}' panicked{location}:\n{}\n", paint(report));
    let backtrace = Backtrace::capture();
    if backtrace.status() == BacktraceStatus::Captured {
        write!(text, "stack backtrace:\n{backtrace}\n").expect("a String takes any text");
    }
    eprint!("{text}");
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether there are to be colours: <https://no-color.org>, <https://bixense.com/clicolors>, and what cargo is told.
fn is_wanted(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    if variable("NO_COLOR").is_some() {
        return false;
    }
    if variable("CLICOLOR_FORCE").is_some_and(|force| force != "0") {
        return true;
    }
    match variable("CARGO_TERM_COLOR").as_deref() {
        Some("always") => true,
        Some("never") => false,
        _ => is_terminal && variable("TERM").is_none_or(|terminal| terminal != "dumb"),
    }
}

/// A report with its first lines, its labels and the lines that a claim has marked in colours.
fn paint(report: &str) -> String {
    let lines: Vec<_> = report.lines().map(paint_line).collect();
    lines.join("\n")
}

fn paint_line(line: &str) -> String {
    if line.starts_with(PREFIX) {
        return format!("{HEADLINE}{line}{PLAIN}");
    }
    if line.starts_with("> ") {
        return format!("{MARKED}{line}{PLAIN}");
    }
    let Some((label, text)) = line.split_at_checked(INDENT) else { return line.to_owned() };
    let word = label.trim();
    if !label.starts_with("  ") || word.is_empty() || !word.bytes().all(|letter| letter.is_ascii_lowercase()) {
        return line.to_owned();
    }
    let colour = if matches!(word, "hint" | "rerun") { REMEDY } else { LABEL };
    format!("{colour}{label}{PLAIN}{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "memtrap: read of uart.fr refused: no\n  test      a\n  last      #1     R uart.fr  0x00000090\
                          \n            #2     R uart.fr  0x00000090\n  hint      ask\nmemtrap: 3 more accesses failed";

    #[test]
    fn what_names_the_lines_of_a_report_is_in_colours() {
        assert_eq!(
            paint(REPORT),
            "\x1b[1;31mmemtrap: read of uart.fr refused: no\x1b[0m\n\x1b[1;36m  test      \x1b[0ma\n\
             \x1b[1;36m  last      \x1b[0m#1     R uart.fr  0x00000090\n            #2     R uart.fr  0x00000090\n\
             \x1b[1;32m  hint      \x1b[0mask\n\x1b[1;31mmemtrap: 3 more accesses failed\x1b[0m"
        );
        let claim = "memtrap: expected no\n  #1     R uart.cr  0x00000300\n> #2     W uart.cr  0x00000301";
        assert_eq!(
            paint(claim),
            "\x1b[1;31mmemtrap: expected no\x1b[0m\n  #1     R uart.cr  0x00000300\n\
             \x1b[1m> #2     W uart.cr  0x00000301\x1b[0m"
        );
    }

    #[test]
    fn the_user_decides_and_otherwise_the_terminal() {
        let wanted = |is_terminal, set: &[(&str, &str)]| {
            let value = |name: &str| set.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
            is_wanted(is_terminal, value)
        };
        assert!(wanted(true, &[]) && !wanted(false, &[]));
        assert!(!wanted(true, &[("TERM", "dumb")]) && wanted(true, &[("TERM", "xterm")]));
        assert!(!wanted(true, &[("CARGO_TERM_COLOR", "never")]) && wanted(false, &[("CARGO_TERM_COLOR", "always")]));
        assert!(wanted(true, &[("CARGO_TERM_COLOR", "auto")]) && !wanted(false, &[("CARGO_TERM_COLOR", "auto")]));
        assert!(wanted(false, &[("CLICOLOR_FORCE", "1")]) && !wanted(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!wanted(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    }
}
