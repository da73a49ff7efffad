//! The lanes of a time line. Runs that overlap are on different lanes.

/// The lanes of a target, each with the end of its last run.
#[derive(Debug)]
pub(super) struct Lanes {
    first: usize,
    ends: Vec<f64>,
}

impl Lanes {
    /// No lanes yet; the first one will have this number.
    pub(super) fn after(first: usize) -> Lanes {
        let ends = Vec::new();
        Lanes { first, ends }
    }

    /// The first lane that is free at `from_t`; it is taken until `to_t`.
    pub(super) fn take(&mut self, from_t: f64, to_t: f64) -> usize {
        let free = self.ends.iter().position(|end| *end <= from_t);
        let lane = free.unwrap_or_else(|| {
            self.ends.push(0.0);
            self.ends.len() - 1
        });
        self.ends[lane] = to_t.max(from_t);
        self.first + lane
    }

    /// The numbers of all lanes.
    pub(super) fn all(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.ends.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_overlap_have_different_lanes() {
        let mut lanes = Lanes::after(1);
        let runs = [(0.0, 4.0), (1.0, 2.0), (2.0, 3.0), (2.5, 5.0), (4.0, 6.0)];
        let taken = runs.map(|(from_t, to_t)| lanes.take(from_t, to_t));
        assert_eq!(taken, [1, 2, 2, 3, 1]);
        assert_eq!(lanes.all(), 1..4);
    }
}
