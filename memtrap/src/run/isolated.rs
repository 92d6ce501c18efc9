//! Tests in processes of their own: what `#[memtrap::test]` expands to.

use std::{
    env, fs,
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    process::{Child, Command, ExitCode, ExitStatus, Stdio, Termination},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// Names the test that a child process runs.
const TEST: &str = "MEMTRAP_TEST";
/// Names the file in which a child process leaves the message of its panic.
const MESSAGE: &str = "MEMTRAP_TEST_MESSAGE";
/// Seconds after which a test is ended, unless it says otherwise.
const DEFAULT_TIMEOUT: u64 = 60;
/// How often a running test is looked at.
const TICK: Duration = Duration::from_millis(5);

/// Whether a test's result counts as success; prints the error if not.
pub fn succeeded(result: impl Termination) -> bool {
    result.report() == ExitCode::SUCCESS
}

/// Runs `body` in a process of its own: the test binary is executed again, for this test only.
///
/// `path` is the test's path with the name of its crate. The test's output becomes that of this test.
///
/// # Panics
///
/// With the message with which the test panicked; or if it returned an error, was ended by a signal, or did not end
/// within `timeout` seconds.
pub fn isolated(path: &str, timeout: Option<u64>, body: impl FnOnce() -> bool) {
    // The test harness leaves out the name of the crate.
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    if env::var(TEST).is_ok_and(|test| test == name) {
        return run_here(body);
    }
    let timeout = Duration::from_secs(timeout.unwrap_or(DEFAULT_TIMEOUT));
    let message = MessageFile::new();
    let ended = start(name, &message).and_then(|child| wait(child, timeout));
    let ended = ended.unwrap_or_else(|error| panic!("memtrap: the test's process could not be run: {error}"));
    // Through the macros, which the test harness captures.
    print!("{}", ended.stdout);
    eprint!("{}", ended.stderr);
    match (message.read(), ended.status) {
        (Some(message), _) => panic!("{message}"),
        (None, Some(status)) if status.success() => {}
        (None, Some(status)) => panic!("memtrap: the process of test `{name}` ended with {status}"),
        (None, None) => panic!("memtrap: test `{name}` did not end within {timeout:?} and was killed"),
    }
}

/// The child's side: leaves the message of a panic for the parent.
fn run_here(body: impl FnOnce() -> bool) {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(true) => {}
        Ok(false) => leave_message("memtrap: the test returned an error"),
        Err(payload) => {
            let message = payload.downcast_ref::<String>().map(String::as_str);
            leave_message(message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)"));
            resume_unwind(payload);
        }
    }
}

fn leave_message(message: &str) {
    let written = env::var_os(MESSAGE).map(|file| fs::write(file, message));
    if !matches!(written, Some(Ok(()))) {
        // The parent then sees how the process ended, and its output.
        let _ = writeln!(io::stderr(), "memtrap: the message could not be passed on: {message}");
    }
}

/// The file that a child leaves its message in.
struct MessageFile(PathBuf);

impl MessageFile {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let file = Self(env::temp_dir().join(format!("memtrap-test-{}-{number}", std::process::id())));
        // One of an earlier process with the same number must not be taken for this test's.
        let _ = fs::remove_file(&file.0);
        file
    }

    fn read(&self) -> Option<String> {
        fs::read_to_string(&self.0).ok()
    }
}

impl Drop for MessageFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// How a child ended, and what it printed.
struct Ended {
    /// `None` if it was killed because it took too long.
    status: Option<ExitStatus>,
    stdout: String,
    stderr: String,
}

fn start(name: &str, message: &MessageFile) -> io::Result<Child> {
    Command::new(env::current_exe()?)
        // An ignored test only gets here if the caller asked for it.
        .args([name, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"])
        .env(TEST, name)
        .env(MESSAGE, &message.0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
}

fn wait(mut child: Child, timeout: Duration) -> io::Result<Ended> {
    let stdout = collect(child.stdout.take());
    let stderr = collect(child.stderr.take());
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if started.elapsed() >= timeout {
            child.kill()?;
            child.wait()?;
            break None;
        }
        thread::sleep(TICK);
    };
    let text = |reader: thread::JoinHandle<Vec<u8>>| {
        let bytes = reader.join().unwrap_or_else(|payload| resume_unwind(payload));
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok(Ended { status, stdout: text(stdout), stderr: text(stderr) })
}

/// Reads a child's output on a thread of its own, so that the child never waits for a full pipe.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is kept.
            let _ = pipe.read_to_end(&mut bytes);
        }
        bytes
    })
}
