//! Who owns memory that driver and device share: what a device was handed, the driver does not write.

use super::context::Context;
use crate::mmio::Window;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The memory that devices own.
#[derive(Debug, Default)]
pub(super) struct Ownership(Mutex<Vec<Owned>>);

/// Memory that a device owns.
#[derive(Debug)]
struct Owned {
    window: Window,
    offset: usize,
    /// What it must hold: what it held when it was handed over, and what devices have written since.
    content: Vec<u8>,
    /// Region of the device.
    owner: &'static str,
    /// The access that handed it over; 0 if that was none.
    since: u64,
}

impl Owned {
    fn end(&self) -> usize {
        self.offset + self.content.len()
    }

    fn meets(&self, window: Window, offset: usize, length: usize) -> bool {
        self.window == window && self.offset < offset + length && offset < self.end()
    }

    /// What the driver has done to it, if it has; the same is not said twice.
    fn violation(&mut self) -> Option<String> {
        let mut now = vec![0; self.content.len()];
        self.window.read(self.offset, &mut now);
        let changed: Vec<_> = (0..now.len()).filter(|at| now[*at] != self.content[*at]).collect();
        let first = *changed.first()?;
        let text = format!(
            "the driver wrote to {}: {} of them changed, the first at +{first:#x} from {:#04x} to {:#04x}",
            self.describe(),
            changed.len(),
            self.content[first],
            now[first],
        );
        self.content = now;
        Some(text)
    }

    fn describe(&self) -> String {
        let Self { window, offset, content, owner, since } = self;
        let since = if *since > 0 { format!(" since access #{since}") } else { String::new() };
        format!("{} bytes at {:#x} that `{owner}` owns{since}", content.len(), window.start() + offset)
    }
}

impl Ownership {
    fn list(&self) -> MutexGuard<'_, Vec<Owned>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A device has written.
    pub(super) fn written(&self, window: Window, offset: usize, bytes: &[u8]) {
        for owned in self.list().iter_mut().filter(|owned| owned.meets(window, offset, bytes.len())) {
            let inside = owned.offset..owned.end();
            for (at, byte) in (offset..).zip(bytes).filter(|(at, _)| inside.contains(at)) {
                owned.content[at - inside.start] = *byte;
            }
        }
    }
}

impl Context<'_> {
    /// Fails the test if the driver has written to memory that meets this range and that a device owns.
    pub(super) fn check_ownership(&mut self, window: Window, offset: usize, length: usize) {
        let violation = {
            let mut list = self.bus.memory.owned.list();
            list.iter_mut().filter(|owned| owned.meets(window, offset, length)).find_map(Owned::violation)
        };
        if let Some(reason) = violation {
            self.fail(reason);
        }
    }

    /// Has the device own memory; fails the test if a device owns some of it already.
    pub(super) fn take_ownership(&mut self, window: Window, offset: usize, length: usize) {
        self.check_ownership(window, offset, length);
        let taken = {
            let list = self.bus.memory.owned.list();
            list.iter().find(|owned| owned.meets(window, offset, length)).map(Owned::describe)
        };
        if let Some(other) = taken {
            let address = window.start() + offset;
            return self
                .fail(format!("the driver handed over {length} bytes at {address:#x}, among them some of {other}"));
        }
        let mut content = vec![0; length];
        window.read(offset, &mut content);
        let (owner, since) = (self.mapping.name(), self.sequence());
        self.bus.memory.owned.list().push(Owned { window, offset, content, owner, since });
    }

    /// Gives memory back to the driver.
    pub(super) fn release_ownership(&mut self, window: Window, offset: usize) {
        let released = {
            let mut list = self.bus.memory.owned.list();
            let owner = self.mapping.name();
            let mine = |owned: &Owned| (owned.window, owned.offset, owned.owner) == (window, offset, owner);
            list.iter().position(mine).map(|index| list.swap_remove(index))
        };
        if let Some(reason) = released.and_then(|mut owned| owned.violation()) {
            self.fail(reason);
        }
    }
}
