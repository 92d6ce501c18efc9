use super::{
    super::testing::{Recorder, uart},
    *,
};
use crate::{
    bus::{CodeLocation, ledger::Books},
    trace::TracedRegion,
};

fn split(offset: usize, length: usize, bus: Width) -> Vec<(usize, usize)> {
    pieces(offset, length, bus).map(|(at, width)| (at, width.bytes())).collect()
}

#[test]
fn an_aligned_access_no_wider_than_the_bus_is_one_piece() {
    for width in [Width::U8, Width::U16, Width::U32, Width::U64] {
        assert_eq!(split(0x18, width.bytes(), Width::U64), [(0x18, width.bytes())]);
    }
}

#[test]
fn a_wide_access_is_split_to_the_bus_in_ascending_order() {
    assert_eq!(split(0x10, 16, Width::U32), [(0x10, 4), (0x14, 4), (0x18, 4), (0x1c, 4)]);
    assert_eq!(split(0, 8, Width::U8), (0..8).map(|at| (at, 1)).collect::<Vec<_>>());
    assert_eq!(split(0x40, 64, Width::U64).len(), 8);
}

#[test]
fn a_misaligned_access_is_split_at_natural_boundaries() {
    assert_eq!(split(1, 4, Width::U32), [(1, 1), (2, 2), (4, 1)]);
    assert_eq!(split(2, 8, Width::U64), [(2, 2), (4, 4), (8, 2)]);
    assert_eq!(split(7, 2, Width::U64), [(7, 1), (8, 1)]);
    assert_eq!(split(6, 10, Width::U16), [(6, 2), (8, 2), (10, 2), (12, 2), (14, 2)]);
}

#[test]
fn pieces_cover_every_byte_once() {
    for bus in [Width::U8, Width::U16, Width::U32, Width::U64] {
        for offset in 0..16 {
            for length in 0..80 {
                let mut next = offset;
                for (at, width) in pieces(offset, length, bus) {
                    assert_eq!(at, next);
                    assert!(width <= bus && at.is_multiple_of(width.bytes()));
                    next += width.bytes();
                }
                assert_eq!(next, offset + length);
            }
        }
    }
}

fn origin() -> Origin {
    Origin::new(CodeLocation::Instruction(0x1234))
}

fn with<R>(device: Recorder, work: impl FnOnce(&mut Session<'_>) -> R) -> (R, Recorder, Arc<Core>) {
    let (mapping, _, bus) = uart(|_, _| Ok(()));
    let mut device = device;
    let region = TracedRegion { name: mapping.name(), size: mapping.size(), registers: mapping.registers() };
    let mut books = Books::new(bus.add_region(region));
    let result = work(&mut Session::new(Ledger { mapping, bus: &bus, books: &mut books }, &mut device));
    (result, device, bus)
}

#[test]
fn a_model_sees_and_gives_no_bits_beyond_the_width() {
    let device = Recorder::uart(|_, _| Ok(()));
    let ((read, written), device, _) = with(device, |session| {
        let read = session.read(0x20, Width::U8, origin());
        (read.0, session.write(0x00, Width::U16, 0xdead_beef, origin()).is_ok())
    });
    assert_eq!((read, written), (0x20, true));
    assert_eq!(device.log()[1], (Direction::Write, 0, 2, 0xbeef));
}

#[test]
fn a_refused_read_completes_with_all_bits_set() {
    let (result, _, bus) = with(Recorder::uart(|_, _| Err(BusError::Unmapped)), |session| {
        let (value, result) = session.read(0x18, Width::U16, origin());
        (value, result.map_err(|fault| fault.failure))
    });
    assert_eq!(result.0, 0xffff);
    assert!(matches!(result.1, Err(Failure::Refused(BusError::Unmapped))));
    let trace = bus.trace();
    assert_eq!(trace.accesses().next().unwrap().error, Some(BusError::Unmapped));
}

#[test]
fn a_failing_model_still_answers() {
    let device = Recorder::uart(|_, cx| {
        cx.fail("first");
        cx.fail("second");
        Ok(())
    });
    let ((value, failure), ..) = with(device, |session| {
        let (value, result) = session.read(0x18, Width::U32, origin());
        (value, result.unwrap_err().failure)
    });
    assert_eq!(value, 0x18);
    assert!(matches!(failure, Failure::Failed(reason) if reason == "first"));
}

#[test]
fn accesses_are_numbered_from_one() {
    let (_, device, _) = with(Recorder::uart(|_, _| Ok(())), |session| {
        for _ in 0..3 {
            let _ = session.read(0, Width::U32, origin());
        }
    });
    assert_eq!(device.asked.iter().map(|(_, access, _)| access.sequence).collect::<Vec<_>>(), [1, 2, 3]);
}

#[test]
fn an_access_during_which_the_model_panics_is_recorded() {
    let (mapping, _, bus) = uart(|_, _| panic!("the model's own words"));
    let panic = catch_unwind(|| mapping.with(|session| session.read(0x18, Width::U32, origin()).0));
    assert!(panic.is_err());
    let trace = bus.trace();
    assert_eq!(trace.to_string(), "#1     R uart.fr  0xffffffff  refused: the device model panicked\n");
}
