//! Counts cases and prints the one summary line.

use std::collections::BTreeMap;
use std::fmt;

use crate::rules::{RULES, Rule};

/// At least this many of 100 cases must be run.
const SHARE_TO_RUN: usize = 85;

/// What became of all cases.
pub(crate) struct Summary {
    is_filtered: bool,
    passed: usize,
    failed: usize,
    left_out: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// A filtered run need not have the share of cases that a whole one must.
    pub(crate) fn new(is_filtered: bool) -> Summary {
        Summary {
            is_filtered,
            passed: 0,
            failed: 0,
            left_out: BTreeMap::new(),
        }
    }

    pub(crate) fn pass(&mut self) {
        self.passed += 1;
    }

    pub(crate) fn leave_out(&mut self, rule: &Rule) {
        *self.left_out.entry(rule.name).or_default() += 1;
    }

    pub(crate) fn fail(&mut self, case: &str, differences: &[String]) {
        self.failed += 1;
        println!("{case} failed:");
        differences
            .iter()
            .for_each(|difference| println!("{difference}"));
    }

    pub(crate) fn is_success(&self) -> bool {
        self.failed == 0 && (self.is_filtered || self.has_share())
    }

    fn left_out(&self) -> usize {
        self.left_out.values().sum()
    }

    fn has_share(&self) -> bool {
        let run = self.passed + self.failed;
        run * 100 >= SHARE_TO_RUN * (run + self.left_out())
    }
}

/// The summary line, then one for each rule.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { passed, failed, .. } = self;
        writeln!(
            f,
            "conformance: {passed} passed, {failed} failed, {} left out",
            self.left_out()
        )?;
        for Rule { name, reason, .. } in RULES {
            let count = self.left_out.get(name).unwrap_or(&0);
            writeln!(f, "{count:>5}  {name}: {reason}")?;
        }
        if !self.is_filtered && !self.has_share() {
            writeln!(f, "fewer than {SHARE_TO_RUN} % of the cases were run")?;
        }
        Ok(())
    }
}
