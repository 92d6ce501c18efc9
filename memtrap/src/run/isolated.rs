//! Tests in processes of their own: what `#[memtrap::test]` expands to.

use super::terminal;
use std::{
    env, fs,
    io::{self, Read, Write},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    path::PathBuf,
    process::{self, Child, Command, ExitCode, ExitStatus, Stdio, Termination},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Names the test that a child process runs.
const TEST: &str = "MEMTRAP_TEST";
/// Names the file in which a child process leaves the message of its panic.
const MESSAGE: &str = "MEMTRAP_TEST_MESSAGE";
/// Seconds after which a test is ended, unless it says otherwise.
const DEFAULT_TIMEOUT: u64 = 60;
/// What a child prints before the test: what comes before is of the test harness.
const BEGIN: &str = "\x01memtrap: the test begins\x02\n";
/// How a child ends whose test has failed: as a test harness does.
const FAILED: i32 = 101;
/// How often a running test is looked at.
const TICK: Duration = Duration::from_millis(5);
/// How long the output of a test that has ended is waited for.
const GRACE: Duration = Duration::from_secs(1);

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
        run_here(body);
    }
    let timeout = Duration::from_secs(timeout.unwrap_or(DEFAULT_TIMEOUT));
    let message = MessageFile::new();
    let ended = start(name, &message).and_then(|child| wait(child, timeout));
    let ended = ended.unwrap_or_else(|error| panic!("memtrap: the test's process could not be run: {error}"));
    // Through the macros, which the test harness captures.
    print!("{}", ended.stdout.split_once(BEGIN).map_or(&*ended.stdout, |(_, output)| output));
    eprint!("{}", ended.stderr);
    match (message.read(), ended.status) {
        // The child has printed it, with the place where it comes from.
        (Some(message), _) => resume_unwind(Box::new(message)),
        (None, Some(status)) if status.success() => {}
        (None, Some(status)) => panic!("memtrap: the process of test `{name}` ended with {status}"),
        (None, None) => panic!("memtrap: test `{name}` did not end within {timeout:?} and was killed"),
    }
}

/// The child's side: leaves the message of a panic for the parent, and ends the process. What a panic means is for the
/// parent's test harness to say: that of the child would count one that is expected as a success, and a test without it as
/// a failure, of which the parent hears only that the process has failed.
fn run_here(body: impl FnOnce() -> bool) -> ! {
    print!("{BEGIN}");
    let message = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(true) => process::exit(0),
        Ok(false) => {
            const ERROR: &str = "memtrap: the test returned an error";
            eprintln!("{ERROR}");
            ERROR.to_owned()
        }
        Err(payload) => {
            let message = payload.downcast_ref::<String>().map(String::as_str);
            message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("(no message)").to_owned()
        }
    };
    leave_message(&message);
    process::exit(FAILED)
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
        let file = Self(env::temp_dir().join(format!("memtrap-test-{}-{number}", process::id())));
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
    let mut command = Command::new(env::current_exe()?);
    // An ignored test only gets here if the caller asked for it.
    command.args([name, "--exact", "--include-ignored", "--nocapture", "--test-threads=1"]);
    command.env(TEST, name).env(MESSAGE, &message.0);
    if terminal::are_wanted() {
        // What the child prints to its pipes arrives where this test's output does.
        command.env("CLICOLOR_FORCE", "1");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()
}

fn wait(mut child: Child, timeout: Duration) -> io::Result<Ended> {
    let stdout = Collected::from(child.stdout.take());
    let stderr = Collected::from(child.stderr.take());
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
    Ok(Ended { status, stdout: stdout.text(), stderr: stderr.text() })
}

/// What a child prints, read on a thread of its own, so that the child never waits for a full pipe.
struct Collected {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Collected {
    fn from(mut pipe: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::<Mutex<Vec<u8>>>::default();
        let into = Arc::clone(&bytes);
        let reader = thread::spawn(move || {
            let mut chunk = [0; 4096];
            // What was read before an error is kept.
            while let Some(read) = pipe.as_mut().and_then(|pipe| pipe.read(&mut chunk).ok()).filter(|read| *read > 0) {
                lock(&into).extend_from_slice(&chunk[..read]);
            }
        });
        Self { bytes, reader }
    }

    /// What the child has printed until it ended. A process that it has left behind may have the pipe for as long as it
    /// likes.
    fn text(self) -> String {
        let ended = Instant::now();
        while !self.reader.is_finished() && ended.elapsed() < GRACE {
            thread::sleep(TICK);
        }
        String::from_utf8_lossy(&lock(&self.bytes)).into_owned()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
