//! Accesses that injected faults may strike.

use super::{
    access::Access,
    boundary,
    session::{Fault, Session},
    shape::Asked,
};
use crate::{error::BusError, fault::Struck, trace::EventKind};
use std::time::Duration;

impl Session<'_> {
    /// A read that has begun.
    #[cold]
    pub(super) fn read_with_faults(&mut self, asked: &Asked) -> (u64, Result<(), Box<Fault>>) {
        let (bus, access) = (self.bus(), asked.access());
        let before = bus.faults.before_read(self.struck(asked, &access));
        self.remark(asked, before.delay, before.remarks);
        if before.lost {
            return self.read_is_lost(asked);
        }
        let (mut value, answer, failed) = self.ask(asked);
        // What the device refuses has no value that a fault could change.
        if answer.is_ok() {
            let after = bus.faults.after_read(self.struck(asked, &access), &mut value);
            self.remark(asked, after.delay, after.remarks);
            if after.lost {
                return self.read_is_lost(asked);
            }
        }
        (value, self.conclude(asked, value, answer, failed))
    }

    /// A write that has begun.
    #[cold]
    pub(super) fn write_with_faults(&mut self, asked: &Asked, value: u64) -> Result<(), Box<Fault>> {
        let (access, mut arriving) = (asked.access(), value);
        let done = self.bus().faults.on_write(self.struck(asked, &access), &mut arriving);
        self.remark(asked, done.delay, done.remarks);
        if done.times == 0 {
            let answer = if done.refused { Err(BusError::Injected) } else { Ok(()) };
            return self.conclude(asked, value, answer, None);
        }
        let (answer, failed) = self.tell(asked, arriving);
        let mut result = self.conclude(asked, value, answer, failed);
        for _ in 1..done.times {
            let again = self.open(asked.offset, asked.shape(), asked.location);
            let (answer, failed) = self.tell(&again, arriving);
            let conclusion = self.conclude(&again, value, answer, failed);
            result = result.and(conclusion);
        }
        result
    }

    fn read_is_lost(&mut self, asked: &Asked) -> (u64, Result<(), Box<Fault>>) {
        let value = asked.shape().width().mask();
        (value, self.conclude(asked, value, Err(BusError::Injected), None))
    }

    fn struck<'a>(&self, asked: &Asked, access: &'a Access) -> Struck<'a> {
        let (direction, region) = (asked.shape().direction(), self.mapping().name());
        Struck { direction, region, registers: self.reachable(asked), access }
    }

    /// Lets time pass, and records what faults have done.
    fn remark(&self, asked: &Asked, delay: Duration, remarks: Vec<String>) {
        let bus = self.bus();
        if !delay.is_zero() {
            bus.schedule.pass_until(bus.schedule.now() + delay);
            boundary::request(bus);
        }
        for remark in remarks {
            bus.record(asked.sequence(), self.mapping().name(), EventKind::Fault(remark));
        }
    }
}
