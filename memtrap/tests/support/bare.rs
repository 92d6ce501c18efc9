//! The crate as firmware gets it: built without the runtime, and programs that link it.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

/// A cargo for this workspace that is not influenced by the outer one.
pub(crate) fn cargo() -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).args(["--offline", "--locked"]);
    // What the outer run passes to its own compiler, such as instrumentation, is not for the inner one.
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(variable);
    }
    cargo
}

/// What a command that must succeed has printed.
#[track_caller]
pub(crate) fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().expect("the command runs");
    assert!(status.success(), "{status}\n{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).expect("cargo and rustc print UTF-8")
}

/// The directory with `libmemtrap.rlib`, built without the runtime. What the tests make of it goes there too.
pub(crate) fn library() -> &'static Path {
    static DIRECTORY: OnceLock<PathBuf> = OnceLock::new();
    DIRECTORY.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
        let mut build = cargo();
        build
            .args(["build", "--release", "-p", "memtrap", "--lib", "--no-default-features", "--target-dir"])
            .arg(&target);
        // As firmware is built: unwinding needs a run-time library.
        build.env("CARGO_PROFILE_RELEASE_PANIC", "abort");
        succeed(&mut build);
        target.join("release")
    })
}

/// Whether programs can be compiled for a target: its core library is beside the compiler.
#[allow(dead_code, reason = "one of the tests that share this file compiles for its host only")]
pub(crate) fn has_target(target: &str) -> bool {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let root = succeed(rustc.args(["--print", "sysroot"]));
    Path::new(root.trim()).join("lib/rustlib").join(target).join("lib").is_dir()
}

/// As [`rustc`], for another target.
#[allow(dead_code, reason = "one of the tests that share this file compiles for its host only")]
pub(crate) fn rustc_for(target: &str, file: &str, output: &Path) -> Command {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bare");
    let mut build = cargo();
    build.args(["build", "--release", "-p", "memtrap", "--lib", "--no-default-features", "--target", target]);
    build.arg("--target-dir").arg(&directory).env("CARGO_PROFILE_RELEASE_PANIC", "abort");
    succeed(&mut build);
    let mut rustc = compiler(file, output, &directory.join(target).join("release"));
    // The macros are built for the host.
    rustc.args(["--target", target]).arg("-L").arg(directory.join("release/deps"));
    rustc
}

/// The compiler for a file in the folder of the tests, with the library at hand.
pub(crate) fn rustc(file: &str, output: &Path) -> Command {
    compiler(file, output, library())
}

fn compiler(file: &str, output: &Path, library: &Path) -> Command {
    let mut external = OsString::from("memtrap=");
    external.push(library.join("libmemtrap.rlib"));
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(file))
        .args(["--edition", "2024", "-O", "-C", "panic=abort"])
        .arg("--extern")
        .arg(external)
        .arg("-L")
        .arg(library.join("deps"))
        .arg("-o")
        .arg(output);
    rustc
}
