//! Where no executable memory can be had, loads, stores and the commonest integer instructions still work, and all
//! others are refused with a report. Each test runs in a child process whose kernel refuses executable mappings.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Access, Bus, BusError, Context, Device};
use std::{
    arch::asm,
    env,
    os::unix::process::ExitStatusExt as _,
    process::{Command, Output},
};

/// Eight bytes of memory.
struct Cell([u8; 8]);

impl Device for Cell {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        Ok(u64::from_le_bytes(self.0) >> (8 * access.offset))
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.0[access.offset..][..access.width.bytes()].copy_from_slice(&value.to_le_bytes()[..access.width.bytes()]);
        Ok(())
    }
}

/// Runs the test `name` in a child process that has `VARIABLE` set.
fn child(name: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(VARIABLE, "1")
        .output()
        .unwrap()
}

const VARIABLE: &str = "MEMTRAP_TEST_WITHOUT_EXECUTABLE_MEMORY";

fn is_child() -> bool {
    env::var_os(VARIABLE).is_some()
}

/// Makes the kernel refuse to map anything executable from now on.
fn refuse_executable_mappings() {
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const SET: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
    // Offsets in `struct seccomp_data`: the call's number, and the low half of its third argument, the protection.
    const NUMBER: u32 = 0;
    const PROTECTION: u32 = 16 + 2 * 8;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut filter = [
        step(LOAD, 0, 0, NUMBER),
        step(EQUAL, 0, 3, libc::SYS_mmap as u32),
        step(LOAD, 0, 0, PROTECTION),
        step(SET, 0, 1, libc::PROT_EXEC as u32),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
        step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: Sets a flag of the process.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    // SAFETY: The program is valid for the call.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) }, 0);
}

/// What an instruction leaves behind: `rax`, `rdx`, the arithmetic flags, and the memory.
type Outcome = (u64, u64, u64, [u8; 8]);

/// A function that executes one instruction on `[rsi]`, with given `rax`, `rdx`, `cl` and carry.
macro_rules! instruction {
    ($text:literal) => {{
        fn execute(memory: *mut u8, mut rax: u64, mut rdx: u64, rcx: u64) -> (u64, u64, u64) {
            let flags: u64;
            // SAFETY: The instruction accesses up to eight bytes at `memory` and the named registers.
            unsafe {
                asm!(
                    "cmp rsp, rsp", // the same flags before, whatever the compiler left there
                    "stc",
                    $text,
                    "pushfq",
                    "pop {flags}",
                    in("rsi") memory, inout("rax") rax, inout("rdx") rdx, in("rcx") rcx, flags = out(reg) flags,
                );
            }
            (rax, rdx, flags & 0x8d5)
        }
        ($text, execute as fn(*mut u8, u64, u64, u64) -> (u64, u64, u64))
    }};
}

#[test]
fn common_integer_instructions_do_what_they_do_on_memory() {
    if !is_child() {
        let output = child("common_integer_instructions_do_what_they_do_on_memory");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let instructions = [
        instruction!("mov eax, [rsi]"),
        instruction!("mov [rsi], dl"),
        instruction!("movsx rax, word ptr [rsi]"),
        instruction!("add [rsi], dl"),
        instruction!("add [rsi], dh"),
        instruction!("add [rsi], dx"),
        instruction!("add [rsi], edx"),
        instruction!("add [rsi], rdx"),
        instruction!("lock add [rsi], edx"),
        instruction!("add dword ptr [rsi], -5"),
        instruction!("adc qword ptr [rsi], 5"),
        instruction!("sbb [rsi], edx"),
        instruction!("sub edx, [rsi]"),
        instruction!("sub dl, [rsi]"),
        instruction!("and dh, [rsi]"),
        instruction!("or dword ptr [rsi], 0x10"),
        instruction!("or rdx, [rsi]"),
        instruction!("xor [rsi], dx"),
        instruction!("cmp [rsi], edx"),
        instruction!("cmp edx, [rsi]"),
        instruction!("cmp byte ptr [rsi], 3"),
        instruction!("test [rsi], edx"),
        instruction!("test dword ptr [rsi], 0x80"),
        instruction!("inc dword ptr [rsi]"),
        instruction!("dec byte ptr [rsi]"),
        instruction!("neg word ptr [rsi]"),
        instruction!("not qword ptr [rsi]"),
        instruction!("xchg [rsi], edx"),
        instruction!("xchg [rsi], dh"),
        instruction!("xadd [rsi], rdx"),
        instruction!("cmpxchg [rsi], edx"),
        instruction!("lock cmpxchg [rsi], dl"),
        instruction!("shl dword ptr [rsi], 1"),
        instruction!("shr qword ptr [rsi], 7"),
        instruction!("sar byte ptr [rsi], cl"),
        instruction!("rol word ptr [rsi], 1"),
        instruction!("ror dword ptr [rsi], cl"),
        instruction!("rcl dword ptr [rsi], 1"),
        instruction!("rcr byte ptr [rsi], 1"),
    ];
    refuse_executable_mappings();
    let region = Bus::new().map(8, Cell([0; 8])).unwrap();
    let values = [0_u64, 1, 0x80, 0x8000_0000, 0x1234_5678_9abc_def0, u64::MAX];
    for (text, execute) in instructions {
        for before in values {
            for (rax, rdx) in values.into_iter().flat_map(|rax| values.map(|rdx| (rax, rdx))) {
                let mut memory = before.to_le_bytes();
                let native = execute(memory.as_mut_ptr(), rax, rdx, 3);
                let expected: Outcome = (native.0, native.1, native.2, memory);
                region.device().0 = before.to_le_bytes();
                let trapped = execute(region.base(), rax, rdx, 3);
                let got: Outcome = (trapped.0, trapped.1, trapped.2, region.device().0);
                assert_eq!(got, expected, "`{text}` on {before:#x} with rax = {rax:#x}, rdx = {rdx:#x}");
            }
        }
    }
}

#[test]
fn other_instructions_are_refused_with_the_reason() {
    if is_child() {
        refuse_executable_mappings();
        let region = Bus::new().map(8, Cell([0; 8])).unwrap();
        // SAFETY: The region traps the access.
        unsafe { asm!("movq xmm0, [{0}]", in(reg) region.base(), out("xmm0") _) };
        return;
    }
    let output = child("other_instructions_are_refused_with_the_reason");
    let report = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(libc::SIGSEGV), "{report}");
    assert!(report.contains("`movq xmm0,[") && report.contains("no executable memory could be had"), "{report}");
}
