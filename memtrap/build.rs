//! Computes the crate's capabilities once, so that no other file repeats the conditions.

use std::env;

/// If it is set, the crate is built as for a host on which nothing can be trapped: that is how such hosts are tested.
const WITHOUT_TRAP: &str = "MEMTRAP_WITHOUT_TRAP";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={WITHOUT_TRAP}");
    println!("cargo::rustc-check-cfg=cfg(simulation)");
    println!("cargo::rustc-check-cfg=cfg(trap)");

    let is = |variable: &str, wanted: &str| env::var(variable).is_ok_and(|value| value == wanted);
    let simulation = env::var_os("CARGO_FEATURE_SIMULATION").is_some() && !is("CARGO_CFG_TARGET_OS", "none");
    // Miri interprets MIR: it has neither signals nor machine code to trap.
    let trap = simulation
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
        && env::var_os("CARGO_CFG_MIRI").is_none()
        && env::var_os(WITHOUT_TRAP).is_none();
    if simulation {
        println!("cargo::rustc-cfg=simulation");
    }
    if trap {
        println!("cargo::rustc-cfg=trap");
    }
}
