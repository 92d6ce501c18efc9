use super::{
    super::testing::{region, span},
    *,
};
use std::ptr;

const BLOCK: usize = BLOCK_PAGES * PAGE;

#[track_caller]
fn assert_region(address: usize, expected: &'static Mapping) {
    match lookup(address) {
        Lookup::Region(found) => assert!(ptr::eq(found, expected), "{address:#x}: {found:?}"),
        other => panic!("{address:#x}: {other:?} instead of {expected:?}"),
    }
}

#[track_caller]
fn assert_gap(address: usize) {
    assert!(matches!(lookup(address), Lookup::Gap(_)), "{address:#x}: {:?}", lookup(address));
    assert!(is_claimed(address));
}

#[track_caller]
fn assert_foreign(address: usize) {
    assert!(matches!(lookup(address), Lookup::Foreign), "{address:#x}: {:?}", lookup(address));
    assert!(!is_claimed(address));
}

#[test]
fn a_page_is_found_from_its_first_to_its_last_byte() {
    let start = span(PAGE);
    let (mapping, ..) = region(start, PAGE);
    assert_foreign(start - 1);
    assert_region(start, mapping);
    assert_region(start + PAGE - 1, mapping);
    assert_foreign(start + PAGE);
}

#[test]
fn regions_share_a_page() {
    let start = span(PAGE);
    let (first, ..) = region(start + 0x100, 0x10);
    let (second, ..) = region(start + 0x110, 8);
    assert_gap(start);
    assert_gap(start + 0xff);
    assert_region(start + 0x10f, first);
    assert_region(start + 0x110, second);
    assert_gap(start + 0x118);
    assert_gap(start + PAGE - 1);
    assert_foreign(start + PAGE);
}

#[test]
fn a_region_may_straddle_two_pages() {
    let start = span(2 * PAGE) + PAGE - 8;
    let (mapping, ..) = region(start, 16);
    assert_gap(start - 1);
    assert_region(start, mapping);
    assert_region(start + 15, mapping);
    assert_gap(start + 16);
}

#[test]
fn a_large_region_takes_whole_blocks_and_leaves() {
    let start = span(4 * BLOCK) + BLOCK - PAGE;
    let (mapping, ..) = region(start, 2 * BLOCK + 2 * PAGE);
    assert_foreign(start - 1);
    for address in [start, start + PAGE, start + BLOCK, start + 2 * BLOCK, start + 2 * BLOCK + 2 * PAGE - 1] {
        assert_region(address, mapping);
    }
    assert_foreign(start + 2 * BLOCK + 2 * PAGE);
}

#[test]
fn a_tebibyte_takes_no_leaves() {
    const SIZE: usize = 1 << 40;
    let start = span(SIZE);
    let (mapping, ..) = region(start, SIZE);
    assert_region(start + SIZE / 2 + 12345, mapping);
    assert_region(start + SIZE - 1, mapping);
    assert_foreign(start + SIZE);
    let (root, middle, _) = split(start + SIZE / 2).unwrap();
    assert!(ROOT[root].get().unwrap()[middle].pages.get().is_none());
}

#[test]
fn addresses_beyond_the_table_are_foreign() {
    for address in [ADDRESS_LIMIT, usize::MAX, 0] {
        assert_foreign(address);
    }
}

#[test]
fn a_retired_region_is_still_found() {
    let start = span(PAGE);
    let (mapping, slot, _bus) = region(start, PAGE);
    mapping.retire();
    drop(slot.retire());
    assert_region(start + 8, mapping);
    assert!(!mapping.is_live());
}

#[test]
fn a_new_region_replaces_a_retired_one() {
    let start = span(PAGE);
    let (old, _, _bus) = region(start, PAGE);
    old.retire();
    let (new, ..) = region(start, 0x100);
    assert_region(start, new);
    assert_eq!(at_page(start).count(), 1, "the old region's cell is gone");
    assert_gap(start + 0x100);
}

#[test]
fn a_live_region_is_preferred_to_a_retired_one_that_was_mapped_later() {
    let start = span(PAGE);
    let (kept, ..) = region(start, 0x100);
    let (retired, _, _bus) = region(start + 0x100, 0x100);
    retired.retire();
    assert_region(start, kept);
    assert_region(start + 0x100, retired);
}

#[test]
fn a_small_region_replaces_part_of_a_large_retired_one() {
    let start = span(2 * BLOCK);
    let (large, _, _bus) = region(start, 2 * BLOCK);
    large.retire();
    let (small, ..) = region(start + PAGE, PAGE);
    assert_region(start, large);
    assert_region(start + PAGE, small);
    assert_region(start + 2 * PAGE, large);
}

#[test]
fn remapping_a_thousand_times_keeps_the_chain_short() {
    let start = span(PAGE);
    for _ in 0..1000 {
        let (mapping, _, _bus) = region(start, PAGE);
        mapping.retire();
    }
    assert_eq!(at_page(start).count(), 1);
}

#[test]
fn overlaps_are_found_to_the_byte() {
    let start = span(PAGE);
    let (mapping, _, _bus) = region(start + 0x100, 0x10);
    for (at, size, overlaps) in [
        (0xf0, 0x10, false),
        (0xf0, 0x11, true),
        (0x100, 1, true),
        (0x10f, 1, true),
        (0x110, 1, false),
        (0, PAGE, true),
    ] {
        assert_eq!(live_overlap(start + at, size, |_| true).is_some(), overlaps, "{size:#x} bytes at +{at:#x}");
    }
    mapping.retire();
    assert!(live_overlap(start, PAGE, |_| true).is_none());
}

#[test]
fn overlaps_with_large_regions_are_found() {
    let start = span(4 * BLOCK);
    let (mapping, ..) = region(start + BLOCK, BLOCK);
    let found =
        |at: usize, size: usize| live_overlap(start + at, size, |_| true).is_some_and(|found| ptr::eq(found, mapping));
    assert!(!found(0, BLOCK));
    assert!(found(0, BLOCK + 1));
    assert!(found(0, 4 * BLOCK));
    assert!(found(BLOCK + 5 * PAGE + 3, 1));
    assert!(found(2 * BLOCK - 1, 1));
    assert!(!found(2 * BLOCK, 2 * BLOCK));
}

#[test]
fn many_regions_are_all_found() {
    const COUNT: usize = 4096;
    let start = span(COUNT * PAGE);
    let regions: Vec<_> = (0..COUNT).map(|index| region(start + index * PAGE, PAGE).0).collect();
    for (index, mapping) in regions.into_iter().enumerate() {
        assert_region(start + index * PAGE + index, mapping);
    }
}

#[test]
fn lookups_race_with_a_writer() {
    let start = span(PAGE);
    let (first, _, _bus) = region(start, PAGE);
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            // Every state a reader can see has the page claimed: by the old region or by a new one.
            (0..20_000).all(|_| matches!(lookup(start + 8), Lookup::Region(_)))
        });
        first.retire();
        for _ in 0..200 {
            let (mapping, _, _bus) = region(start, PAGE);
            mapping.retire();
        }
        assert!(reader.join().unwrap());
    });
}
