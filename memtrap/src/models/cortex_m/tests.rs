//! What the architecture's manual promises.

use super::{Nvic, SysTick};
use crate::{
    bus::{Bus, Region, typed},
    map::Width::{self, U8, U32},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// One microsecond a cycle.
const FREQUENCY: u32 = 1_000_000;
const SYSTICK: u32 = 1_000;

fn read<D: crate::Device>(region: &Region<D>, offset: usize) -> u64 {
    typed::read(region.base().addr() + offset, U32).expect("the address is simulated")
}

fn write<D: crate::Device>(region: &Region<D>, offset: usize, width: Width, value: u64) {
    assert!(typed::write(region.base().addr() + offset, width, value));
}

/// A controller of 40 interrupts with 4 bits of priority, somewhere.
fn nvic(bus: &Bus) -> Region<Nvic> {
    let nvic = bus.map(0x4f0, Nvic::new(40).with_priority_bits(4)).unwrap();
    nvic.reset();
    nvic
}

/// How often the handler of a line was called.
fn count(bus: &Bus, line: u32) -> Arc<AtomicU32> {
    let calls = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&calls);
    bus.on_interrupt(line, move || {
        counter.fetch_add(1, Ordering::Relaxed);
    });
    calls
}

#[test]
fn a_pending_interrupt_waits_until_it_is_enabled() {
    let bus = Bus::new();
    let nvic = nvic(&bus);
    let calls = count(&bus, 33);
    nvic.stimulate(|_, cx| cx.pulse(33));
    assert_eq!((calls.load(Ordering::Relaxed), read(&nvic, 0x104)), (0, 1 << 1));
    write(&nvic, 0x004, U32, 1 << 1);
    assert_eq!((calls.load(Ordering::Relaxed), read(&nvic, 0x104)), (1, 0));
    assert_eq!([0x004, 0x084].map(|offset| read(&nvic, offset)), [1 << 1; 2], "both banks read as what is enabled");
    write(&nvic, 0x084, U32, 1 << 1);
    assert_eq!(read(&nvic, 0x004), 0);
}

#[test]
fn software_sets_and_clears_what_is_pending() {
    let bus = Bus::new();
    let nvic = nvic(&bus);
    let calls = count(&bus, 3);
    write(&nvic, 0x100, U32, 1 << 3 | 1 << 4);
    write(&nvic, 0x180, U32, 1 << 4);
    assert_eq!(read(&nvic, 0x100), 1 << 3);
    write(&nvic, 0x000, U32, 1 << 3);
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}

#[test]
fn interrupts_that_are_not_implemented_stay_zero() {
    let nvic = nvic(&Bus::new());
    write(&nvic, 0x004, U32, u64::MAX);
    write(&nvic, 0x008, U32, u64::MAX);
    write(&nvic, 0x300 + 40, U32, u64::MAX);
    assert_eq!([0x004, 0x008, 0x300 + 40].map(|offset| read(&nvic, offset)), [0xff, 0, 0]);
}

#[test]
fn only_the_implemented_bits_of_a_priority_are_kept() {
    let nvic = nvic(&Bus::new());
    write(&nvic, 0x305, U8, 0xff);
    write(&nvic, 0x308, U32, 0x1122_3344);
    assert_eq!([0x304, 0x308].map(|offset| read(&nvic, offset)), [0xf000, 0x1020_3040]);
    assert_eq!(nvic.device().priority(5), 0xf0);
}

#[test]
fn the_lower_number_interrupts_the_higher() {
    let bus = Bus::new();
    let nvic = nvic(&bus);
    let address = nvic.base().addr();
    write(&nvic, 0x301, U8, 0x80);
    write(&nvic, 0x302, U8, 0x40);
    write(&nvic, 0x303, U8, 0x80);
    write(&nvic, 0x000, U32, 0b1110);
    let urgent = count(&bus, 2);
    let equal = count(&bus, 3);
    let seen = Arc::new(AtomicU32::new(0));
    let (inside, during) = (Arc::clone(&seen), [Arc::clone(&urgent), Arc::clone(&equal)]);
    bus.on_interrupt(1, move || {
        assert!(typed::write(address + 0x100, U32, 0b1100));
        let active = typed::read(address + 0x200, U32).unwrap();
        assert_eq!(active, 0b0010);
        inside.store(during.iter().fold(0, |all, calls| all * 10 + calls.load(Ordering::Relaxed)), Ordering::Relaxed);
    });
    write(&nvic, 0x100, U32, 0b0010);
    assert_eq!(seen.load(Ordering::Relaxed), 10, "the urgent one has run, and the equal one has not");
    assert_eq!(equal.load(Ordering::Relaxed), 1, "it ran afterwards");
}

fn systick(bus: &Bus, reload: u64, control: u64) -> Region<SysTick> {
    // What an access takes is not what is tested.
    bus.set_access_time(Duration::ZERO);
    let timer = bus.map(0x10, SysTick::new(FREQUENCY).with_interrupt(SYSTICK)).unwrap();
    for (offset, value) in [(0x4, reload), (0x8, 0), (0x0, control)] {
        write(&timer, offset, U32, value);
    }
    timer
}

#[test]
fn the_timer_counts_down_and_loads_again() {
    let bus = Bus::new();
    let timer = systick(&bus, 9, 0b101);
    let mut values = Vec::new();
    for _ in 0..12 {
        values.push(read(&timer, 0x8));
        bus.clock().sleep(Duration::from_micros(1));
    }
    assert_eq!(values, [0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 9]);
}

#[test]
fn the_flag_tells_once_that_the_timer_has_counted_to_zero() {
    let bus = Bus::new();
    let timer = systick(&bus, 9, 0b101);
    bus.clock().sleep(Duration::from_micros(9));
    assert_eq!(read(&timer, 0x0), 0b101);
    bus.clock().sleep(Duration::from_micros(1));
    assert_eq!([read(&timer, 0x0), read(&timer, 0x0)], [1 << 16 | 0b101, 0b101]);
    bus.clock().sleep(Duration::from_micros(10));
    write(&timer, 0x8, U32, 0x1234);
    assert_eq!([read(&timer, 0x0), read(&timer, 0x8)], [0b101, 0], "a write clears the flag and the counter");
}

#[test]
fn the_exception_comes_every_period() {
    let bus = Bus::new();
    let ticks = count(&bus, SYSTICK);
    let timer = systick(&bus, 99, 0b111);
    bus.clock().sleep(Duration::from_micros(1_050));
    assert_eq!(ticks.load(Ordering::Relaxed), 10);
    write(&timer, 0x0, U32, 0b100);
    let value = read(&timer, 0x8);
    bus.clock().sleep(Duration::from_micros(1_000));
    assert_eq!(ticks.load(Ordering::Relaxed), 10, "it is stopped");
    assert_eq!((value, read(&timer, 0x8)), (50, 50));
    write(&timer, 0x0, U32, 0b111);
    bus.clock().sleep(Duration::from_micros(50));
    assert_eq!(ticks.load(Ordering::Relaxed), 11, "it went on where it stood");
}

#[test]
fn a_reload_value_of_zero_stops_the_timer() {
    let bus = Bus::new();
    let ticks = count(&bus, SYSTICK);
    let timer = systick(&bus, 99, 0b111);
    bus.clock().sleep(Duration::from_micros(1));
    write(&timer, 0x4, U32, 0);
    bus.clock().sleep(Duration::from_micros(1_000));
    assert_eq!((ticks.load(Ordering::Relaxed), read(&timer, 0x8)), (1, 0), "it counts to zero and stays there");
}

#[test]
fn a_polled_timer_lets_time_jump() {
    let bus = Bus::new();
    let timer = systick(&bus, 0xff_ffff, 0b101);
    while read(&timer, 0x0) & 1 << 16 == 0 {}
    assert_eq!(bus.clock().now(), Duration::from_micros(0x100_0000));
}
