//! Counts cases and prints the one summary line.

use std::collections::BTreeMap;
use std::fmt;

use crate::rules::{RULES, Rule};

/// At least this many of 100 cases must be run.
const SHARE_TO_RUN: usize = 85;

/// What became of the cases.
#[derive(Default)]
pub(crate) struct Summary {
    passed: usize,
    failed: usize,
    left_out: BTreeMap<&'static str, usize>,
}

/// # Errors
/// If too few cases are run.
pub(crate) fn check_share(run: usize, left_out: usize) -> Result<(), String> {
    if run > 0 && run * 100 >= SHARE_TO_RUN * (run + left_out) {
        Ok(())
    } else {
        Err(format!(
            "{run} cases are run and {left_out} left out: fewer than {SHARE_TO_RUN} %"
        ))
    }
}

impl Summary {
    pub(crate) fn add(&mut self, has_passed: bool) {
        if has_passed {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    pub(crate) fn leave_out(&mut self, rule: &Rule) {
        *self.left_out.entry(rule.name).or_default() += 1;
    }
}

/// The summary line, then one for each rule.
impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { passed, failed, .. } = self;
        let left_out: usize = self.left_out.values().sum();
        writeln!(
            f,
            "conformance: {passed} passed, {failed} failed, {left_out} left out"
        )?;
        for Rule { name, reason, .. } in RULES {
            let count = self.left_out.get(name).unwrap_or(&0);
            writeln!(f, "{count:>5}  {name}: {reason}")?;
        }
        Ok(())
    }
}
