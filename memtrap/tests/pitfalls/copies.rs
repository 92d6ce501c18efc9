//! libc's block functions reach devices with whatever instructions they choose.

use crate::page::Page;
use std::ffi::c_void;

/// Device bytes that are read, as often as they are.
fn touched(page: &Page, direction: char) -> Vec<usize> {
    let log = page.log();
    let entries = log.iter().filter(|entry| entry.0 == direction);
    entries.flat_map(|(_, offset, width)| *offset..offset + width).collect()
}

/// Every byte of the range at least once, none outside; how many of them more than once.
fn repeated(bytes: &[usize], start: usize, length: usize) -> usize {
    let mut counts = vec![0; length];
    for byte in bytes {
        assert!((start..start + length).contains(byte), "byte {byte} lies outside of {length} bytes at {start}");
        counts[byte - start] += 1;
    }
    assert!(counts.iter().all(|count| *count > 0), "{length} bytes at {start}: {counts:?}");
    counts.iter().filter(|count| **count > 1).count()
}

/// libc copies the head and the tail of a block with vectors that overlap: a device sees some bytes twice. The data is
/// right all the same; for a register that changes when it is read, it is as on hardware.
#[test]
fn pitfall_39_block_functions_may_access_a_byte_twice() {
    const AT: usize = 0x303;
    let page = Page::new();
    let mut twice = Vec::new();
    for length in 1..=300 {
        let source: Vec<u8> = (0..length).map(|at| (at ^ length) as u8).collect();
        let (device, memory) = (page.at(AT).cast::<c_void>(), source.as_ptr().cast::<c_void>());
        // SAFETY: One side is the test's memory, the other is trapped.
        unsafe { libc::memcpy(device, memory, length) };
        assert_eq!(page.bytes(AT, length), source, "memcpy of {length} bytes into the device");
        let written = repeated(&touched(&page, 'W'), AT, length);

        let mut back = vec![0; length];
        // SAFETY: As above.
        unsafe { libc::memcpy(back.as_mut_ptr().cast(), device, length) };
        assert_eq!(back, source, "memcpy of {length} bytes out of the device");
        let read = repeated(&touched(&page, 'R'), AT, length);

        // SAFETY: As above.
        let order = unsafe { libc::memcmp(device, memory, length) };
        assert_eq!(order, 0, "memcmp of {length} bytes");
        // Without masked loads it reads whole vectors, beyond the end of the block, as far as the page goes.
        let read_to_compare = touched(&page, 'R');
        assert!((AT..AT + length).all(|byte| read_to_compare.contains(&byte)), "memcmp of {length} bytes");

        // SAFETY: The region traps the accesses.
        unsafe { libc::memmove(device.wrapping_byte_add(1), device, length) };
        assert_eq!(page.bytes(AT + 1, length), source, "memmove of {length} bytes within the device");
        page.log();

        // SAFETY: As above.
        unsafe { libc::memset(device, 0x5a, length) };
        assert_eq!(page.bytes(AT, length), vec![0x5a; length], "memset of {length} bytes");
        repeated(&touched(&page, 'W'), AT, length);
        if read > 0 || written > 0 {
            twice.push((length, read, written));
        }
    }
    println!("memcpy: (length, bytes read twice, bytes written twice): {twice:?}");
}
