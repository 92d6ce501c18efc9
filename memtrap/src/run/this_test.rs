//! Which test is running, for reports and for the names of files.

use std::{
    env, fmt,
    path::{Path, PathBuf},
    thread,
};

/// The test that a bus belongs to: the one that made it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThisTest(Option<String>);

impl ThisTest {
    /// The test that runs on this thread.
    ///
    /// The test harness names a test's thread after the test. With one thread it runs tests on the main one; then the
    /// test is known if the process was started for it alone, as other runners and [`isolated`](fn@super::isolated) do.
    pub(crate) fn here() -> Self {
        let thread = thread::current();
        let name = thread.name().filter(|name| *name != "main").map(str::to_owned);
        Self(name.or_else(|| alone(env::args_os().filter_map(|argument| argument.into_string().ok()))))
    }

    /// The path of the test, without its crate.
    pub(crate) fn name(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// What runs this test again, as a command; `None` if cargo did not start the process.
    pub(crate) fn command(&self) -> Option<String> {
        let name = self.name()?;
        let package = env::var("CARGO_PKG_NAME").ok()?;
        let directory = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR")?);
        Some(command(&package, &directory, &env::current_exe().ok()?, name))
    }

    /// The test with its binary, as the name of a file.
    pub(crate) fn file_name(&self) -> String {
        let binary = env::current_exe().ok().and_then(|path| binary(&path)).unwrap_or_else(|| "test".to_owned());
        let name = self.name().unwrap_or("main");
        let plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
        format!("{binary}.{name}").replace("::", ".").replace(|letter| !plain(letter), "_")
    }
}

impl fmt::Display for ThisTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or("(unknown)"))
    }
}

/// The test that a process with these arguments was started for.
fn alone(arguments: impl Iterator<Item = String>) -> Option<String> {
    let arguments: Vec<_> = arguments.skip(1).collect();
    let mut names = arguments.iter().filter(|argument| !argument.starts_with('-'));
    let name = names.next().filter(|_| arguments.iter().any(|argument| argument == "--exact"))?;
    names.next().is_none().then(|| name.clone())
}

/// The name of a test binary, without the hash that cargo appends.
fn binary(executable: &Path) -> Option<String> {
    let stem = executable.file_stem()?.to_str()?;
    let is_hash = |hash: &str| hash.len() == 16 && hash.chars().all(|digit| digit.is_ascii_hexdigit());
    let name = stem.rsplit_once('-').filter(|(_, hash)| is_hash(hash)).map_or(stem, |(name, _)| name);
    Some(name.to_owned())
}

fn command(package: &str, directory: &Path, executable: &Path, test: &str) -> String {
    let release = executable.components().any(|part| part.as_os_str() == "release");
    let target = binary(executable).map(|name| {
        let tests = directory.join("tests");
        if name == package.replace('-', "_") {
            " --lib".to_owned()
        } else if tests.join(&name).with_extension("rs").exists() || tests.join(&name).join("main.rs").exists() {
            format!(" --test {name}")
        } else {
            String::new()
        }
    });
    let release = if release { " --release" } else { "" };
    format!("cargo test -p {package}{release}{} {test} -- --exact", target.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_is_known_by_its_thread() {
        assert_eq!(ThisTest::here().name(), Some("run::this_test::tests::the_test_is_known_by_its_thread"));
        assert!(ThisTest::here().file_name().ends_with(".run.this_test.tests.the_test_is_known_by_its_thread"));
    }

    #[test]
    fn the_test_is_known_by_the_arguments_of_a_process_of_its_own() {
        let alone = |arguments: &str| alone(arguments.split(' ').map(str::to_owned));
        assert_eq!(alone("binary a::b --exact --nocapture").as_deref(), Some("a::b"));
        assert_eq!(alone("binary --exact a::b --test-threads=1").as_deref(), Some("a::b"));
        assert_eq!(alone("binary a::b"), None, "a filter");
        assert_eq!(alone("binary --exact a b"), None);
        assert_eq!(alone("binary --test-threads=1"), None);
    }

    #[test]
    fn a_command_names_the_binary_and_the_profile() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
        let command = |executable: &str| command("memtrap", directory, Path::new(executable), "a::b");
        assert_eq!(command("/t/debug/deps/memtrap-0123456789abcdef"), "cargo test -p memtrap --lib a::b -- --exact");
        assert_eq!(
            command("/t/release/deps/verdicts-0123456789abcdef"),
            "cargo test -p memtrap --release --test verdicts a::b -- --exact"
        );
        assert_eq!(
            command("/t/debug/deps/conformance-0123456789abcdef"),
            "cargo test -p memtrap --test conformance a::b -- --exact"
        );
        assert_eq!(command("/t/debug/my-example"), "cargo test -p memtrap a::b -- --exact");
    }
}
