//! A mapped device, in the hands of the test.

use super::{
    Bus, Context, Violation, ViolationPolicy, boundary,
    core::Core,
    device::Device,
    held::{self, Holder},
    mapping::Mapping,
    placement::Place,
    report,
    slot::{Closed, Slot, SlotGuard},
};
use crate::{error::MapError, trace::Trace};
use std::{
    any::Any,
    fmt,
    ops::{Deref, DerefMut},
    ptr::NonNull,
    sync::Arc,
};

/// A device that answers at a range of addresses, until this value is dropped.
///
/// Dropping it retires the region and drops the device. The addresses stay reserved: a late access is a report.
#[must_use = "dropping a region retires it"]
pub struct Region<D: 'static> {
    mapping: &'static Mapping,
    slot: &'static Slot<D>,
    core: Arc<Core>,
}

impl<D: Device> Region<D> {
    pub(super) fn create(core: &Arc<Core>, place: Place, size: usize, device: D) -> Result<Self, MapError> {
        let (mapping, slot) = Mapping::create(core, place, size, device)?;
        core.is_mapped(mapping);
        Ok(Self { mapping, slot, core: Arc::clone(core) })
    }
}

impl<D> Region<D> {
    /// Address of the first byte of the region.
    ///
    /// The pointer can be given to any driver. Accesses through it are trapped (on Linux x86-64); the memory behind it
    /// cannot be borrowed as a Rust reference.
    #[must_use]
    pub fn base(&self) -> *mut u8 {
        std::ptr::with_exposed_provenance_mut(self.mapping.start())
    }

    pub(crate) fn non_null_base(&self) -> NonNull<u8> {
        NonNull::new(self.base()).expect("address 0 is never mapped")
    }

    pub(super) fn mapping(&self) -> &'static Mapping {
        self.mapping
    }

    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// Size of the region in bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.mapping.size()
    }

    /// Name of the region in traces and reports, unique on its bus.
    #[must_use]
    pub fn name(&self) -> &str {
        self.mapping.name()
    }

    /// The device model, locked until the guard is dropped.
    ///
    /// # Panics
    ///
    /// With the report, if an access through the trapped door has failed since the last call into memtrap; or if this
    /// thread already holds the device: a second guard, or a model that locks itself.
    #[track_caller]
    pub fn device(&self) -> DeviceGuard<D> {
        self.core.raise();
        match self.slot.guard(Holder::Guard) {
            Ok(guard) => DeviceGuard(guard),
            Err(closed) => self.closed(closed),
        }
    }

    /// Lets something happen on the device's other side, where no driver is: a byte arrives, a cable is pulled, a button
    /// is pressed. `stimulus` may do what the model may do in an event: schedule, raise a line, access memory. Then the
    /// handlers of raised lines run.
    ///
    /// # Panics
    ///
    /// As [`device`](Self::device); or with a report if the stimulus fails the test, or a handler makes an access that
    /// fails.
    #[track_caller]
    pub fn stimulate<R>(&self, stimulus: impl FnOnce(&mut D, &mut Context<'_>) -> R) -> R {
        self.core.raise();
        let outcome = self.mapping.with(|session| {
            session.stimulate(|device, cx| {
                let device: &mut dyn Any = device;
                stimulus(device.downcast_mut().expect("the region was made with a `D`"), cx)
            })
        });
        let (result, failed) = outcome.unwrap_or_else(|closed| self.closed(closed));
        if let Some(reason) = failed {
            panic!("{}", report::stimulus_failed(self.mapping, &reason, &self.core));
        }
        boundary::complete().unwrap_or_else(|report| panic!("{report}"));
        result
    }

    #[track_caller]
    fn closed(&self, closed: Closed) -> ! {
        match closed {
            Closed::Held(Holder::Others) => panic!(
                "memtrap: this thread holds the devices of {} guards already, which is as many as it may: drop some",
                held::DEPTH
            ),
            Closed::Held(_) => panic!(
                "memtrap: this thread already holds the device `{}`: drop the earlier guard first, and do not lock a device \
                 from its own model",
                self.name()
            ),
            Closed::Retired => unreachable!("only dropping the region retires it"),
        }
    }

    /// Resets the device, as a reset line does. Not an access of the driver.
    ///
    /// # Panics
    ///
    /// If the model fails the test or panics; with a report that is pending; or if this thread holds the device.
    #[track_caller]
    pub fn reset(&self) {
        self.core.raise();
        match self.mapping.with(|session| session.reset()) {
            Ok(None) => {}
            Ok(Some(reason)) => panic!("memtrap: the model of `{}` failed the test: {reason}", self.name()),
            Err(_) => panic!("memtrap: drop the guards of the device `{}` before it is reset", self.name()),
        }
    }

    /// Sets what comes of accesses that the region's declaration does not permit. Unless set, that is up to
    /// [the bus](Bus::set_violation_policy).
    pub fn set_violation_policy(&self, violation: Violation, policy: ViolationPolicy) {
        self.mapping.violations.set(violation, policy);
    }

    /// The bus the region is mapped on.
    #[must_use]
    pub fn bus(&self) -> Bus {
        Bus { core: Arc::clone(&self.core) }
    }

    /// What happened on the region's bus so far, in order.
    ///
    /// # Panics
    ///
    /// As [`Bus::trace`].
    #[must_use]
    #[track_caller]
    pub fn trace(&self) -> Trace {
        self.core.raise();
        self.core.trace()
    }
}

impl<D> Drop for Region<D> {
    /// Retires the region and drops the device.
    ///
    /// # Panics
    ///
    /// With the report, if an access through the trapped door has failed since the last call into memtrap.
    fn drop(&mut self) {
        self.mapping.retire();
        drop(self.slot.retire());
        self.core.raise();
    }
}

impl<D> fmt::Debug for Region<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Region").field(&self.mapping).finish()
    }
}

/// A locked device model. While it lives, accesses of other threads wait; one of this thread is reported.
#[must_use = "the device is unlocked when the guard is dropped"]
pub struct DeviceGuard<D: 'static>(SlotGuard<'static, D>);

impl<D> Deref for DeviceGuard<D> {
    type Target = D;

    fn deref(&self) -> &D {
        self.0.device()
    }
}

impl<D> DerefMut for DeviceGuard<D> {
    fn deref_mut(&mut self) -> &mut D {
        self.0.device_mut()
    }
}

impl<D: fmt::Debug> fmt::Debug for DeviceGuard<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        D::fmt(self, f)
    }
}
