//! The simulation of a random block, whichever block it is of.

use memtrap::{
    Bus, RegisterValue, Simulation, Violation, ViolationPolicy,
    mmio::RegisterBits,
    model::{Fifo, Simulated},
    trace::Trace,
};

/// A model that overrides nothing.
#[derive(Debug)]
pub(crate) struct Plain;

/// The state of a block as bits.
pub(crate) trait Stored {
    /// The elements of each register that stores something, in the order of their declaration.
    fn stored(&self) -> Vec<Vec<u64>>;

    /// Gives every FIFO something to pop.
    fn fill(&mut self);
}

/// What a FIFO holds for the driver before the first access.
pub(crate) const FILLING: [u64; 4] =
    [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x5555_aaaa_5555_aaaa, 0x00ff_00ff_00ff_00ff];

/// The bits of all elements.
pub(crate) fn bits<T: RegisterValue>(elements: &[T]) -> Vec<u64> {
    elements.iter().map(|value| value.into_bits().to_u64()).collect()
}

/// The bits of all queues: for each element what the driver will read, a mark, what it has written, and a mark.
pub(crate) fn queues<T: RegisterValue>(elements: &[Fifo<T>]) -> Vec<u64> {
    let bits = |value: &T| value.into_bits().to_u64();
    let queues = elements.iter().flat_map(|fifo| [&fifo.to_driver, &fifo.from_driver]);
    queues.flat_map(|queue| queue.iter().map(bits).chain([u64::MAX])).collect()
}

/// Gives the FIFOs something to pop.
pub(crate) fn fill<T: RegisterValue>(elements: &mut [Fifo<T>]) {
    for fifo in elements {
        fifo.to_driver.extend(FILLING.map(|value| T::from_bits(RegisterBits::from_u64(value))));
    }
}

/// A simulated block.
pub(crate) trait Subject {
    fn base(&self) -> *mut u8;
    fn bus(&self) -> Bus;
    fn set_policy(&self, violation: Violation, policy: ViolationPolicy);
    fn stored(&self) -> Vec<Vec<u64>>;
    fn fill(&self);
    fn trace(&self) -> Trace;
}

/// A block on a bus of its own.
pub(crate) fn simulate<B: Simulated<Plain, State: Stored>>() -> Box<dyn Subject> {
    Box::new(Bus::new().simulate::<B, _>(Plain).expect("there is address space for a block"))
}

impl<B: Simulated<Plain, State: Stored>> Subject for Simulation<B, Plain> {
    fn base(&self) -> *mut u8 {
        Self::base(self)
    }

    fn bus(&self) -> Bus {
        Self::bus(self)
    }

    fn set_policy(&self, violation: Violation, policy: ViolationPolicy) {
        self.set_violation_policy(violation, policy);
    }

    fn stored(&self) -> Vec<Vec<u64>> {
        self.state().stored()
    }

    fn fill(&self) {
        self.state().fill();
    }

    fn trace(&self) -> Trace {
        Self::trace(self)
    }
}
