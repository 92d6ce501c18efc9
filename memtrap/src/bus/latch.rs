//! The lock around a device.
//!
//! It is taken for every access, and nearly always free: that costs one atomic read-modify-write, where a lock whose waiters
//! sleep in the kernel needs a second one to find out whether there are any.

use spin::mutex::{SpinMutex, SpinMutexGuard};
use std::{hint, thread, time::Duration};

/// A value that one thread has at a time.
pub(super) struct Latch<T>(SpinMutex<T>);

pub(super) type Locked<'a, T> = SpinMutexGuard<'a, T>;

/// Tries before a waiting thread lets others run, and before it sleeps.
const SPINS: u32 = 100;
const PATIENCE: u32 = 200;

/// The longest that a waiting thread sleeps.
const LONGEST: Duration = Duration::from_millis(1);

impl<T> Latch<T> {
    pub(super) const fn new(value: T) -> Self {
        Self(SpinMutex::new(value))
    }

    #[inline(always)]
    pub(super) fn lock(&self) -> Locked<'_, T> {
        match self.0.try_lock() {
            Some(locked) => locked,
            None => self.wait(),
        }
    }

    /// Whoever has it answers an access, which is short, or is the test, which may take its time.
    #[cold]
    fn wait(&self) -> Locked<'_, T> {
        let mut pause = Duration::from_micros(50);
        for tries in 0_u32.. {
            if let Some(locked) = self.0.try_lock() {
                return locked;
            }
            match tries {
                ..SPINS => hint::spin_loop(),
                SPINS..PATIENCE => thread::yield_now(),
                _ => {
                    thread::sleep(pause);
                    pause = (2 * pause).min(LONGEST);
                }
            }
        }
        unreachable!("4 billion pauses of a millisecond")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost_and_a_waiter_gets_it_in_the_end() {
        let latch = Latch::new(0);
        thread::scope(|scope| {
            let held = latch.lock();
            for _ in 0..4 {
                scope.spawn(|| (0..1_000).for_each(|_| *latch.lock() += 1));
            }
            thread::sleep(Duration::from_millis(20));
            assert_eq!(*held, 0);
            drop(held);
        });
        assert_eq!(*latch.lock(), 4_000);
    }
}
