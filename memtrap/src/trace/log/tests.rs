use super::{
    super::testing::{MAP, note, read, refused, write},
    *,
};
use crate::bus::shape::{Asked, Head, Origin};

const UART: TracedRegion = TracedRegion { name: "uart", size: MAP.size, registers: Some(&MAP) };

/// A log with one region, and the last access that has begun.
struct Recording {
    log: Log,
    lane: Lane,
    begun: u64,
}

impl Recording {
    fn new() -> Self {
        let mut log = Log::default();
        let lane = log.add_region(UART);
        Self { log, lane, begun: 0 }
    }

    fn push(&mut self, event: Event) {
        self.begun = self.begun.max(event.sequence);
        let EventKind::Access(AccessEvent { direction, access, value, error, .. }) = event.kind else {
            return self.log.push(self.begun, event);
        };
        let origin = Origin::new(access.location).read_modify_write(access.read_modify_write).locked(access.locked);
        let shape = origin.shape(direction, access.width);
        let asked = Asked {
            head: Head::new(access.sequence, 0, shape).failed(error.is_some()),
            offset: access.offset,
            time: u64::try_from(access.time.as_nanos()).unwrap(),
            location: origin.packed(),
        };
        if let Some(error) = error {
            self.log.explain(access.sequence, error);
        }
        let [_, record] = self.lane.pair().expect("the chunk has room");
        record.begin(&asked);
        record.answer(value);
        if self.lane.complete() {
            let _circles = self.log.take_over(&mut self.lane, |_| false);
        }
    }
}

fn sequences(log: &Log) -> Vec<u64> {
    log.snapshot().events.iter().map(|event| event.sequence).collect()
}

fn log(events: impl IntoIterator<Item = Event>) -> Log {
    let mut recording = Recording::new();
    events.into_iter().for_each(|event| recording.push(event));
    recording.log
}

#[test]
fn an_access_goes_before_what_its_model_did_meanwhile() {
    // The model of access 1 remarks, makes access 2 to another device, and remarks again before it answers.
    let mut outer = Recording::new();
    outer.push(note(1, "before"));
    outer.begun = 2;
    outer.push(note(1, "after"));
    outer.push(write(1, 0x00, 0));
    let mut inner = outer.log.add_region(TracedRegion { name: "other", ..UART });
    std::mem::swap(&mut outer.lane, &mut inner);
    outer.push(read(2, 0x18, 0));
    outer.push(read(3, 0x18, 0));
    let trace = outer.log.snapshot();
    assert_eq!(
        trace.to_string(),
        "#1     W uart.dr   0x00000000\n       . uart      before\n#2     R other.fr  0x0000\n       . uart      after\n\
         #3     R other.fr  0x0000\n"
    );
}

#[test]
fn accesses_of_several_regions_are_in_the_order_in_which_they_began() {
    let mut recording = Recording::new();
    let mut other = recording.log.add_region(TracedRegion { name: "other", ..UART });
    for sequence in [2, 4, 1, 3, 5] {
        recording.push(read(sequence, 0x18, 0));
        std::mem::swap(&mut recording.lane, &mut other);
    }
    assert_eq!(sequences(&recording.log), [1, 2, 3, 4, 5]);
}

#[test]
fn the_records_of_a_full_chunk_stay_where_they_were() {
    let count = 3_000;
    let log = log((1..=count).map(|sequence| read(sequence, 0x18, sequence & 0xff)));
    assert!(log.full.len() > 4);
    let trace = log.snapshot();
    assert!(trace.accesses().zip(1..=count).all(|(access, n)| (access.access.sequence, access.value) == (n, n & 0xff)));
    assert_eq!(trace.events.len() as u64, count);
}

#[test]
fn a_region_that_comes_again_goes_on_where_it_was() {
    let mut recording = Recording::new();
    recording.push(read(1, 0x18, 0));
    recording.lane = recording.log.add_region(TracedRegion { name: "other", ..UART });
    recording.lane = recording.log.add_region(UART);
    recording.push(read(2, 0x18, 0));
    assert_eq!(sequences(&recording.log), [1, 2]);
    assert_eq!(recording.log.regions().len(), 2);
}

#[test]
fn why_an_access_was_refused_is_kept() {
    let log = log([read(1, 0x18, 0), refused(write(2, 0x00, 1))]);
    let errors: Vec<_> = log.snapshot().accesses().map(|access| access.error.clone()).collect();
    assert_eq!(errors, [None, Some(BusError::WriteOnly)]);
    assert_eq!(log.coverage().registers().map(|register| register.writes).sum::<u64>(), 0);
}

#[test]
fn what_was_not_recorded_counts_as_dropped() {
    let mut recording = Recording::new();
    recording.push(read(1, 0x18, 0));
    recording.lane.skip();
    recording.log.skip();
    assert_eq!(recording.log.snapshot().dropped(), 2);
    recording.log.clear();
    assert_eq!(recording.log.snapshot().dropped(), 0);
}

#[test]
fn a_remark_of_no_access_stays_where_it_was_made() {
    assert_eq!(sequences(&log([read(1, 0x18, 0), note(0, "reset"), read(2, 0x18, 0)])), [1, 0, 2]);
}

#[test]
fn the_oldest_events_are_dropped_and_counted() {
    // A few in a chunk that stays, and whole chunks.
    for more in [10, 2 * CAPACITY as u64 + 10] {
        let log = log((1..=CAPACITY as u64 + more).map(|sequence| read(sequence, 0x18, 0)));
        assert!(log.held <= CAPACITY + LARGEST, "the memory is bounded");
        let trace = log.snapshot();
        assert_eq!((trace.events.len(), trace.dropped()), (CAPACITY, more));
        assert_eq!(trace.events[0].sequence, more + 1);
    }
}

#[test]
fn the_last_events_count_the_others() {
    let log = log((1..=5).map(|sequence| read(sequence, 0x18, 0)));
    let recent = log.recent(2);
    assert_eq!((recent.events.len(), recent.left_out, recent.dropped()), (2, 3, 0));
    assert_eq!(recent, log.snapshot().tail(2));
    assert_eq!(log.recent(9).events.len(), 5);
}

#[test]
fn events_that_are_gone_still_count_as_covered() {
    let mut log = log((1..=3 * CAPACITY as u64 + 10).map(|sequence| read(sequence, 0x18, 0)));
    let reads = |log: &Log| log.coverage().registers().map(|register| register.reads).sum::<u64>();
    assert_eq!(reads(&log), 3 * CAPACITY as u64 + 10);
    log.clear();
    assert_eq!(reads(&log), 3 * CAPACITY as u64 + 10);
}

#[test]
fn clearing_forgets_what_was_dropped_too() {
    let mut log = log((0..=CAPACITY as u64).map(|sequence| read(sequence, 0x18, 0)));
    log.clear();
    assert_eq!(log.snapshot(), Trace { regions: vec![UART], ..Trace::default() });
}
