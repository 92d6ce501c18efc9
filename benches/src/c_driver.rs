//! A whole driver in C, as small as a tiny libc: initialise, then send bytes while the device is ready.

use crate::rounds::Mechanism;
use memtrap::{Context, Simulation, simulated};
use std::{
    ffi::{CString, c_char, c_void},
    io, mem,
    os::unix::ffi::OsStrExt as _,
    process::Command,
};

const SOURCE: &str = r"
typedef volatile unsigned int reg;
struct uart { reg data, status, control; };
static unsigned length(const char *text) { unsigned n = 0; while (text[n]) n++; return n; }
unsigned send(struct uart *uart, const char *text, unsigned times) {
    unsigned sent = 0;
    uart->control = 0;
    uart->control |= 1;
    while (times--)
        for (unsigned i = 0, n = length(text); i < n; i++, sent++) {
            while (uart->status & 1) {}
            uart->data = (unsigned char)text[i];
        }
    uart->control &= ~1u;
    return sent;
}
";

const TEXT: &str = "hello, device\n";

/// A transmitter that is never full.
#[simulated(size = 0x1000, width = 32)]
pub struct Transmitter {
    /// A byte to send.
    #[reg(0x0, wo)]
    pub data: u32,
    /// Bit 0: full.
    #[reg(0x4, ro)]
    pub status: u32,
    /// Bit 0: on.
    #[reg(0x8, rw)]
    pub control: u32,
}

/// Counts what is sent.
#[derive(Debug, Default)]
pub struct Line {
    sent: u32,
    sum: u32,
}

impl transmitter::Model for Line {
    fn write_data(&mut self, _regs: &mut transmitter::State, value: u32, _cx: &mut Context<'_>) {
        self.sent += 1;
        self.sum = self.sum.wrapping_add(value);
    }
}

type Send = unsafe extern "C" fn(*mut u8, *const c_char, u32) -> u32;

/// Compiles the driver and loads it. It stays loaded.
fn load() -> io::Result<Send> {
    let directory = std::env::temp_dir().join(format!("memtrap-benches-{}", std::process::id()));
    std::fs::create_dir_all(&directory)?;
    let (source, library) = (directory.join("driver.c"), directory.join("driver.so"));
    std::fs::write(&source, SOURCE)?;
    let compiler = Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&library).arg(&source).status()?;
    let path = CString::new(library.as_os_str().as_bytes()).map_err(io::Error::other)?;
    // SAFETY: The library has no initialisers of its own.
    let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
    std::fs::remove_dir_all(&directory)?;
    if !compiler.success() || handle.is_null() {
        return Err(io::Error::other("the driver could not be compiled and loaded"));
    }
    // SAFETY: The handle is that of a loaded library.
    let send = unsafe { libc::dlsym(handle, c"send".as_ptr()) };
    assert!(!send.is_null(), "the driver has this function");
    // SAFETY: The C source declares it so.
    Ok(unsafe { mem::transmute::<*mut c_void, Send>(send) })
}

/// The driver against a simulation, or why there is none.
///
/// # Errors
///
/// If there is no C compiler.
///
/// # Panics
///
/// If there is no address space.
pub fn mechanism() -> io::Result<Mechanism<'static>> {
    let send = load()?;
    let sim: Simulation<Transmitter, Line> = Transmitter::simulate(Line::default()).expect("there is address space");
    let text = CString::new(TEXT).expect("it has no zeros");
    let mut sent = 0;
    // 14 bytes a time, each a read and a write, and 5 accesses around them.
    Ok(Mechanism::new("c-driver-byte", 140, move |count| {
        // SAFETY: The accesses are trapped; the text ends with a zero.
        let now = unsafe { send(sim.base(), text.as_ptr(), count / TEXT.len() as u32) };
        sent += now;
        let model = sim.model();
        assert_eq!((now, model.sent), (count, sent));
        assert_eq!(model.sum, sent / TEXT.len() as u32 * TEXT.bytes().map(u32::from).sum::<u32>());
    }))
}
