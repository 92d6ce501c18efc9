//! What cannot be mapped is an error that says why and what to do.

#[path = "support/device.rs"]
mod device;

use device::Scratch;
use memtrap::{Bus, MapError};

/// A range that nothing else in a test process uses: far from the program, libraries, stacks and the heap.
const FREE: usize = 0x1234_5000_0000;

#[track_caller]
fn refused(address: Option<usize>, size: usize) -> MapError {
    let bus = Bus::new();
    let result = match address {
        None => bus.map(size, Scratch::default()),
        Some(address) => bus.map_at(address, size, Scratch::default()),
    };
    result.expect_err("the region must be refused")
}

#[test]
fn a_region_needs_a_byte() {
    for address in [None, Some(FREE)] {
        let error = refused(address, 0);
        assert!(matches!(error, MapError::ZeroSize));
        assert_eq!(error.to_string(), "a region needs at least one byte: pass the size of the register block");
    }
}

#[test]
fn a_fixed_address_is_aligned_to_the_bus() {
    let error = refused(Some(FREE + 0x1002), 0x100);
    assert!(matches!(error, MapError::Misaligned { align: 8, .. }));
    assert_eq!(
        error.to_string(),
        "address 0x123450001002 is not a multiple of 8, the width of the bus in bytes: 0x123450001000 or 0x123450001008?"
    );
}

#[test]
fn a_fixed_address_need_not_be_a_page() {
    let region = Bus::new().map_at(FREE + 0x2018, 8, Scratch::default()).expect("the address is free");
    assert_eq!(region.base().addr(), FREE + 0x2018);
}

#[test]
fn live_regions_do_not_overlap() {
    let bus = Bus::new();
    let _first = bus.map_at(FREE + 0x1_0000, 0x2000, Scratch::default()).expect("the address is free");
    let error = bus.map_at(FREE + 0x1_1ff8, 0x1000, Scratch::default()).expect_err("the last 8 bytes overlap");
    assert_eq!(
        error.to_string(),
        "0x1000 bytes at 0x123450011ff8 overlap the region `scratch` (0x2000 bytes at 0x123450010000): drop its \
         simulation first or choose another address"
    );
}

#[test]
fn regions_of_different_buses_do_not_overlap_either() {
    let _first = Bus::new().map_at(FREE + 0x2_0000, 0x1000, Scratch::default()).expect("the address is free");
    assert!(matches!(refused(Some(FREE + 0x2_0000), 0x1000), MapError::Overlap { .. }));
}

#[test]
fn neighbours_do_not_overlap() {
    let bus = Bus::new();
    let first = bus.map_at(FREE + 0x3_0000, 0x18, Scratch::default()).expect("the address is free");
    let second = bus.map_at(FREE + 0x3_0018, 0x10, Scratch::default()).expect("a page can be shared");
    assert_eq!((first.name(), second.name()), ("scratch", "scratch.2"));
}

#[test]
fn the_range_of_a_dropped_region_can_be_mapped_again() {
    for _ in 0..3 {
        let region = Bus::new().map_at(FREE + 0x4_0000, 0x1000, Scratch::default()).expect("the address is free again");
        drop(region);
    }
}

#[test]
fn nothing_fits_beyond_the_address_space() {
    for (address, size) in [(usize::MAX - 7, 8), (1 << 48, 0x1000), (0xffff_8000_0000_0000, 0x1000), (FREE, 1 << 48)] {
        let error = refused(Some(address), size);
        let text = error.to_string();
        assert!(matches!(error, MapError::OutOfRange { .. }), "{text}");
        assert!(text.contains("do not fit in the address space of this process"), "{text}");
    }
}

#[test]
fn a_size_without_bounds_is_refused() {
    for size in [usize::MAX, usize::MAX - 0xfff, (1 << 48) + 1] {
        let error = refused(None, size);
        assert!(matches!(error, MapError::System { address: None, .. }), "{error}");
    }
}

#[test]
fn the_null_page_is_nobodys() {
    let text = refused(Some(0), 0x1000).to_string();
    assert!(text.contains("0x1000 bytes at 0x0 are in use by the null page"), "{text}");
    assert!(matches!(refused(Some(0x18), 8), MapError::AddressTaken { .. }));
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod taken {
    use super::*;

    #[test]
    fn the_program_is_not_replaced() {
        let page = refused as *const () as usize & !0xfff;
        let error = refused(Some(page), 0x1000);
        let MapError::AddressTaken { by: Some(by), .. } = &error else { panic!("{error:?}") };
        assert!(by.contains("bad_input"), "{by}");
        assert!(error.to_string().contains("are in use by"), "{error}");
    }

    #[test]
    fn the_stack_and_the_heap_are_not_replaced() {
        let (local, boxed) = (0_u8, Box::new([0_u8; 1 << 20]));
        for address in [(&raw const local).addr(), boxed.as_ptr().addr()] {
            let error = refused(Some(address & !0xfff), 0x1000);
            assert!(matches!(error, MapError::AddressTaken { .. }), "{error}");
        }
    }

    #[test]
    fn a_range_that_is_partly_taken_is_left_as_it_was() {
        let page = refused as *const () as usize & !0xfff;
        // From far below into the program: what was reserved before the collision is given back.
        let size = 1 << 30;
        assert!(matches!(refused(Some(page - size + 0x1000), size), MapError::AddressTaken { .. }));
        let again = refused(Some(page - size + 0x1000), size);
        assert!(matches!(again, MapError::AddressTaken { .. }), "{again}");
    }
}
