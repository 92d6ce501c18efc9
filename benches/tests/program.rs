//! The program runs through: every mechanism brings every value, every figure is printed, and the chart is written.

use std::{env, fs, process::Command};

/// Of each group, figures that need no permission which a system may deny.
const FIGURES: &[&str] = &[
    "ratio typed/mutex-dyn ",
    "ratio typed-store/mutex-dyn-store ",
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    "ratio trapped/bare-sigsegv ",
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    "ratio bare-sigsegv/promoted-",
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    "ratio single-step/trapped ",
    "ratio regions-4096-typed/regions-1-typed ",
    "ratio threads-2-bus-each/threads-1 ",
];

#[test]
fn a_round_of_each_mechanism() {
    let chart = env::temp_dir().join(format!("memtrap-costs-{}.svg", std::process::id()));
    let program = Command::new(env!("CARGO_BIN_EXE_memtrap-benches")).arg("1").arg(&chart).output();
    let output = program.expect("the program can be started");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
    let missing: Vec<_> = FIGURES.iter().filter(|figure| !printed.contains(**figure)).collect();
    assert!(missing.is_empty(), "{missing:?} are not in\n{printed}");
    let written = fs::read_to_string(&chart).expect("the chart is written");
    fs::remove_file(&chart).expect("it can be removed");
    assert!(written.starts_with("<svg") && written.contains("typed"), "{written}");
    println!("{printed}");
}
