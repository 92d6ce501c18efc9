//! Firmware gets the typed handle and nothing else: no `std`, no runtime, no dependency but the macros.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["--offline", "--locked"]);
    // What the outer run passes to its own compiler, such as instrumentation, is not for the inner one.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    cargo
}

#[track_caller]
fn stdout(output: Output) -> String {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{stderr}", output.status);
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// The names of the crates that memtrap itself depends on.
fn dependencies(arguments: &[&str]) -> Vec<String> {
    let mut tree = cargo();
    tree.args(["tree", "-p", "memtrap", "-e", "normal", "--prefix", "depth"]).args(arguments);
    let text = stdout(tree.output().expect("cargo runs"));
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

/// The crate built without the runtime: the directory with `libmemtrap.rlib`.
fn library() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_std");
        let mut build = cargo();
        build
            .args(["build", "--release", "-p", "memtrap", "--lib", "--no-default-features", "--target-dir"])
            .arg(&target);
        // As firmware is built: unwinding needs a run-time library.
        build.env("CARGO_PROFILE_RELEASE_PANIC", "abort");
        stdout(build.output().expect("cargo runs"));
        target.join("release")
    })
}

/// The compiler for a file beside this one, with the library at hand.
fn compiler(file: &str, output: &Path) -> Command {
    let library = library();
    let mut external = OsString::from("memtrap=");
    external.push(library.join("libmemtrap.rlib"));
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/no_std").join(file))
        .args(["--edition", "2024", "-O", "-C", "panic=abort"])
        .arg("--extern")
        .arg(external)
        .arg("-L")
        .arg(library.join("deps"))
        .arg("-o")
        .arg(output);
    rustc
}

fn firmware(program: &Path, arguments: &[&str]) -> Output {
    compiler("firmware.rs", program)
        .args(["--check-cfg", "cfg(needs_std)"])
        .args(["-C", "link-arg=-nostartfiles", "-C", "link-arg=-nostdlib", "-C", "link-arg=-static"])
        .args(arguments)
        .output()
        .expect("rustc runs")
}

#[test]
fn a_program_without_std_links_and_runs() {
    let program = library().join("firmware");
    stdout(firmware(&program, &["-D", "warnings"]));
    let status = Command::new(program).status().expect("the program starts");
    assert_eq!(status.code(), Some(0));
}

#[test]
fn a_program_that_needs_std_would_not() {
    let output = firmware(&library().join("needs_std"), &["--cfg", "needs_std"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(stderr.contains("E0152"), "std brings a second panic handler:\n{stderr}");
}

/// The instructions of a function in assembly text, without labels' numbers.
fn instructions<'a>(assembly: &'a str, function: &str) -> Vec<&'a str> {
    let label = format!("{function}:");
    let body = assembly.lines().skip_while(|line| *line != label).skip(1);
    let body: Vec<_> = body.take_while(|line| !line.starts_with(".Lfunc_end")).collect();
    assert!(!body.is_empty(), "there is no {function} in\n{assembly}");
    let instruction = |line: &&str| line.starts_with('\t') && !line.starts_with("\t.");
    body.into_iter().filter(instruction).map(|line| line.split(".L").next().unwrap_or(line).trim()).collect()
}

/// The assembly of a file beside this one.
fn assembly(file: &str) -> String {
    let output = library().join(file).with_extension("s");
    stdout(compiler(file, &output).args(["--crate-type", "lib", "--emit", "asm"]).output().expect("rustc runs"));
    fs::read_to_string(output).expect("rustc has written the assembly")
}

#[test]
fn an_access_of_the_handle_is_the_volatile_access() {
    let (typed, raw) = (assembly("typed.rs"), assembly("raw.rs"));
    for function in ["read", "write", "wait", "modify", "element"] {
        assert_eq!(instructions(&typed, function), instructions(&raw, function), "{function}");
    }
}
