use super::{
    super::testing::{note, read, write},
    *,
};

fn sequences(log: &Log) -> Vec<u64> {
    log.snapshot().events.iter().map(|event| event.sequence).collect()
}

fn log(events: impl IntoIterator<Item = Event>) -> Log {
    let mut log = Log::default();
    events.into_iter().for_each(|event| log.push(event));
    log
}

#[test]
fn an_access_goes_before_what_its_model_did_meanwhile() {
    // The model of access 1 remarks, makes access 2 itself, and remarks again before it answers.
    let log = log([note(1, "before"), read(2, 0x18, 0), note(1, "after"), write(1, 0x00, 0), read(3, 0x18, 0)]);
    let trace = log.snapshot();
    assert_eq!(
        trace.to_string(),
        "#1     W uart.dr  0x00000000\n       . uart     before\n#2     R uart.fr  0x0000\n       . uart     after\n\
         #3     R uart.fr  0x0000\n"
    );
}

#[test]
fn accesses_of_several_threads_are_in_the_order_in_which_they_began() {
    assert_eq!(sequences(&log([2, 4, 1, 3].map(|sequence| read(sequence, 0x18, 0)))), [1, 2, 3, 4]);
}

#[test]
fn a_remark_of_no_access_stays_where_it_was_made() {
    assert_eq!(sequences(&log([read(1, 0x18, 0), note(0, "reset"), read(2, 0x18, 0)])), [1, 0, 2]);
}

#[test]
fn the_oldest_events_are_dropped_and_counted() {
    const MORE: u64 = 10;
    let log = log((1..=CAPACITY as u64 + MORE).map(|sequence| read(sequence, 0x18, 0)));
    let trace = log.snapshot();
    assert_eq!((trace.events.len(), trace.dropped()), (CAPACITY, MORE));
    assert_eq!(trace.events[0].sequence, MORE + 1);
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
    let mut log = log((0..CAPACITY as u64 + 10).map(|sequence| read(sequence, 0x18, 0)));
    let reads = |log: &Log| log.coverage().registers().map(|register| register.reads).collect::<Vec<_>>();
    assert_eq!(reads(&log), [CAPACITY as u64 + 10]);
    log.clear();
    assert_eq!(reads(&log), [CAPACITY as u64 + 10]);
}

#[test]
fn clearing_forgets_what_was_dropped_too() {
    let mut log = log((0..=CAPACITY as u64).map(|sequence| read(sequence, 0x18, 0)));
    log.clear();
    assert_eq!(log.snapshot(), Trace::default());
}
