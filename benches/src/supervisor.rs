//! Trapping from another process: a supervisor that is told of each fault, changes the registers and lets the driver go on.

use crate::instruction;
use libc::{c_int, c_void, pid_t};
use std::{io, mem::MaybeUninit, ptr};

/// A process that loads from a page without access, again and again, and this process, which serves its faults.
#[derive(Debug)]
pub struct Supervisor {
    driver: pid_t,
    served: u64,
}

fn request(request: libc::c_uint, driver: pid_t, data: *mut c_void) -> io::Result<()> {
    // SAFETY: The requests that are made here take no address, and data of the type that they are given.
    let result = unsafe { libc::ptrace(request, driver, ptr::null_mut::<c_void>(), data) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// The supervised process: whatever it loads must be the number of the load.
fn drive() -> ! {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: A new mapping where the kernel likes it.
    let page = unsafe { libc::mmap(ptr::null_mut(), 4096, libc::PROT_NONE, flags, -1, 0) };
    // Nothing that memtrap has installed is to see a fault before the supervisor does.
    if page != libc::MAP_FAILED && request(libc::PTRACE_TRACEME, 0, ptr::null_mut()).is_ok() {
        for expected in 1_u32.. {
            // SAFETY: The supervisor carries out the access.
            let value = unsafe { instruction::load(page.cast()) };
            if value != expected {
                break;
            }
        }
    }
    // SAFETY: Ends the process without running what its parent has registered for its exit.
    unsafe { libc::_exit(1) }
}

impl Supervisor {
    /// Starts the process.
    ///
    /// # Errors
    ///
    /// If the operating system does not permit it.
    pub fn start() -> io::Result<Self> {
        // SAFETY: The benchmarks have one thread when this is called, and the child only makes system calls.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()),
            0 => drive(),
            driver => {
                let supervisor = Self { driver, served: 0 };
                supervisor.wait()?;
                request(
                    libc::PTRACE_SETOPTIONS,
                    driver,
                    ptr::without_provenance_mut(libc::PTRACE_O_EXITKILL as usize),
                )?;
                Ok(supervisor)
            }
        }
    }

    /// Waits until the driver has stopped at a fault.
    fn wait(&self) -> io::Result<()> {
        let mut status: c_int = 0;
        // SAFETY: The status is written to the variable.
        let result = unsafe { libc::waitpid(self.driver, &raw mut status, 0) };
        if result == self.driver && libc::WIFSTOPPED(status) && libc::WSTOPSIG(status) == libc::SIGSEGV {
            return Ok(());
        }
        Err(io::Error::other(format!("the driver did not stop at an access: status {status:#x}")))
    }

    /// Carries out `count` loads of the driver.
    ///
    /// # Panics
    ///
    /// If the driver got a wrong value, or the operating system refuses.
    pub fn serve(&mut self, count: u32) {
        for _ in 0..count {
            self.served += 1;
            self.answer(self.served).unwrap_or_else(|error| panic!("load {} failed: {error}", self.served));
        }
    }

    fn answer(&self, value: u64) -> io::Result<()> {
        let mut registers = MaybeUninit::<libc::user_regs_struct>::uninit();
        request(libc::PTRACE_GETREGS, self.driver, registers.as_mut_ptr().cast())?;
        // SAFETY: The call has written all of them.
        let mut registers = unsafe { registers.assume_init() };
        registers.rax = value;
        registers.rip += 2;
        request(libc::PTRACE_SETREGS, self.driver, (&raw mut registers).cast())?;
        request(libc::PTRACE_CONT, self.driver, ptr::null_mut())?;
        self.wait()
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        // SAFETY: The process is this one's child.
        unsafe { libc::kill(self.driver, libc::SIGKILL) };
        // SAFETY: No status is asked for.
        unsafe { libc::waitpid(self.driver, ptr::null_mut(), 0) };
    }
}
