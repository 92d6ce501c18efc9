//! Masks, gathers and scatters.

use crate::page::{Edge, Page, has_avx512};
use std::arch::asm;

/// Loads with mask `k1`, by name.
macro_rules! masked {
    ($page:expr, $mask:expr, $instruction:literal) => {
        // SAFETY: The region traps the access.
        unsafe {
            asm!("kmovd k1, {mask:e}", $instruction, mask = in(reg) $mask, base = in(reg) $page, out("k1") _,
                out("xmm0") _, out("xmm1") _);
        }
    };
}

#[test]
fn pitfall_05_masked_off_bytes_reach_nobody() {
    if !has_avx512("pitfall 5") {
        return;
    }
    let page = Page::new();
    masked!(page.at(0), 0b1010_0101, "vmovdqu32 ymm0{{k1}}{{z}}, [{base}]");
    assert_eq!(page.log(), [('R', 0, 4), ('R', 8, 4), ('R', 20, 4), ('R', 28, 4)]);
    masked!(page.at(0), 0, "vmovdqu32 ymm0{{k1}}{{z}}, [{base}]");
    assert_eq!(page.log(), []);
    masked!(page.at(0), 0b100, "vaddps xmm0{{k1}}{{z}}, xmm1, dword ptr [{base}]{{1to4}}");
    assert_eq!(page.log(), [('R', 0, 4)], "a broadcast reads its element once");
    masked!(page.at(0), 0b1010, "vexpandps xmm0{{k1}}{{z}}, [{base}]");
    assert_eq!(page.log(), [('R', 0, 8)], "an expanding load reads as many elements as bits are set");
}

#[test]
fn pitfall_06_some_masked_loads_read_everything() {
    if !has_avx512("pitfall 6") {
        return;
    }
    let page = Page::new();
    masked!(page.at(0), 0, "vpermd ymm0{{k1}}{{z}}, ymm1, [{base}]");
    assert_eq!(page.log(), [('R', 0, 8), ('R', 8, 8), ('R', 16, 8), ('R', 24, 8)]);
}

#[test]
fn pitfall_07_a_masked_store_does_not_read() {
    if !has_avx512("pitfall 7") {
        return;
    }
    let page = Page::new();
    masked!(page.at(0), 0b0110, "vmovups [{base}]{{k1}}, xmm0");
    assert_eq!(page.log(), [('W', 4, 4), ('W', 8, 4)]);
    masked!(page.at(0), 0b1001, "vpcompressd [{base}]{{k1}}, xmm0");
    assert_eq!(page.log(), [('W', 0, 8)]);
}

#[test]
fn pitfall_13_a_gather_reads_each_element_once() {
    if !has_avx512("pitfall 13") {
        return;
    }
    let edge = Edge::new();
    edge.set_memory(&[0x11; 16]);
    edge.device.set(0, &[0x22; 16]);
    // Elements 0 and 2 lie in memory, 1 and 3 in the device.
    let indices = [-4_i32, 1, -2, 3];
    let mut gathered = [0_u32; 4];
    // SAFETY: The elements are the test's memory, or trapped.
    unsafe {
        asm!("vmovdqu xmm1, [{indices}]", "vpcmpeqd xmm2, xmm2, xmm2", "vpgatherdd xmm0, [{base} + xmm1*4], xmm2",
            "vmovdqu [{gathered}], xmm0", indices = in(reg) &raw const indices, base = in(reg) edge.before(0),
            gathered = in(reg) &raw mut gathered, out("xmm0") _, out("xmm1") _, out("xmm2") _);
    }
    assert_eq!(gathered, [0x1111_1111, 0x2222_2222, 0x1111_1111, 0x2222_2222]);
    assert_eq!(edge.device.log(), [('R', 4, 4), ('R', 12, 4)]);
}

#[test]
fn pitfall_14_a_scatter_to_one_register_writes_twice_in_order() {
    if !has_avx512("pitfall 14") {
        return;
    }
    let page = Page::new();
    let (indices, values) = ([2_i32, 0, 2, 0], [1_u32, 2, 3, 4]);
    // SAFETY: The region traps the accesses.
    unsafe {
        asm!("vmovdqu xmm1, [{indices}]", "vmovdqu xmm0, [{values}]", "kxnorw k1, k1, k1",
            "vpscatterdd [{base} + xmm1*4]{{k1}}, xmm0", indices = in(reg) &raw const indices,
            values = in(reg) &raw const values, base = in(reg) page.at(0), out("xmm0") _, out("xmm1") _, out("k1") _);
    }
    assert_eq!(page.log(), [('W', 8, 4), ('W', 0, 4), ('W', 8, 4), ('W', 0, 4)]);
    assert_eq!((page.bytes(0, 4), page.bytes(8, 4)), (vec![4, 0, 0, 0], vec![3, 0, 0, 0]), "the last write counts");
}
