//! The test cases of a document: a fold over a job's records.

use std::path::{Path, PathBuf};

use autotest_core::perf::Chart;
use autotest_core::status::Status;
use autotest_core::{GroupStart, JobStart, Kind, SmallMap, Value, Verdict};

use super::suite::{Case, Property, Suite, Trouble, TroubleKind};
use crate::captured;
use crate::plan::Planned;
use crate::prose::{show_notes, show_verdict};
use crate::record::Record;
use crate::runs::{Change, Detail, End, Grade, GroupEnd, OpenRun, Runs, name_of};

/// The limit of the output shown of all tests together, in bytes.
const SHOWN_BYTES: usize = 64 << 20;

/// The maximum number of keyvals shown of a test.
const MAX_KEYVALS: usize = 1000;

/// The state of the fold.
#[derive(Debug)]
pub(super) struct Cases {
    jobdir: PathBuf,
    suite: Suite,
    /// The names of the planned runs that have not ended.
    planned: Planned<String>,
    runs: Runs<Facts>,
    /// The verdicts of failed attempts, by operation.
    attempts: SmallMap<String, Vec<String>>,
    /// The remaining limit of output, in bytes.
    left_bytes: usize,
}

/// The keyvals and perf values of a run.
#[derive(Debug, Default)]
struct Facts {
    keyvals: SmallMap<String, String>,
    chart: Chart,
}

impl Cases {
    pub(super) fn new(jobdir: &Path) -> Cases {
        Cases {
            jobdir: jobdir.to_owned(),
            suite: Suite::new(),
            planned: Planned::default(),
            runs: Runs::default(),
            attempts: SmallMap::new(),
            left_bytes: SHOWN_BYTES,
        }
    }

    pub(super) fn into_document(self) -> String {
        self.suite.into_document()
    }

    pub(super) fn add(&mut self, record: &Record) {
        match self.runs.apply(record) {
            Change::JobStart(job) => self.start(record.t, job),
            Change::JobEnd { status, reason } => self.end(record.t, status, reason),
            Change::End(run, end) => self.end_test(&run, end),
            Change::Attempt { run, verdict, .. } => self.attempt(&run, verdict),
            Change::GroupEnd(group, end) => self.end_group(&group, end),
            Change::Detail(Detail::Keyval(pairs)) => self.keyvals(record.run, pairs, ""),
            Change::Detail(Detail::IterationKeyval { attr, perf }) => {
                self.keyvals(record.run, attr, "{attr}");
                self.keyvals(record.run, perf, "{perf}");
            }
            Change::Detail(Detail::Perf(value)) => {
                if let Some(facts) = self.runs.state(record.run) {
                    facts.chart.add(value);
                }
            }
            Change::JobResume(_)
            | Change::Start(_)
            | Change::Detail(
                Detail::Phase(_)
                | Detail::Progress { .. }
                | Detail::Status(_)
                | Detail::Artifact(_),
            )
            | Change::GroupStart(_)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {}
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => {}
        }
    }
}

impl Cases {
    fn start(&mut self, t: f64, job: &JobStart) {
        self.suite.start = Some(t);
        self.suite.label.clone_from(&job.label);
        self.suite.hostname = Some(job.hostname.clone());
        self.suite.property("user", &job.user);
        if !job.argv.is_empty() {
            self.suite.property("argv", &job.argv.join(" "));
        }
        for (name, reason) in &job.ignored {
            self.skip(name, reason);
        }
        for planned in &job.plan {
            let name = name_of(&planned.test, &planned.operation);
            self.planned.add(&planned.operation, name);
        }
    }

    fn skip(&mut self, name: &str, reason: &str) {
        let trouble = Trouble {
            kind: TroubleKind::Skipped,
            message: reason.lines().next().map(str::to_owned),
            ty: None,
            text: None,
        };
        self.suite.add(Case {
            name,
            trouble: Some(trouble),
            ..Case::default()
        });
    }

    /// Stores keyvals; the last value of a key counts.
    fn keyvals(&mut self, run: u32, pairs: &[(String, Value)], tag: &str) {
        let Some(Facts { keyvals, .. }) = self.runs.state(run) else {
            return;
        };
        for (key, value) in pairs {
            let key = format!("{key}{tag}");
            if keyvals.len() < MAX_KEYVALS || keyvals.contains_key(&key) {
                keyvals.insert(key, value.to_string());
            }
        }
    }

    /// Keeps the verdict of an attempt for the case of its test, unless it was interrupted with its job.
    fn attempt(&mut self, run: &OpenRun<Facts>, verdict: &Verdict) {
        if run.parent.is_some() || verdict.kind.status() == Status::Abort {
            return;
        }
        let mut verdicts = self.attempts.remove(&run.operation).unwrap_or_default();
        verdicts.push(verdict.to_string());
        self.attempts.insert(run.operation.clone(), verdicts);
    }

    /// Adds a case. A subtest is a separate case, whose name begins with its parent's.
    fn end_test(&mut self, ended: &OpenRun<Facts>, end: End<'_>) {
        if ended.parent.is_none() {
            self.planned.take(&ended.operation);
        }
        let name = match ended.parent {
            None => ended.name(),
            Some(parent) => {
                let parent = self.runs.get(parent).map(OpenRun::name);
                format!("{}/{}", parent.as_deref().unwrap_or("?"), ended.name())
            }
        };
        let place = self.runs.place_of(ended.group, ".");
        let mut properties = properties(ended, end);
        if ended.parent.is_none() {
            let attempts = self.attempts.remove(&ended.operation).unwrap_or_default();
            properties.extend(attempts.iter().map(|verdict| property("attempt", verdict)));
        }
        let stdout = self.output(&ended.subdir, "stdout");
        let stderr = self.output(&ended.subdir, "stderr");
        self.suite.add(Case {
            name: &name,
            place: &place,
            start: Some(ended.start_t),
            elapsed_s: Some(end.elapsed_s),
            properties,
            trouble: trouble(ended, end),
            stdout,
            stderr,
        });
    }

    /// The error of a group belongs to no case: it does not fail the job unless it aborts it.
    fn end_group(&mut self, group: &GroupStart, end: GroupEnd<'_>) {
        if end.status != Status::Good {
            let place = self.runs.place_of_group(group, ".");
            let text = format!("{place}: {}", end.reason);
            self.suite.property("group_error", &text);
        }
    }

    fn output(&mut self, subdir: &str, stream: &str) -> Option<String> {
        let text = captured::end_of_stream(&self.jobdir, subdir, stream)?;
        match self.left_bytes.checked_sub(text.len()) {
            Some(left) => {
                self.left_bytes = left;
                Some(text)
            }
            None => Some(format!("[left out: see {subdir}/debug/{stream}]")),
        }
    }

    fn end(&mut self, t: f64, status: Status, reason: &str) {
        self.suite.end = Some(t);
        if status != Status::Good {
            self.suite.property("aborted", reason);
        }
        let why = match status {
            Status::Good => "did not run".to_owned(),
            _ => format!("did not run: {reason}"),
        };
        for name in self.planned.take_rest() {
            self.skip(&name, &why);
        }
    }
}

/// FAIL is a failure (and WARN in a strict job), ERROR and ABORT are errors, TEST_NA is skipped.
fn trouble(ended: &OpenRun<Facts>, end: End<'_>) -> Option<Trouble> {
    let (status, verdict) = (end.status, end.verdict);
    let kind = match ended.grade(status) {
        Grade::Passed => return None,
        Grade::Skipped => TroubleKind::Skipped,
        Grade::Failed if matches!(status, Status::Fail | Status::Warn) => TroubleKind::Failure,
        Grade::Failed => TroubleKind::Error,
    };
    let text = |verdict| {
        let mut text = Vec::new();
        let shown = show_verdict(&mut text, verdict, "")
            .and_then(|()| show_notes(&mut text, &ended.notes, ""));
        // Writing to memory cannot fail.
        shown.ok()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    };
    let first = |verdict: &Verdict| verdict.reason.lines().next().unwrap_or_default().to_owned();
    Some(Trouble {
        kind,
        message: verdict.map(first),
        ty: Some(status.name()),
        text: verdict.and_then(text),
    })
}

/// Keyvals as in their files, the mean of each metric, and for a pass its warning and notes.
fn properties(ended: &OpenRun<Facts>, end: End<'_>) -> Vec<Property> {
    let Facts { keyvals, chart } = &ended.state;
    let mut properties: Vec<_> = keyvals
        .iter()
        .map(|(key, value)| property(key, value))
        .collect();
    for metric in chart.metrics() {
        let trace = metric
            .trace
            .map_or_else(String::new, |trace| format!(".{trace}"));
        let name = format!("perf.{}{trace}", metric.chart);
        properties.push(property(&name, &metric.mean.to_string()));
        let units = metric.units.filter(|units| !units.is_empty());
        properties.extend(units.map(|units| property(&format!("{name}.units"), units)));
    }
    if let Some(verdict) = end.verdict.filter(|verdict| verdict.kind == Kind::Warn) {
        properties.push(property("warning", &verdict.reason));
    }
    if ended.grade(end.status) == Grade::Passed {
        properties.extend(ended.notes.iter().map(|note| property("also", note)));
    }
    properties
}

fn property(name: &str, value: &str) -> Property {
    (name.to_owned(), value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_that_are_too_long_together_are_left_out() {
        let home = tempfile::tempdir().unwrap();
        let debug = home.path().join("a/debug");
        std::fs::create_dir_all(&debug).unwrap();
        std::fs::write(debug.join("stdout"), "0123456789").unwrap();
        let mut cases = Cases::new(home.path());
        cases.left_bytes = 25;
        let mut output = || cases.output("a", "stdout");
        let text = Some("0123456789".to_owned());
        let left_out = Some("[left out: see a/debug/stdout]".to_owned());
        assert_eq!([output(), output()], [text.clone(), text]);
        assert_eq!([output(), output()], [left_out.clone(), left_out]);
    }
}
