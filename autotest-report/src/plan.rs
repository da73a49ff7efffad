//! The planned runs that a report has not seen yet, each with the report's data.

use std::collections::{HashMap, VecDeque};

/// A report's data for the planned runs that it has not seen yet. Runs with the same operation are taken in
/// order.
#[derive(Debug)]
pub(crate) struct Planned<T> {
    /// The operations in the order of the plan.
    order: Vec<String>,
    waiting: HashMap<String, VecDeque<T>>,
}

impl<T> Default for Planned<T> {
    fn default() -> Planned<T> {
        Planned {
            order: Vec::new(),
            waiting: HashMap::new(),
        }
    }
}

impl<T> Planned<T> {
    /// Adds a run at the end of the plan.
    pub(crate) fn add(&mut self, operation: &str, kept: T) {
        self.order.push(operation.to_owned());
        let waiting = self.waiting.entry(operation.to_owned()).or_default();
        waiting.push_back(kept);
    }

    /// Removes the next run of this operation from the plan.
    pub(crate) fn take(&mut self, operation: &str) -> Option<T> {
        self.waiting.get_mut(operation)?.pop_front()
    }

    /// Puts an attempt back as the next run of its operation.
    pub(crate) fn put_back(&mut self, operation: String, kept: T) {
        self.waiting.entry(operation).or_default().push_front(kept);
    }

    /// Removes the remaining runs, in the order of the plan.
    pub(crate) fn take_rest(&mut self) -> Vec<T> {
        let order = std::mem::take(&mut self.order);
        order
            .iter()
            .filter_map(|operation| self.take(operation))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_does_not_count_is_planned_again() {
        let mut planned = Planned::default();
        for (operation, kept) in [("a", 1), ("b", 2), ("a", 3)] {
            planned.add(operation, kept);
        }
        assert_eq!(planned.take("a"), Some(1));
        planned.put_back("a".to_owned(), 1);
        assert_eq!(planned.take("a"), Some(1));
        assert_eq!(planned.take("c"), None);
        assert_eq!(planned.take_rest(), [3, 2]);
        assert!(planned.take_rest().is_empty());
    }
}
