//! The stored values of a register that is a FIFO.

use crate::mmio::{RegisterBits, RegisterValue};
use std::{collections::VecDeque, fmt};

/// What a register declared `read = pop` or `write = push` stores.
///
/// A read by the driver pops [`to_driver`](Self::to_driver), and returns the reset value if it is empty; a write pushes onto
/// [`from_driver`](Self::from_driver).
#[derive(Clone)]
#[non_exhaustive]
pub struct Fifo<T> {
    /// What the driver will read, oldest first.
    pub to_driver: VecDeque<T>,
    /// What the driver has written, oldest first.
    pub from_driver: VecDeque<T>,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Self { to_driver: VecDeque::new(), from_driver: VecDeque::new() }
    }
}

fn bits<T: RegisterValue>(queue: &VecDeque<T>) -> Vec<u64> {
    queue.iter().map(|value| value.into_bits().to_u64()).collect()
}

impl<T: RegisterValue> PartialEq for Fifo<T> {
    fn eq(&self, other: &Self) -> bool {
        bits(&self.to_driver) == bits(&other.to_driver) && bits(&self.from_driver) == bits(&other.from_driver)
    }
}

impl<T: RegisterValue> Eq for Fifo<T> {}

impl<T: RegisterValue> fmt::Debug for Fifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fifo")
            .field("to_driver", &format_args!("{:#x?}", bits(&self.to_driver)))
            .field("from_driver", &format_args!("{:#x?}", bits(&self.from_driver)))
            .finish()
    }
}
