//! Firmware gets the typed handle and nothing else: no `std`, no runtime, no dependency but the macros.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

#[path = "support/bare.rs"]
mod bare;

use bare::{library, succeed};
use std::{
    path::Path,
    process::{Command, Output},
};

/// The names of the crates that memtrap itself depends on.
fn dependencies(arguments: &[&str]) -> Vec<String> {
    let mut tree = bare::cargo();
    tree.args(["tree", "-p", "memtrap", "-e", "normal", "--prefix", "depth"]).args(arguments);
    let text = succeed(&mut tree);
    assert!(text.starts_with("0memtrap "), "{text}");
    let direct = text.lines().filter_map(|line| line.strip_prefix('1'));
    direct.map(|line| line.split(' ').next().unwrap_or(line).to_owned()).collect()
}

#[test]
fn a_bare_metal_target_gets_only_the_macros_whatever_the_features() {
    for features in [&[][..], &["--no-default-features"], &["--all-features"]] {
        let target = ["--target", "thumbv7em-none-eabihf"];
        assert_eq!(dependencies(&[&target, features].concat()), ["memtrap-macros"], "{features:?}");
    }
}

#[test]
fn without_the_runtime_a_host_gets_only_the_macros() {
    assert_eq!(dependencies(&["--no-default-features"]), ["memtrap-macros"]);
    // The same question about the runtime has another answer, so it is the right question.
    assert!(dependencies(&[]).contains(&"iced-x86".to_owned()));
}

fn firmware(program: &Path, arguments: &[&str]) -> Command {
    let mut rustc = bare::rustc("no_std/firmware.rs", program);
    rustc
        .args(["--check-cfg", "cfg(needs_std)"])
        .args(["-C", "link-arg=-nostartfiles", "-C", "link-arg=-nostdlib", "-C", "link-arg=-static"])
        .args(arguments);
    rustc
}

#[test]
fn a_program_without_std_links_and_runs() {
    let program = library().join("firmware");
    succeed(&mut firmware(&program, &["-D", "warnings"]));
    let status = Command::new(program).status().expect("the program starts");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_program_that_needs_std_would_not() {
    let program = library().join("needs_std");
    let Output { status, stderr, .. } = firmware(&program, &["--cfg", "needs_std"]).output().expect("rustc runs");
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(!status.success());
    assert!(stderr.contains("E0152"), "std brings a second panic handler:\n{stderr}");
}
