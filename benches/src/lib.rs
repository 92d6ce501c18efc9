//! The devices and mocks whose accesses the benchmarks time, and the comparison of all ways to make one.
//!
//! All devices and mocks do the same work: they count the reads, answer with the count, and keep what was written.

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod barest;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod c_driver;
pub mod chart;
pub mod device;
pub mod instruction;
pub mod mock;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod promoted;
pub mod rounds;
pub mod scale;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod single_step;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod supervisor;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod trapped;
pub mod typed;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
pub mod userfault;

use rounds::Results;

/// What is measured in common rounds.
pub const GROUPS: &[&str] = &["access", "regions", "threads", "setup"];

/// Measures a group, or all of them, in so many rounds, and prints the figures.
///
/// # Panics
///
/// If an access did not arrive, or brought back a wrong value.
#[must_use]
pub fn compare(wanted: Option<&str>, rounds: usize) -> Results {
    // What traps here is to keep trapping; `promoted` has sites of its own.
    memtrap::promotion::Promotion::off().apply();
    let is_wanted = |group: &str| wanted.is_none_or(|wanted| wanted == group);
    let mut results = Results::new(rounds);
    if is_wanted("setup") {
        // First: what others have given back is there again for it.
        scale::memory();
    }
    if is_wanted("access") {
        results.measure(accesses());
    }
    if is_wanted("regions") {
        results.measure(scale::regions());
    }
    if is_wanted("threads") {
        results.measure(scale::threads());
    }
    if is_wanted("setup") {
        results.measure(scale::setup());
    }
    print(&results);
    results
}

fn accesses() -> Vec<rounds::Mechanism<'static>> {
    let mut mechanisms = typed::mechanisms();
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    {
        mechanisms.extend(trapped::mechanisms());
        mechanisms.extend(promoted::mechanisms());
        match c_driver::mechanism() {
            Ok(mechanism) => mechanisms.push(mechanism),
            Err(error) => println!("not measured: driver in C: {error}"),
        }
    }
    mechanisms
}

fn print(results: &Results) {
    for (what, of, to) in [
        ("typed/mutex-dyn", "typed-load", "mutex-dyn-load"),
        ("typed-store/mutex-dyn-store", "typed-store", "mutex-dyn-store"),
        ("typed-quiet/mutex-dyn", "typed-load-quiet", "mutex-dyn-load"),
        ("typed-quiet-store/mutex-dyn-store", "typed-store-quiet", "mutex-dyn-store"),
        ("typed/dyn", "typed-load", "dyn-load"),
        ("typed/typed-quiet", "typed-load", "typed-load-quiet"),
        ("trapped/bare-sigsegv", "trapped-load", "bare-sigsegv-load"),
        ("trapped-store/bare-sigsegv-store", "trapped-store", "bare-sigsegv-store"),
        ("trapped-rmw/bare-sigsegv-rmw", "trapped-rmw", "bare-sigsegv-rmw"),
        ("trapped/hard-wired", "trapped-load", "hard-wired-load"),
        ("single-step/trapped", "single-step-load", "trapped-load"),
        ("ptrace/trapped", "ptrace-load", "trapped-load"),
        ("userfaultfd/trapped", "userfaultfd-load", "trapped-load"),
        ("c-driver-byte/trapped", "c-driver-byte", "trapped-load"),
        ("bare-sigsegv/promoted-load", "bare-sigsegv-load", "promoted-load"),
        ("bare-sigsegv/promoted-store", "bare-sigsegv-store", "promoted-store"),
        ("bare-sigsegv/promoted-rmw", "bare-sigsegv-rmw", "promoted-rmw"),
        ("bare-sigsegv/promoted-vector", "bare-sigsegv-load", "promoted-vector"),
        ("bare-sigsegv/promoted-masked", "bare-sigsegv-store", "promoted-masked"),
        ("bare-sigsegv/promoted-rep-movs", "bare-sigsegv-load", "promoted-rep-movs"),
        ("single-step/promoted", "single-step-load", "promoted-load"),
        ("regions-4096/regions-1", "regions-4096", "regions-1"),
        ("regions-256/regions-1", "regions-256", "regions-1"),
        ("regions-4096-all/regions-1", "regions-4096-all", "regions-1"),
        ("regions-4096-typed/regions-1-typed", "regions-4096-typed", "regions-1-typed"),
        ("regions-4096-all-typed/regions-1-typed", "regions-4096-all-typed", "regions-1-typed"),
        ("mutex-dyn-4096-all/mutex-dyn-1", "mutex-dyn-4096-all", "mutex-dyn-1"),
        ("threads-2-one-bus/threads-1", "threads-2-typed-one-bus", "threads-1-typed"),
        ("threads-2-bus-each/threads-1", "threads-2-typed-bus-each", "threads-1-typed"),
    ] {
        results.ratio(what, of, to);
    }
    results.difference("ram-at-promoted-site/plain", "ram-at-promoted-site", "plain-load");
}
