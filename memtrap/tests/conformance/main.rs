//! The conformance suite of the trap engine: every instruction form, run on memory and trapped on a device.
//!
//! Each instance is run twice from the same complete machine state, at the same addresses and with the same contents
//! of memory: once natively, once with parts of its memory behind simulated devices. Registers, flags, memory, signals
//! and the accesses that the devices saw must be what the processor does.
//!
//! ```text
//! cargo test -p memtrap --release --test conformance -- --nocapture
//! ```
//!
//! `suite/options.rs` names the environment variables that vary a run.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod suite;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn main() -> std::process::ExitCode {
    // A runner that starts a process for each test asks for the tests first, and for those that are ignored.
    let is_given = |option: &str| std::env::args().any(|argument| argument == option);
    if is_given("--list") {
        if !is_given("--ignored") {
            println!("conformance: test");
        }
        return std::process::ExitCode::SUCCESS;
    }
    suite::main()
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn main() {
    println!("conformance: there is no trap engine for this host");
}
