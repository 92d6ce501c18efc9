//! Registers whose writes do nothing until a key was written.

use crate::{
    bus::Context,
    mmio::{RegisterBits, RegisterType, RegisterValue},
};

/// The key registers, by their position in the declaration, that were given their key.
#[derive(Clone, Debug, Default)]
pub struct Locks(Vec<usize>);

impl Locks {
    /// Whether the registers that key register `lock` unlocks can be written.
    pub fn is_open(&self, lock: usize) -> bool {
        self.0.contains(&lock)
    }

    /// Carries out a write to a key register: its key unlocks, anything else locks.
    pub fn turn<X: RegisterType<INDEX>, const INDEX: usize>(&mut self, value: X::Value) {
        self.0.retain(|open| *open != INDEX);
        if value.into_bits().to_u64() == X::KEY {
            self.0.push(INDEX);
        }
    }
}

/// Remarks on a write that does nothing.
pub fn locked(register: &str, key: &str, cx: &mut Context<'_>) {
    cx.note(format!("the write to `{register}` does nothing: it is locked, and `{key}` takes the key"));
}
