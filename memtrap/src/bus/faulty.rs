//! Accesses that injected faults may strike.

use super::{
    access::Access,
    boundary,
    session::{Fault, Origin, Session},
};
use crate::{
    error::BusError,
    fault::Struck,
    trace::{Direction, EventKind},
};
use std::time::Duration;

impl Session<'_> {
    /// A read that has begun.
    #[cold]
    pub(super) fn read_with_faults(&mut self, access: Access) -> (u64, Result<(), Box<Fault>>) {
        let bus = self.bus();
        let before = bus.faults.before_read(self.struck(&access, Direction::Read));
        self.remark(&access, before.delay, before.remarks);
        if before.lost {
            return self.read_is_lost(access);
        }
        let (mut value, answer, failed) = self.ask(access);
        // What the device refuses has no value that a fault could change.
        if answer.is_ok() {
            let after = bus.faults.after_read(self.struck(&access, Direction::Read), &mut value);
            self.remark(&access, after.delay, after.remarks);
            if after.lost {
                return self.read_is_lost(access);
            }
        }
        (value, self.conclude(access, Direction::Read, value, answer, failed))
    }

    /// A write that has begun.
    #[cold]
    pub(super) fn write_with_faults(&mut self, access: Access, value: u64, origin: Origin) -> Result<(), Box<Fault>> {
        let mut arriving = value;
        let done = self.bus().faults.on_write(self.struck(&access, Direction::Write), &mut arriving);
        self.remark(&access, done.delay, done.remarks);
        if done.times == 0 {
            let answer = if done.refused { Err(BusError::Injected) } else { Ok(()) };
            return self.conclude(access, Direction::Write, value, answer, None);
        }
        let (answer, failed) = self.tell(access, arriving);
        let mut result = self.conclude(access, Direction::Write, value, answer, failed);
        for _ in 1..done.times {
            let again = self.open(access.offset, access.width, Direction::Write, origin);
            let (answer, failed) = self.tell(again, arriving);
            let conclusion = self.conclude(again, Direction::Write, value, answer, failed);
            result = result.and(conclusion);
        }
        result
    }

    fn read_is_lost(&mut self, access: Access) -> (u64, Result<(), Box<Fault>>) {
        let value = access.width.mask();
        (value, self.conclude(access, Direction::Read, value, Err(BusError::Injected), None))
    }

    fn struck<'a>(&self, access: &'a Access, direction: Direction) -> Struck<'a> {
        let mapping = self.mapping();
        Struck { direction, region: mapping.name(), registers: self.reachable(direction), access }
    }

    /// Lets time pass, and records what faults have done.
    fn remark(&self, access: &Access, delay: Duration, remarks: Vec<String>) {
        let bus = self.bus();
        if !delay.is_zero() {
            bus.schedule.pass_until(bus.schedule.now() + delay);
            boundary::request(bus);
        }
        for remark in remarks {
            bus.record(access.sequence, self.mapping().name(), EventKind::Fault(remark));
        }
    }
}
