//! Prints what a load and a store cost under crates that are made for the same purpose, and under memtrap, in common rounds.
//!
//! Each of them calls its model for a load, which counts it and answers with the count. Those that keep a record keep it.

mod backend;
mod closures;

use memtrap_benches::{
    promoted,
    rounds::{ROUNDS, Results},
    typed,
};

fn main() {
    let mut mechanisms = typed::mechanisms();
    mechanisms.retain(|mechanism| matches!(mechanism.name(), "typed-load" | "typed-store" | "mutex-dyn-load"));
    mechanisms.extend(closures::mechanisms());
    mechanisms.extend(backend::mechanisms());
    let mut trapped = promoted::mechanisms();
    trapped.retain(|mechanism| matches!(mechanism.name(), "promoted-load" | "promoted-store"));
    mechanisms.extend(trapped);

    let mut results = Results::new(ROUNDS);
    results.measure(mechanisms);
    for (what, of, to) in [
        ("regmock-rs/typed", "regmock-rs-load", "typed-load"),
        ("regmock-rs-store/typed-store", "regmock-rs-store", "typed-store"),
        ("regmock-rs/promoted", "regmock-rs-load", "promoted-load"),
        ("safe-mmio-backend/typed", "safe-mmio-backend-load", "typed-load"),
        ("safe-mmio-backend-store/typed-store", "safe-mmio-backend-store", "typed-store"),
        ("safe-mmio-backend/mutex-dyn", "safe-mmio-backend-load", "mutex-dyn-load"),
    ] {
        results.ratio(what, of, to);
    }
}
