//! Where the system does not let code be changed, hot sites go on trapping. Each test runs in a child process whose kernel
//! refuses one of the calls that promotion needs.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{
    Access, Bus, BusError, Context, Device,
    promotion::{self, Promotion},
};
use std::{arch::asm, env, process::Command};

/// Counts reads.
struct Counter(u64);

impl Device for Counter {
    fn read(&mut self, _access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.0 += 1;
        Ok(self.0)
    }

    fn write(&mut self, _access: Access, _value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        Ok(())
    }
}

/// What the kernel refuses.
#[derive(Clone, Copy)]
struct Denied {
    call: libc::c_long,
    /// Only if the argument with this number has one of these bits.
    bits: Option<(u32, u32)>,
}

/// Refuses the calls from now on.
fn deny(denied: &[Denied]) {
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const SET: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
    const REFUSE: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut filter = Vec::new();
    for Denied { call, bits } in denied {
        let (argument, bits) = bits.unwrap_or((0, 0));
        // Offsets in `struct seccomp_data`: the call's number at 0, the low halves of its arguments from 16 on.
        filter.push(step(LOAD, 0, 0, 0));
        filter.push(step(EQUAL, 0, if bits == 0 { 1 } else { 3 }, *call as u32));
        if bits != 0 {
            filter.push(step(LOAD, 0, 0, 16 + 8 * argument));
            filter.push(step(SET, 0, 1, bits));
        }
        filter.push(step(RETURN, 0, 0, REFUSE));
    }
    filter.push(step(RETURN, 0, 0, libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog { len: filter.len() as u16, filter: filter.as_mut_ptr() };
    // SAFETY: Sets a flag of the process.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    // SAFETY: The program is valid for the call.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECCOMP, libc::SECCOMP_MODE_FILTER, &raw const program) }, 0);
}

const CHILD: &str = "MEMTRAP_TEST_PROMOTION_DENIED";

/// Runs a hot site in a child process, where `denied` is; what that says of promotion.
fn child(test: &str, denied: &[Denied]) -> String {
    if env::var_os(CHILD).is_some() {
        deny(denied);
        hot_site();
        println!("{:?}", promotion::statistics());
        std::process::exit(0);
    }
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn hot_site() {
    Promotion::after(2).apply();
    let bus = Bus::new();
    let region = bus.map(0x1000, Counter(0)).unwrap();
    for n in 1..=100_u32 {
        let value: u32;
        // SAFETY: One load of the device.
        unsafe { asm!("mov {0:e}, [{1}]", out(reg) value, in(reg) region.base(), options(nostack)) };
        assert_eq!(value, n);
    }
}

#[test]
fn without_executable_pages_there_are_no_pads() {
    let exec = libc::PROT_EXEC as u32;
    let said = child(
        "without_executable_pages_there_are_no_pads",
        &[Denied { call: libc::SYS_mprotect, bits: Some((2, exec)) }],
    );
    assert!(said.contains("promoted: 0") && said.contains("there is no room for a pad"), "{said}");
}

#[test]
fn without_serialised_processors_nothing_is_changed() {
    let said =
        child("without_serialised_processors_nothing_is_changed", &[Denied { call: libc::SYS_membarrier, bits: None }]);
    assert!(said.contains("promoted: 0") && said.contains("cannot serialise the processors"), "{said}");
}

/// `/proc/self/mem` is refused, as a kernel with `proc_mem.force_override=never` does; the page of the site is made writable
/// for the moment.
#[test]
fn without_access_from_the_side_pages_become_writable() {
    let said =
        child("without_access_from_the_side_pages_become_writable", &[Denied { call: libc::SYS_pwrite64, bits: None }]);
    assert!(said.contains("promoted: 1"), "{said}");
}

#[test]
fn without_any_way_to_write_code_sites_go_on_trapping() {
    let exec_and_write = Denied { call: libc::SYS_mprotect, bits: Some((2, libc::PROT_WRITE as u32)) };
    let said = child(
        "without_any_way_to_write_code_sites_go_on_trapping",
        &[Denied { call: libc::SYS_pwrite64, bits: None }, exec_and_write],
    );
    assert!(said.contains("promoted: 0") && said.contains("cannot be written"), "{said}");
}
