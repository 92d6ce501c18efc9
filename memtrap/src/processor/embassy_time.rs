//! The time of the crate `embassy-time`: that of the thread's bus.

use crate::bus::{Clock, current};
use embassy_time_driver::{Driver, TICK_HZ, time_driver_impl};
use std::{task::Waker, time::Duration};

struct BusTime;

time_driver_impl!(static TIME: BusTime = BusTime);

fn clock() -> Clock {
    current::current().expect("memtrap: embassy's time is that of a bus: make one first, and keep it").clock()
}

impl Driver for BusTime {
    fn now(&self) -> u64 {
        let ticks = clock().now().as_nanos() * u128::from(TICK_HZ) / 1_000_000_000;
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        // Not before the tick: a timer that is woken too early is asked again at once.
        let nanoseconds = (u128::from(at) * 1_000_000_000).div_ceil(u128::from(TICK_HZ));
        let at = Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX));
        clock().wake_at(at, waker);
    }
}
