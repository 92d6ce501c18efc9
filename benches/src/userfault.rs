//! Trapping by user-space paging: a page that is absent, a thread that is told of the fault and provides the page, and an
//! access that the processor then makes of that memory.
//!
//! That serves loads from a register block whose other registers do not matter: the page that was provided must be taken away
//! before the next access, by whoever knows that the access has been made. A store cannot be served, because it is over
//! before anybody could look at its value, and goes to memory.

use libc::{c_int, c_ulong, c_void};
use std::{
    io, ptr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::{self, JoinHandle},
};

const PAGE: usize = 4096;

// Requests, numbers and layouts as in `linux/userfaultfd.h`.
const UFFDIO_API: c_ulong = 0xc018_aa3f;
const UFFDIO_REGISTER: c_ulong = 0xc020_aa00;
const UFFDIO_COPY: c_ulong = 0xc028_aa03;
const UFFD_API: u64 = 0xaa;
const REGISTER_MODE_MISSING: u64 = 1;
const EVENT_PAGEFAULT: u8 = 0x12;
const MESSAGE: usize = 32;

#[repr(C)]
struct Api {
    api: u64,
    features: u64,
    ioctls: u64,
}

#[repr(C)]
struct Register {
    start: u64,
    length: u64,
    mode: u64,
    ioctls: u64,
}

#[repr(C)]
struct Copy {
    to: u64,
    from: u64,
    length: u64,
    mode: u64,
    copied: i64,
}

/// A page whose loads are answered by another thread with their number.
#[derive(Debug)]
pub struct Userfault {
    file: c_int,
    page: *mut c_void,
    served: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
    server: Option<JoinHandle<()>>,
}

fn last_error(failed: bool) -> io::Result<()> {
    if failed { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn request<T>(file: c_int, request: c_ulong, argument: &mut T) -> io::Result<()> {
    // SAFETY: Each request that is made here comes with the structure that it takes.
    last_error(unsafe { libc::ioctl(file, request, ptr::from_mut(argument)) } < 0)
}

impl Userfault {
    /// Reserves the page and starts the thread.
    ///
    /// # Errors
    ///
    /// If the operating system does not permit it, or has no such thing.
    ///
    /// # Panics
    ///
    /// If no thread can be started.
    pub fn new() -> io::Result<Self> {
        // SAFETY: The call takes flags and returns a file descriptor.
        let file = unsafe { libc::syscall(libc::SYS_userfaultfd, libc::O_CLOEXEC) } as c_int;
        last_error(file < 0)?;
        request(file, UFFDIO_API, &mut Api { api: UFFD_API, features: 0, ioctls: 0 })?;
        let (access, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: A new mapping where the kernel likes it.
        let page = unsafe { libc::mmap(ptr::null_mut(), PAGE, access, flags, -1, 0) };
        last_error(page == libc::MAP_FAILED)?;
        let start = page.expose_provenance() as u64;
        let mut register = Register { start, length: PAGE as u64, mode: REGISTER_MODE_MISSING, ioctls: 0 };
        request(file, UFFDIO_REGISTER, &mut register)?;
        let (served, stopped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, stop) = (Arc::clone(&served), Arc::clone(&stopped));
        let server = thread::Builder::new().name("page server".to_owned()).spawn(move || {
            while !stop.load(Ordering::Acquire) {
                serve(file, start, &count).expect("the page can be provided");
            }
        })?;
        Ok(Self { file, page, served, stopped, server: Some(server) })
    }

    /// An address in the page.
    #[must_use]
    pub fn register(&self, offset: usize) -> *mut u32 {
        self.page.cast::<u8>().wrapping_add(offset).cast()
    }

    /// Takes the page away, so that the next access faults again.
    ///
    /// # Errors
    ///
    /// If the operating system refuses.
    pub fn take_away(&self) -> io::Result<()> {
        // SAFETY: What is lost is the content of a page that nobody holds a reference to.
        last_error(unsafe { libc::madvise(self.page, PAGE, libc::MADV_DONTNEED) } != 0)
    }

    /// Loads that were answered.
    #[must_use]
    pub fn served(&self) -> u32 {
        self.served.load(Ordering::Acquire)
    }
}

impl Drop for Userfault {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Release);
        // One more fault wakes the thread, which then sees that it is not wanted any more.
        if self.take_away().is_ok() {
            // SAFETY: The page is mapped as long as the value lives.
            unsafe { self.register(0).read_volatile() };
        }
        if let Some(server) = self.server.take() {
            let _ = server.join();
        }
        // SAFETY: Nobody uses the mapping any more.
        unsafe { libc::munmap(self.page, PAGE) };
        // SAFETY: Nobody uses the descriptor any more.
        unsafe { libc::close(self.file) };
    }
}

/// Waits for a fault and provides a page in which every word is the number of the load.
fn serve(file: c_int, page: u64, served: &AtomicU32) -> io::Result<()> {
    let mut message = [0_u8; MESSAGE];
    // SAFETY: The buffer has as many bytes.
    let read = unsafe { libc::read(file, message.as_mut_ptr().cast(), MESSAGE) };
    last_error(read < 0)?;
    if read != MESSAGE as isize || message[0] != EVENT_PAGEFAULT {
        return Err(io::Error::other(format!("not a fault: {message:?}")));
    }
    let number = 1 + served.load(Ordering::Relaxed);
    served.store(number, Ordering::Release);
    let content = [number; PAGE / 4];
    let from = content.as_ptr().expose_provenance() as u64;
    request(file, UFFDIO_COPY, &mut Copy { to: page, from, length: PAGE as u64, mode: 0, copied: 0 })
}
