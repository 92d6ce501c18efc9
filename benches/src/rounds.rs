//! Interleaved rounds: every mechanism is timed once a round, so that what else the machine does strikes all of them alike.

use std::{collections::BTreeMap, time::Instant};

/// Rounds, after one that does not count, unless somebody only wants to see that all works.
pub const ROUNDS: usize = 61;

/// One way to make an access.
pub struct Mechanism<'a> {
    name: &'static str,
    /// Accesses a batch.
    count: u32,
    /// Makes that many accesses. Panics if they did not all arrive with the right values.
    batch: Box<dyn FnMut(u32) + 'a>,
}

impl<'a> Mechanism<'a> {
    /// `batch` makes as many accesses as it is told, and panics if they did not all arrive with the right values.
    pub fn new(name: &'static str, count: u32, batch: impl FnMut(u32) + 'a) -> Self {
        Self { name, count, batch: Box::new(batch) }
    }

    /// Its name in the figures.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Makes `count` accesses that are not timed.
    pub fn run(&mut self, count: u32) {
        (self.batch)(count);
    }
}

/// Times of one mechanism, in nanoseconds an access, sorted.
#[derive(Clone, Debug)]
pub struct Times(Vec<f64>);

impl Times {
    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.0[self.0.len() / 2]
    }

    /// The smallest and the largest.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        (self.0[0], self.0[self.0.len() - 1])
    }
}

/// What was measured.
#[derive(Debug)]
pub struct Results {
    rounds: usize,
    times: BTreeMap<&'static str, Times>,
}

impl Results {
    /// Nothing yet; so many rounds of each mechanism, at least one.
    #[must_use]
    pub fn new(rounds: usize) -> Self {
        Self { rounds: rounds.max(1), times: BTreeMap::new() }
    }

    /// Times all mechanisms.
    pub fn measure(&mut self, mut mechanisms: Vec<Mechanism<'_>>) {
        let mut times: Vec<Vec<f64>> = vec![Vec::with_capacity(self.rounds); mechanisms.len()];
        for round in 0..=self.rounds {
            for (mechanism, times) in mechanisms.iter_mut().zip(&mut times) {
                let start = Instant::now();
                (mechanism.batch)(mechanism.count);
                let time = start.elapsed().as_secs_f64() * 1e9 / f64::from(mechanism.count);
                if round > 0 {
                    times.push(time);
                }
            }
        }
        for (mechanism, mut times) in mechanisms.into_iter().zip(times) {
            times.sort_by(f64::total_cmp);
            let times = Times(times);
            let (least, most) = times.range();
            println!("time {} {:.2} ns (min {least:.2}, max {most:.2})", mechanism.name, times.median());
            let before = self.times.insert(mechanism.name, times);
            assert!(before.is_none(), "two mechanisms are called {}", mechanism.name);
        }
    }

    /// The times of a mechanism, if it was measured.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Times> {
        self.times.get(name)
    }

    /// Prints how much the first costs in terms of the second, with the least and the largest value the quotient could
    /// have: of its extremes against the median of the other.
    pub fn ratio(&self, what: &str, of: &str, to: &str) {
        let (Some(of), Some(to)) = (self.get(of), self.get(to)) else { return };
        let (least, most) = of.range();
        let base = to.median();
        println!("ratio {what} {:.2} (min {:.2}, max {:.2})", of.median() / base, least / base, most / base);
    }

    /// Prints how much more the first costs than the second.
    pub fn difference(&self, what: &str, of: &str, to: &str) {
        let (Some(of), Some(to)) = (self.get(of), self.get(to)) else { return };
        let (least, most) = of.range();
        let base = to.median();
        println!("difference {what} {:.2} ns (min {:.2}, max {:.2})", of.median() - base, least - base, most - base);
    }
}
