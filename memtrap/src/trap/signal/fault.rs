//! Whose fault it is.

use super::super::{decode, pages};
use crate::bus::{ports, table};
use libc::{c_int, siginfo_t, ucontext_t};

/// `REG_ERR` of a page fault: the access was an instruction fetch.
const FETCH: i64 = 1 << 4;
/// `REG_TRAPNO` of a page fault.
const PAGE_FAULT: i64 = 14;
/// `REG_TRAPNO` of a general-protection fault.
const GENERAL_PROTECTION: i64 = 13;
/// Distance from the first to the last byte of what `sgdt` stores.
const LONGEST_DESCRIPTOR: usize = 9;

/// What the engine needs to know of a fault.
pub(super) struct Fault {
    pub(super) signal: c_int,
    pub(super) cause: c_int,
    pub(super) address: usize,
    pub(super) exception: i64,
    pub(super) error: i64,
    pub(super) rip: usize,
    /// Where the instruction's bytes are: not at `rip` if its site is promoted.
    pub(super) code: usize,
}

impl Fault {
    pub(super) fn new(signal: c_int, info: &siginfo_t, context: &ucontext_t) -> Self {
        let register = |number: c_int| context.uc_mcontext.gregs[number as usize];
        #[expect(clippy::cast_sign_loss, reason = "the register holds an address")]
        let rip = register(libc::REG_RIP) as usize;
        Self {
            signal,
            cause: info.si_code,
            // SAFETY: The kernel fills `si_addr` for faults; for other senders it is some initialised bytes that are
            // not used.
            address: unsafe { info.si_addr() }.addr(),
            exception: register(libc::REG_TRAPNO),
            error: register(libc::REG_ERR),
            rip,
            code: rip,
        }
    }

    /// Whether the kernel raised it for an instruction of this thread, in contrast to `kill` and its relatives.
    pub(super) fn is_synchronous(&self) -> bool {
        self.cause > 0
    }

    /// Whether an instruction read or wrote an address of memtrap's.
    pub(super) fn is_trap(&self) -> bool {
        self.signal == libc::SIGSEGV
            && self.is_synchronous()
            && self.exception == PAGE_FAULT
            && self.error & FETCH == 0
            && (is_claimed(self.address) || self.is_emulated_store() && is_claimed(self.address + LONGEST_DESCRIPTOR))
    }

    /// Whether the instruction is an `in` or `out` of a port that is memtrap's. The processor refuses these to a program
    /// as it does privileged instructions.
    pub(super) fn is_port_access(&self, context: &ucontext_t) -> bool {
        if self.signal != libc::SIGSEGV || !self.is_synchronous() || self.exception != GENERAL_PROTECTION {
            return false;
        }
        // SAFETY: A processor has just executed the instruction.
        let opcode = unsafe { decode::opcode(self.code) };
        let dx = context.uc_mcontext.gregs[libc::REG_RDX as usize] as u16;
        let port = match opcode {
            [0xe4..=0xe7, port, ..] => u16::from(*port),
            [0xec..=0xef | 0x6c..=0x6f, ..] => dx,
            _ => return false,
        };
        table::is_claimed(ports::address(port))
    }

    /// Whether the instruction is a store of a descriptor table register or its like. Where the processor forbids these
    /// (UMIP), the kernel carries them out, and reports where the operand starts instead of where it faulted.
    fn is_emulated_store(&self) -> bool {
        // SAFETY: A processor has just executed the instruction.
        let opcode = unsafe { decode::opcode(self.code) };
        match opcode {
            [0x0f, group @ (0x00 | 0x01), modrm, ..] => {
                let operation = modrm >> 3 & 0b111;
                // str, sldt; sgdt, sidt, smsw.
                if *group == 0 { operation < 2 } else { operation < 2 || operation == 4 }
            }
            _ => false,
        }
    }
}

/// Whether the page of the address is memtrap's.
pub(super) fn is_claimed(address: usize) -> bool {
    pages::in_arena(address) || table::is_claimed(address)
}
