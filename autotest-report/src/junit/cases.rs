//! The test cases of a document, folded from a job's records.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use autotest_core::perf::Chart;
use autotest_core::status::Status;
use autotest_core::{Event, JobStart, Kind, SmallMap, Value, Verdict};

use super::suite::{Case, Property, Suite, Trouble, TroubleKind};
use crate::printed;
use crate::prose::{show_notes, show_verdict};
use crate::record::Record;
use crate::runs::{Grade, OpenRun, Runs, name_of};

/// What is shown of the output of all tests together.
const SHOWN_BYTES: usize = 64 << 20;

/// What is shown of a test's keyvals.
const MAX_KEYVALS: usize = 1000;

/// The fold.
#[derive(Debug)]
pub(super) struct Cases {
    jobdir: PathBuf,
    suite: Suite,
    plan: Vec<(String, String)>,
    /// How often an operation ended.
    ended: HashMap<String, usize>,
    runs: Runs<Facts>,
    /// What may still be shown of output.
    left_bytes: usize,
}

/// What a run said of itself.
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
            plan: Vec::new(),
            ended: HashMap::new(),
            runs: Runs::default(),
            left_bytes: SHOWN_BYTES,
        }
    }

    pub(super) fn into_document(self) -> String {
        self.suite.into_document()
    }

    pub(super) fn add(&mut self, record: &Record) {
        match &record.event {
            Event::JobStart(job) => {
                self.runs.begin(job);
                self.start(record.t, job);
            }
            Event::JobEnd { status, reason } => self.end(record.t, *status, reason),
            Event::TestStart(start) => self.runs.start(record.run, record.t, start),
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            } => self.end_test(record.run, *status, verdict.as_ref(), *elapsed_s),
            Event::Attempt { .. } => drop(self.runs.end(record.run)),
            Event::Suppressed { verdict, origin } => {
                self.runs.suppressed(record.run, verdict, origin);
            }
            Event::Keyval(pairs) => self.keyvals(record.run, pairs, ""),
            Event::IterationKeyval { attr, perf } => {
                self.keyvals(record.run, attr, "{attr}");
                self.keyvals(record.run, perf, "{perf}");
            }
            Event::Perf(value) => {
                if let Some(run) = self.runs.get_mut(record.run) {
                    run.kept.chart.add(value);
                }
            }
            Event::JobResume(_)
            | Event::Process { .. }
            | Event::Phase(_)
            | Event::Status(_)
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::HookTimer { .. } => {}
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
        let plan = job.plan.iter();
        let names = plan.map(|test| (test.operation.clone(), name_of(&test.test, &test.operation)));
        self.plan = names.collect();
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

    /// The last value of a key stays.
    fn keyvals(&mut self, run: u32, pairs: &[(String, Value)], tag: &str) {
        let Some(run) = self.runs.get_mut(run) else {
            return;
        };
        let keyvals = &mut run.kept.keyvals;
        for (key, value) in pairs {
            let key = format!("{key}{tag}");
            if keyvals.len() < MAX_KEYVALS || keyvals.contains_key(&key) {
                keyvals.insert(key, value.to_string());
            }
        }
    }

    /// A subtest is a case of its own, below its parent's name.
    fn end_test(&mut self, run: u32, status: Status, verdict: Option<&Verdict>, elapsed_s: f64) {
        let Some(mut ended) = self.runs.end(run) else {
            return;
        };
        match ended.parent {
            None => *self.ended.entry(ended.operation.clone()).or_default() += 1,
            Some(parent) => {
                let parent = self.runs.get(parent).map_or("?", |parent| &parent.name);
                ended.name = format!("{parent}/{}", ended.name);
            }
        }
        let stdout = self.output(&ended.subdir, "stdout");
        let stderr = self.output(&ended.subdir, "stderr");
        self.suite.add(Case {
            name: &ended.name,
            start: Some(ended.start),
            elapsed_s: Some(elapsed_s),
            properties: properties(&ended, status, verdict),
            trouble: trouble(&ended, status, verdict),
            stdout,
            stderr,
        });
    }

    fn output(&mut self, subdir: &str, stream: &str) -> Option<String> {
        let text = printed::end_of_stream(&self.jobdir, subdir, stream)?;
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
        for (operation, name) in std::mem::take(&mut self.plan) {
            match self.ended.get_mut(&operation).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                None => self.skip(&name, &why),
            }
        }
    }
}

/// FAIL is a failure (and WARN in a strict job), ERROR and ABORT are errors, TEST_NA is skipped.
fn trouble(ended: &OpenRun<Facts>, status: Status, verdict: Option<&Verdict>) -> Option<Trouble> {
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
        // Nothing fails that is written to memory.
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

/// Keyvals as their files have them; of each metric the mean. What a pass hides is a property, too.
fn properties(ended: &OpenRun<Facts>, status: Status, verdict: Option<&Verdict>) -> Vec<Property> {
    let Facts { keyvals, chart } = &ended.kept;
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
    if let Some(verdict) = verdict.filter(|verdict| verdict.kind == Kind::Warn) {
        properties.push(property("warning", &verdict.reason));
    }
    if ended.grade(status) == Grade::Passed {
        properties.extend(ended.notes.iter().map(|note| property("also", note)));
    }
    properties
}

fn property(name: &str, value: &str) -> Property {
    (name.to_owned(), value.to_owned())
}
