//! Names of the live regions of one bus.

use std::collections::{HashMap, HashSet};

/// Names of the live regions of one bus, each given once.
#[derive(Debug, Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    /// The last number that was appended to a name.
    numbers: HashMap<String, u32>,
}

impl Names {
    /// `name` if it is free, otherwise `name.2`, `name.3` …; a number is not given twice.
    pub(super) fn take(&mut self, name: String) -> String {
        if self.taken.insert(name.clone()) {
            return name;
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *number += 1;
            let numbered = format!("{name}.{number}");
            if self.taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    }

    /// Frees a name that was taken.
    pub(super) fn release(&mut self, name: &str) {
        self.taken.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_numbered_from_two() {
        let mut names = Names::default();
        let taken: Vec<_> = (0..3).map(|_| names.take("uart".to_owned())).collect();
        assert_eq!(taken, ["uart", "uart.2", "uart.3"]);
    }

    #[test]
    fn a_released_name_is_free_again() {
        let mut names = Names::default();
        let first = names.take("uart".to_owned());
        names.release(&first);
        assert_eq!(names.take("uart".to_owned()), "uart");
    }

    #[test]
    fn a_number_somebody_chose_is_passed_over() {
        let mut names = Names::default();
        let _chosen = names.take("uart.2".to_owned());
        let _first = names.take("uart".to_owned());
        assert_eq!(names.take("uart".to_owned()), "uart.3");
    }
}
