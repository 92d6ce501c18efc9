//! A simulated register block, in the hands of the test.

use super::{
    nestable::Nestable,
    register_file::{RegisterFile, Simulated},
};
use crate::{
    bus::{AliasKind, AliasWindow, Bus, Context, DeviceGuard, Region, Violation, ViolationPolicy},
    error::MapError,
    mmio::BlockPtr,
    trace::Trace,
};
use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::atomic::{AtomicBool, Ordering},
};

/// A register block `B` that is simulated by a model `M`, until this value is dropped.
///
/// Dropping it raises a report that is still pending, retires the region and drops the model. The addresses stay
/// reserved: a late access is a report.
#[must_use = "dropping a simulation retires its region"]
pub struct Simulation<B: Nestable, M: 'static> {
    region: Region<RegisterFile<B, M>>,
    handle_taken: AtomicBool,
}

// Without `B: Simulated<M>`, so that a model that is none is reported where the simulation is made, and only there.
impl<B: Nestable, M: 'static> Simulation<B, M> {
    pub(crate) fn new(region: Region<RegisterFile<B, M>>) -> Self {
        Self { region, handle_taken: AtomicBool::new(false) }
    }

    /// The typed handle to the block. There is one: whoever has it may assume that nobody else writes the registers.
    ///
    /// # Panics
    ///
    /// On the second call. A driver that shall be started anew gets the handle back from the old one, or a second
    /// simulation.
    #[must_use]
    #[track_caller]
    pub fn regs(&self) -> B {
        assert!(
            !self.handle_taken.swap(true, Ordering::Relaxed),
            "memtrap: the handle of `{}` was taken already: there is one, so that its owner has exclusive access; pass \
             it on, or use `base()` for a driver that takes an address",
            self.region.name(),
        );
        B::from_block_ptr(BlockPtr::simulated(self.region.non_null_base()))
    }

    /// Address of the block, for drivers that take a pointer or an address.
    ///
    /// Accesses through it are trapped (on Linux x86-64); the memory behind it cannot be borrowed as a Rust reference.
    #[must_use]
    pub fn base(&self) -> *mut u8 {
        self.region.base()
    }

    /// Name of the region in traces and reports, unique on its bus.
    #[must_use]
    pub fn name(&self) -> &str {
        self.region.name()
    }

    /// The model, locked until the guard is dropped.
    ///
    /// A guard lives until the end of the statement in which it was made. Two in one expression are one too many: instead
    /// of `sim.model().sent + sim.model().lost`, hold one, `let model = sim.model();`.
    ///
    /// # Panics
    ///
    /// With the report, if an access through the trapped door has failed since the last call into memtrap; or if this
    /// thread already holds the model or the state.
    #[track_caller]
    pub fn model(&self) -> ModelGuard<B, M> {
        ModelGuard(self.region.device())
    }

    /// The stored values of the registers, locked until the guard is dropped. Changing one is not an access.
    ///
    /// # Panics
    ///
    /// As [`model`](Self::model).
    #[track_caller]
    pub fn state(&self) -> StateGuard<B, M> {
        StateGuard(self.region.device())
    }

    /// What happened on the block's bus so far, in order.
    ///
    /// # Panics
    ///
    /// With the report, if an access through the trapped door has failed since the last call into memtrap.
    #[must_use]
    #[track_caller]
    pub fn trace(&self) -> Trace {
        self.region.trace()
    }

    /// Lets something happen on the device's other side, where no driver is: a byte arrives, a button is pressed. `stimulus`
    /// may do what the model may do in an event: change registers, schedule, raise a line, access memory. Then the handlers of
    /// raised lines run.
    ///
    /// # Panics
    ///
    /// As [`model`](Self::model); or with a report if the stimulus fails the test, or a handler makes an access that fails.
    #[track_caller]
    pub fn stimulate<R>(&self, stimulus: impl FnOnce(&mut M, &mut B::State, &mut Context<'_>) -> R) -> R
    where
        B: Simulated<M>,
    {
        self.region.stimulate(|device, cx| device.stimulate(cx, stimulus))
    }

    /// Resets the device, as a reset line does. Not an access of the driver.
    ///
    /// # Panics
    ///
    /// If the model fails the test or panics; with a report that is pending; or if this thread holds the model.
    #[track_caller]
    pub fn reset(&self) {
        self.region.reset();
    }

    /// Sets what comes of accesses that the block's declaration does not permit. Unless set, that is up to
    /// [the bus](Bus::set_violation_policy).
    ///
    /// ```
    /// use memtrap::{Violation, ViolationPolicy, simulated};
    ///
    /// #[simulated(size = 0x10)]
    /// pub struct Block {
    ///     #[reg(0x0, ro, reset = 7)]
    ///     pub status: u32,
    /// }
    ///
    /// struct Plain;
    /// impl block::Model for Plain {}
    ///
    /// # #[cfg(all(target_os = "linux", target_arch = "x86_64"))] {
    /// let sim = Block::simulate(Plain)?;
    /// sim.set_violation_policy(Violation::WriteToReadOnly, ViolationPolicy::Log);
    /// // SAFETY: The register lies in the simulated block.
    /// unsafe { sim.base().cast::<u32>().write_volatile(1) };
    /// assert_eq!(sim.state().status, 7);
    /// assert_eq!(sim.trace().to_string(), "\
    /// #1     W block.status  0x00000001
    ///        . block         permitted: the register is read-only
    /// ");
    /// # }
    /// # Ok::<(), memtrap::MapError>(())
    /// ```
    pub fn set_violation_policy(&self, violation: Violation, policy: ViolationPolicy) {
        self.region.set_violation_policy(violation, policy);
    }

    /// Lets the registers be reached at `address` too: [`Region::alias_at`]. For a block that declares no aliases of its own.
    ///
    /// # Errors
    ///
    /// As [`Bus::map_at`].
    pub fn alias_at(&self, address: usize, alias: AliasKind) -> Result<Region<AliasWindow>, MapError> {
        self.region.alias_at(address, alias)
    }

    /// The bus the block is simulated on.
    #[must_use]
    pub fn bus(&self) -> Bus {
        self.region.bus()
    }
}

impl<B: Nestable, M> fmt::Debug for Simulation<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Simulation").field(&self.region).finish()
    }
}

/// A locked model. While it lives, accesses of other threads wait; one of this thread is reported.
#[must_use = "the model is unlocked when the guard is dropped"]
pub struct ModelGuard<B: Nestable, M: 'static>(DeviceGuard<RegisterFile<B, M>>);

impl<B: Nestable, M> Deref for ModelGuard<B, M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.0.model
    }
}

impl<B: Nestable, M> DerefMut for ModelGuard<B, M> {
    fn deref_mut(&mut self) -> &mut M {
        &mut self.0.model
    }
}

/// The locked stored values. While it lives, accesses of other threads wait; one of this thread is reported.
#[must_use = "the state is unlocked when the guard is dropped"]
pub struct StateGuard<B: Nestable, M: 'static>(DeviceGuard<RegisterFile<B, M>>);

impl<B: Nestable, M> Deref for StateGuard<B, M> {
    type Target = B::State;

    fn deref(&self) -> &B::State {
        &self.0.state
    }
}

impl<B: Nestable, M> DerefMut for StateGuard<B, M> {
    fn deref_mut(&mut self) -> &mut B::State {
        &mut self.0.state
    }
}

impl<B: Nestable, M: fmt::Debug> fmt::Debug for ModelGuard<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.model.fmt(f)
    }
}

impl<B: Nestable, M> fmt::Debug for StateGuard<B, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.state.fmt(f)
    }
}
