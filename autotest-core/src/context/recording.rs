//! Recording of keyvals, perf values and status records.
//!
//! Keys and limits are checked before an event is sent, so that the author sees the error.

use crate::constraint::Constraint;
use crate::event::{Event, StatusRecord};
use crate::keyval::{self, Tag};
use crate::outcome::TestError;
use crate::perf::PerfRequest;
use crate::status::{Code, is_legal_name};
use crate::value::Value;

use super::{TestContext, length};

/// The state of keyvals that constraints need.
#[derive(Default)]
pub(crate) struct Keyvals {
    /// The perf values of the last iteration keyval.
    last_perf: Vec<(String, Value)>,
    /// Whether it was written since constraints were last checked.
    is_new: bool,
    /// The failures of constraints, one list for each check.
    pub(crate) failed_constraints: Vec<Vec<String>>,
}

/// The longest keys and values that one call may record, in bytes of JSON: the limit for a line of the journal, less
/// room for the rest of it.
const MAX_CALL_BYTES: usize = 48 << 10;

/// The bytes that JSON adds to the key and the value of a pair: `["",],`.
const AROUND_PAIR_BYTES: usize = 6;

type Pairs = Vec<(String, Value)>;

fn pairs<K: Into<String>, V: Into<Value>>(pairs: impl IntoIterator<Item = (K, V)>) -> Pairs {
    pairs
        .into_iter()
        .map(|(key, value)| (key.into(), value.into()))
        .collect()
}

#[track_caller]
fn check(lists: &[(&Pairs, Option<Tag>)]) -> Result<(), TestError> {
    for (pairs, tag) in lists {
        if let Err(error) = keyval::check_keys(pairs, *tag) {
            return Err(TestError::refused(error));
        }
    }
    let pairs = lists.iter().flat_map(|(pairs, _)| pairs.iter());
    let lengths = pairs.map(|(key, value)| AROUND_PAIR_BYTES + key.len() + length::of(value));
    check_length("keyvals", lengths.sum())
}

/// Refuses what is longer than a call may record.
#[track_caller]
fn check_length(what: &str, bytes: usize) -> Result<(), TestError> {
    match bytes > MAX_CALL_BYTES {
        true => Err(TestError::refused(format!(
            "{what} of {bytes} bytes are too long: the limit is {MAX_CALL_BYTES} bytes a call; write \
             larger data to a file in the output directory"
        ))),
        false => Ok(()),
    }
}

/// Recording results.
impl TestContext {
    /// Adds lines to the test's keyval. After an error, none of them is written.
    ///
    /// # Errors
    /// If a key has other characters than letters, digits, `_`, `.` and `-`, or if keys and values are
    /// longer than 48 KiB together.
    #[track_caller]
    pub fn write_test_keyval<K: Into<String>, V: Into<Value>>(
        &mut self,
        keyvals: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), TestError> {
        let keyvals = pairs(keyvals);
        check(&[(&keyvals, None)])?;
        self.send(Event::Keyval(keyvals));
        Ok(())
    }

    /// Records measurements of this iteration. Constraints see the measurements of the last call.
    ///
    /// # Errors
    /// If a key has other characters than letters, digits, `_`, `.` and `-`, or if keys and values are
    /// longer than 48 KiB together.
    #[track_caller]
    pub fn write_perf_keyval<K: Into<String>, V: Into<Value>>(
        &mut self,
        perf: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), TestError> {
        self.write_iteration(Vec::new(), pairs(perf))
    }

    /// Records attributes of this iteration. As in the original, constraints see no measurements after this
    /// call; use [`write_iteration_keyval`](Self::write_iteration_keyval) to record both.
    ///
    /// # Errors
    /// If a key has other characters than letters, digits, `_`, `.` and `-`, or if keys and values are
    /// longer than 48 KiB together.
    #[track_caller]
    pub fn write_attr_keyval<K: Into<String>, V: Into<Value>>(
        &mut self,
        attr: impl IntoIterator<Item = (K, V)>,
    ) -> Result<(), TestError> {
        self.write_iteration(pairs(attr), Vec::new())
    }

    /// Records attributes and measurements of this iteration.
    ///
    /// # Errors
    /// If a key has other characters than letters, digits, `_`, `.` and `-`, or if keys and values are
    /// longer than 48 KiB together.
    #[track_caller]
    pub fn write_iteration_keyval<
        K1: Into<String>,
        V1: Into<Value>,
        K2: Into<String>,
        V2: Into<Value>,
    >(
        &mut self,
        attr: impl IntoIterator<Item = (K1, V1)>,
        perf: impl IntoIterator<Item = (K2, V2)>,
    ) -> Result<(), TestError> {
        self.write_iteration(pairs(attr), pairs(perf))
    }

    #[track_caller]
    fn write_iteration(&mut self, attr: Pairs, perf: Pairs) -> Result<(), TestError> {
        check(&[(&attr, Some(Tag::Attr)), (&perf, Some(Tag::Perf))])?;
        self.keyvals.last_perf.clone_from(&perf);
        self.keyvals.is_new = true;
        self.send(Event::IterationKeyval { attr, perf });
        Ok(())
    }

    /// Starts a perf value, which [`PerfBuilder::record`] records.
    pub fn perf(&mut self, description: impl Into<String>) -> PerfBuilder<'_> {
        PerfBuilder {
            cx: self,
            request: PerfRequest::new(description, Value::None),
        }
    }

    /// Records a perf value (the original's `output_perf_value`).
    ///
    /// # Errors
    /// If a text is too long, the value is not a finite number or a list of finite numbers, or the list is longer than
    /// 48 KiB.
    #[track_caller]
    pub fn output_perf_value(&mut self, request: PerfRequest) -> Result<(), TestError> {
        let value = match request.check() {
            Ok(value) => value,
            // `map_err` would record a location of its own instead of the author's.
            Err(error) => return Err(TestError::refused(error)),
        };
        check_length("perf values", length::of(value.value()))?;
        self.send(Event::Perf(value));
        Ok(())
    }

    /// Adds a line to the status log (the original's `job.record`).
    ///
    /// # Errors
    /// If `subdir` or `operation` has a control character or begins with a blank.
    #[track_caller]
    pub fn record(
        &mut self,
        code: Code,
        subdir: Option<&str>,
        operation: Option<&str>,
        message: &str,
    ) -> Result<(), TestError> {
        for (what, text) in [("subdir", subdir), ("operation", operation)] {
            if !text.is_none_or(is_legal_name) {
                return Err(TestError::refused(format!(
                    "Invalid character in {what} string"
                )));
            }
        }
        let (subdir, operation) = (subdir.map(str::to_owned), operation.map(str::to_owned));
        let message = message.to_owned();
        let fields = Vec::new();
        self.send(Event::Status(StatusRecord {
            code,
            subdir,
            operation,
            fields,
            message,
        }));
        Ok(())
    }
}

/// Constraints, for the lifecycle.
impl TestContext {
    /// Checks the last measurements, if any were written since the last check.
    /// Conformance: topic `constraints`.
    pub(crate) fn analyze_perf_constraints(&mut self, constraints: &[ParsedConstraint]) {
        if !std::mem::take(&mut self.keyvals.is_new) {
            return;
        }
        let env = &self.keyvals.last_perf;
        let lookup = |name: &str| {
            env.iter()
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, v)| v)
        };
        let failures = constraints
            .iter()
            .filter_map(|constraint| constraint.failure(&lookup));
        let failures = failures.collect();
        self.keyvals.failed_constraints.push(failures);
    }

    /// Whether there are measurements to check, failed checks to report or hooks to run after an iteration.
    #[inline]
    pub(crate) fn has_work_after_iteration(&self) -> bool {
        self.keyvals.is_new || self.hooks.has_any() || self.checks.len() != 0
    }

    /// Fails if a constraint failed in any iteration. Iterations are numbered from 0, counting only those
    /// that wrote a keyval; each part of the message ends in two blanks, as in the original.
    pub(crate) fn process_failed_constraints(&self) -> Result<(), TestError> {
        let failed = self.keyvals.failed_constraints.iter().enumerate();
        let failed = failed.filter(|(_, failures)| !failures.is_empty());
        let message: String = failed
            .map(|(i, failures)| format!("iteration {i}:{}  ", failures.join(",")))
            .collect();
        if message.is_empty() {
            Ok(())
        } else {
            Err(TestError::fail(message))
        }
    }
}

/// A constraint of a run: parsed, or a text that does not parse. The plan refuses the latter before the run;
/// if a run still has one, the constraint fails.
#[derive(Clone, Debug)]
pub(crate) enum ParsedConstraint {
    Parsed(Constraint),
    Unparsable(String),
}

impl ParsedConstraint {
    pub(crate) fn new(source: &str) -> ParsedConstraint {
        match Constraint::parse(source) {
            Ok(constraint) => ParsedConstraint::Parsed(constraint),
            Err(_) => ParsedConstraint::Unparsable(source.to_owned()),
        }
    }

    fn failure<'v>(&self, lookup: &dyn Fn(&str) -> Option<&'v Value>) -> Option<String> {
        match self {
            ParsedConstraint::Parsed(constraint) => constraint
                .check(lookup)
                .err()
                .map(|unmet| unmet.to_string()),
            ParsedConstraint::Unparsable(source) => {
                Some(format!("could not evaluate constraint: {source}"))
            }
        }
    }
}

/// A builder for a perf value.
///
/// ```no_run
/// # fn f(cx: &mut autotest_core::TestContext) -> autotest_core::TestResult {
/// cx.perf("latency").units("ms").lower_is_better().graph("disk").record([1.5, 1.25])?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
#[must_use = "a perf value is recorded by `record`"]
pub struct PerfBuilder<'a> {
    cx: &'a mut TestContext,
    request: PerfRequest,
}

impl PerfBuilder<'_> {
    /// The unit, at most 32 characters.
    pub fn units(mut self, units: impl Into<String>) -> Self {
        self.request.units = Some(units.into());
        self
    }

    /// A higher value is better.
    pub fn higher_is_better(mut self) -> Self {
        self.request.higher_is_better = Some(true);
        self
    }

    /// A lower value is better.
    pub fn lower_is_better(mut self) -> Self {
        self.request.higher_is_better = Some(false);
        self
    }

    /// The graph that shows this value together with others.
    pub fn graph(mut self, graph: impl Into<String>) -> Self {
        self.request.graph = Some(graph.into());
        self
    }

    /// Replaces the values recorded before.
    pub fn replace_existing_values(mut self) -> Self {
        self.request.replace_existing_values = true;
        self
    }

    /// Records a number or a list of numbers.
    ///
    /// # Errors
    /// If a text is too long, or the value is not finite.
    #[track_caller]
    pub fn record(mut self, value: impl Into<Value>) -> Result<(), TestError> {
        self.request.value = value.into();
        self.cx.output_perf_value(self.request)
    }
}
