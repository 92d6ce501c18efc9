//! x86 port I/O reaches device models.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use memtrap::{Access, Bus, BusError, Context, Device, MapError, Ports, Width};
use std::arch::asm;

/// Remembers what is written to each port, and reads it back plus one.
#[derive(Default)]
struct Echo {
    log: Vec<(char, usize, Width, u64)>,
    last: u64,
}

impl Device for Echo {
    fn read(&mut self, access: Access, _cx: &mut Context<'_>) -> Result<u64, BusError> {
        self.last += 1;
        self.log.push(('R', access.offset, access.width, self.last));
        Ok(self.last)
    }

    fn write(&mut self, access: Access, value: u64, _cx: &mut Context<'_>) -> Result<(), BusError> {
        self.last = value;
        self.log.push(('W', access.offset, access.width, value));
        Ok(())
    }
}

/// Ports that no other test of this process uses.
fn echo(first: u16) -> Ports<Echo> {
    Bus::new().ports(first..=first + 7, Echo::default()).unwrap()
}

#[test]
fn in_and_out_of_all_widths_reach_the_device() {
    let ports = echo(0x3f8);
    let (byte, word, double): (u64, u64, u64);
    // SAFETY: The ports are simulated; the instructions touch the named registers only.
    unsafe {
        asm!(
            "mov rax, -1",
            "out dx, al",
            "in al, dx",
            "mov {byte}, rax",
            "out dx, ax",
            "in ax, dx",
            "mov {word}, rax",
            "mov eax, 0x12345678",
            "out dx, eax",
            "mov rax, -1",
            "in eax, dx",
            "mov {double}, rax",
            in("dx") 0x3f8_u16,
            byte = out(reg) byte, word = out(reg) word, double = out(reg) double,
            out("rax") _,
        );
    }
    assert_eq!(byte, 0xffff_ffff_ffff_ff00, "8 bits leave the rest");
    assert_eq!(word, 0xffff_ffff_ffff_ff01, "16 bits leave the rest");
    assert_eq!(double, 0x1234_5679, "32 bits clear the rest");
    assert_eq!(
        ports.device().log,
        [
            ('W', 0, Width::U8, 0xff),
            ('R', 0, Width::U8, 0x100),
            ('W', 0, Width::U16, 0xff00),
            ('R', 0, Width::U16, 0xff01),
            ('W', 0, Width::U32, 0x1234_5678),
            ('R', 0, Width::U32, 0x1234_5679),
        ]
    );
}

#[test]
fn constant_ports_and_strings_work() {
    let ports = echo(0x80);
    let bytes = *b"abc";
    let mut back = [0_u8; 2];
    let (end, left): (usize, usize);
    // SAFETY: The ports are simulated; the strings are inside the arrays.
    unsafe {
        asm!(
            "out 0x81, al",
            "rep outsb",
            "mov ecx, 2",
            "mov rdi, {back}",
            "rep insb",
            in("al") 5_u8, in("dx") 0x84_u16, back = in(reg) back.as_mut_ptr(),
            inout("rsi") bytes.as_ptr() => end, inout("rcx") 3_usize => left, out("rdi") _,
        );
    }
    assert_eq!((end - bytes.as_ptr().addr(), left), (3, 0));
    assert_eq!(back, [100, 101]);
    assert_eq!(
        ports.device().log[..4],
        [('W', 1, Width::U8, 5), ('W', 4, Width::U8, 97), ('W', 4, Width::U8, 98), ('W', 4, Width::U8, 99)]
    );
}

#[test]
fn strings_of_all_widths_work() {
    let ports = echo(0x90);
    let words = [0x1111_u16, 0x2222];
    let doubles = [0x3333_3333_u32, 0x4444_4444];
    let (mut words_back, mut doubles_back) = ([0_u16; 2], [0_u32; 2]);
    // SAFETY: The ports are simulated; the strings are inside the arrays.
    unsafe {
        asm!(
            "rep outsw",
            "mov ecx, 2",
            "rep insw",
            "mov ecx, 2",
            "mov rsi, {doubles}",
            "mov rdi, {doubles_back}",
            "rep outsd",
            "insd",
            "insd",
            in("dx") 0x94_u16, doubles = in(reg) doubles.as_ptr(), doubles_back = in(reg) doubles_back.as_mut_ptr(),
            inout("rsi") words.as_ptr() => _, inout("rcx") 2_usize => _, inout("rdi") words_back.as_mut_ptr() => _,
        );
    }
    assert_eq!((words_back, doubles_back), ([0x2223, 0x2224], [0x4444_4445, 0x4444_4446]));
    let log = &ports.device().log;
    assert_eq!(log.iter().map(|access| access.2).collect::<Vec<_>>(), [[Width::U16; 4], [Width::U32; 4]].concat());
    assert_eq!((log[1].3, log[5].3), (0x2222, 0x4444_4444));
}

#[test]
fn strings_go_downwards_and_may_be_empty() {
    let ports = echo(0xb0);
    let bytes = *b"abc";
    let last = &raw const bytes[2];
    let (end, untouched): (usize, usize);
    // SAFETY: The ports are simulated; the string is inside the array; the direction flag is clear again behind it.
    unsafe {
        asm!(
            "std",
            "rep outsb",
            "cld",
            "mov {untouched}, rsi",
            "rep outsb",
            in("dx") 0xb0_u16, untouched = out(reg) untouched,
            inout("rsi") last => end, inout("rcx") 3_usize => _,
        );
    }
    assert_eq!(
        (untouched, end),
        (bytes.as_ptr().addr().wrapping_sub(1), untouched),
        "no bytes are left, so none is moved"
    );
    assert_eq!(ports.device().log.iter().map(|access| access.3 as u8).collect::<Vec<_>>(), b"cba");
}

#[test]
fn ports_that_are_mapped_are_an_error() {
    let ports = echo(0x200);
    let error = ports.bus().ports(0x207..=0x208, Echo::default()).unwrap_err();
    assert!(matches!(error, MapError::Overlap { address: 0x207, region_address: 0x200, .. }), "{error}");
    drop(ports);
    drop(echo(0x200));
    #[expect(clippy::reversed_empty_ranges, reason = "the mistake is what is tested")]
    let empty = Bus::new().ports(9..=8, Echo::default());
    assert!(matches!(empty, Err(MapError::ZeroSize)));
}
