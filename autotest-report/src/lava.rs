//! Signals for LAVA on the console of a target.
//!
//! The dispatcher recognises `<LAVA_SIGNAL_(\S+) ([^>]+)>` anywhere in the output, and a test case can have
//! only one number, so each metric is a separate case. Ids consist of ASCII letters, digits, `_`, `-` and
//! `.`. Some modes convert them to lower case and replace other characters by `_`; ids are unique after that,
//! too.
//!
//! An outermost group of a control function is a test set. Sets do not nest: the dispatcher knows the name of one,
//! which holds for the cases that follow (`signal_test_set` in
//! <https://github.com/Linaro/lava/blob/master/lava_dispatcher/actions/test/shell.py>). So a nested group belongs to
//! the set of the outermost one, and a group in a branch has no set, since the lines of branches interleave. Groups of
//! the same name form one set.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};

use autotest_core::perf::{Chart, Metric};
use autotest_core::status::Status;
use autotest_core::{GroupKind, GroupStart, JobStart, TestStart};

use crate::outlet::Outlet;
use crate::plan::Planned;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, Grade, OpenRun, Runs};

/// Writes LAVA's signals.
#[derive(Debug)]
pub struct Lava<W> {
    out: Outlet<W>,
    ids: Ids,
    /// The ids of planned runs that have not begun.
    planned: Planned<String>,
    runs: Runs<Case>,
}

/// The state of a run in progress.
#[derive(Debug, Default)]
struct Case {
    id: String,
    chart: Chart,
}

impl<W: Write> Lava<W> {
    /// Creates the report, which writes to `out`, the console.
    pub fn new(out: W) -> Lava<W> {
        Lava {
            out: Outlet::new(out),
            ids: Ids::default(),
            planned: Planned::default(),
            runs: Runs::default(),
        }
    }

    fn write_case(&mut self, id: &str, result: &str, number: &str) -> io::Result<()> {
        self.out.write_lines(&format!(
            "<LAVA_SIGNAL_TESTCASE TEST_CASE_ID={id} RESULT={result}{number}>\n"
        ))
    }

    /// Assigns ids in the order of the plan, so that every job with this plan assigns the same.
    fn start(&mut self, job: &JobStart) -> io::Result<()> {
        for planned in &job.plan {
            let id = self.ids.take(&planned.operation);
            self.planned.add(&planned.operation, id);
        }
        job.ignored.iter().try_for_each(|(name, _)| {
            let id = self.ids.take(&name.replace("::", "."));
            self.write_case(&id, "skip", "")
        })
    }

    fn start_test(&mut self, run: u32, start: &TestStart) -> io::Result<()> {
        let operation = &start.operation;
        let id = match start.parent {
            None => self.planned.take(operation),
            Some(parent) => self.runs.get(parent).map(|parent| {
                let name = format!("{}.{operation}", parent.state.id);
                self.ids.take(&name)
            }),
        };
        let id = id.unwrap_or_else(|| self.ids.take(operation));
        let signal = format!("<LAVA_SIGNAL_STARTTC {id}>\n");
        if let Some(case) = self.runs.state(run) {
            case.id = id;
        }
        self.out.write_lines(&signal)
    }

    fn end_test(&mut self, ended: OpenRun<Case>, status: Status) -> io::Result<()> {
        let grade = ended.grade(status);
        let Case { id, chart } = ended.state;
        self.out
            .write_lines(&format!("<LAVA_SIGNAL_ENDTC {id}>\n"))?;
        let result = match grade {
            Grade::Passed => "pass",
            Grade::Failed => "fail",
            Grade::Skipped => "skip",
        };
        self.write_case(&id, result, "")?;
        chart.metrics().try_for_each(|metric| {
            let trace = metric
                .trace
                .map_or_else(String::new, |trace| format!(".{trace}"));
            let id = self.ids.take(&format!("{id}.{}{trace}", metric.chart));
            let (result, number) = measured(&metric);
            self.write_case(&id, result, &number)
        })
    }

    /// Ends an attempt; the next run of the test gets its id.
    fn attempt(&mut self, ended: OpenRun<Case>) -> io::Result<()> {
        let signal = format!("<LAVA_SIGNAL_ENDTC {}>\n", ended.state.id);
        if ended.parent.is_none() {
            self.planned.put_back(ended.operation, ended.state.id);
        }
        self.out.write_lines(&signal)
    }

    fn start_group(&mut self, group: &GroupStart) -> io::Result<()> {
        if !is_set(group) {
            return Ok(());
        }
        let name = legal(&group.name);
        let signal = format!("<LAVA_SIGNAL_TESTSET START {name}>\n");
        self.out.write_lines(&signal)
    }

    fn end_group(&mut self, group: &GroupStart) -> io::Result<()> {
        if !is_set(group) {
            return Ok(());
        }
        self.out.write_lines("<LAVA_SIGNAL_TESTSET STOP>\n")
    }

    /// Tests that did not run have the result `unknown`. They do not belong to the open set.
    fn end_job(&mut self) -> io::Result<()> {
        let open: Vec<_> = self.runs.groups().map(|(_, it)| it.clone()).collect();
        open.iter().try_for_each(|group| self.end_group(group))?;
        let rest = self.planned.take_rest();
        rest.iter()
            .try_for_each(|id| self.write_case(id, "unknown", ""))
    }
}

/// Whether a group is a test set.
fn is_set(group: &GroupStart) -> bool {
    group.kind == GroupKind::Group && group.group.is_none()
}

/// LAVA stores at most 20 digits before the point (`max_digits`, `decimal_places` in
/// <https://github.com/Linaro/lava/blob/master/lava_results_app/models.py>); a larger number is reported as
/// `unknown`.
const TOO_LARGE: f64 = 1e20;

/// The result of a metric's case, and its number with the unit.
fn measured(metric: &Metric<'_>) -> (&'static str, String) {
    if metric.mean.abs() >= TOO_LARGE {
        return ("unknown", String::new());
    }
    let units = metric.units.filter(|units| !units.is_empty());
    let units = units.map_or_else(String::new, |units| format!(" UNITS={}", legal(units)));
    ("pass", format!("{units} MEASUREMENT={}", metric.mean))
}

/// The ids in use. Only hashes are stored: if two ids have the same hash, the second gets a suffix.
#[derive(Debug, Default)]
struct Ids {
    /// The number of names that requested an id, by its hash.
    wanted: HashMap<u64, u32>,
}

impl Ids {
    /// A unique id for `name`.
    fn take(&mut self, name: &str) -> String {
        let plain = legal(name);
        let mut id = plain.clone();
        while self.is_taken(&id) {
            let count = self.wanted.entry(folded(&plain)).or_default();
            *count += 1;
            id = format!("{plain}-{count}");
        }
        self.wanted.insert(folded(&id), 1);
        id
    }

    fn is_taken(&self, id: &str) -> bool {
        self.wanted.contains_key(&folded(id))
    }
}

/// Replaces characters that an id may not contain.
fn legal(text: &str) -> String {
    let is_legal = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let legal = |c| Some(c).filter(is_legal).unwrap_or('_');
    let id: String = text.chars().map(legal).collect();
    if id.is_empty() { "_".to_owned() } else { id }
}

/// A hash of an id as LAVA stores it.
fn folded(id: &str) -> u64 {
    let word = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '_'
        }
    };
    let mut hasher = DefaultHasher::new();
    id.chars().map(word).for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}

impl<W: Write> Report for Lava<W> {
    fn name(&self) -> &'static str {
        "LAVA signals"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::JobStart(job) => self.start(job)?,
            Change::JobEnd { .. } => self.end_job()?,
            Change::Start(start) => self.start_test(record.run, start)?,
            Change::End(run, end) => self.end_test(run, end.status)?,
            Change::Attempt { run, .. } => self.attempt(run)?,
            Change::GroupStart(group) => self.start_group(group)?,
            Change::GroupEnd(group, _) => self.end_group(&group)?,
            Change::Detail(Detail::Perf(value)) => {
                if let Some(case) = self.runs.state(record.run) {
                    case.chart.add(value);
                }
            }
            Change::JobResume(_)
            | Change::Detail(
                Detail::Phase(_)
                | Detail::Progress { .. }
                | Detail::Keyval(_)
                | Detail::IterationKeyval { .. }
                | Detail::Status(_)
                | Detail::Artifact(_),
            )
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Rebooted(_)
            | Change::Nothing => {}
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_apart_when_folded() {
        let mut ids = Ids::default();
        let given: Vec<_> = ["a.B", "a_b", "A b", "a_b-2", "a>\nb", ""]
            .map(|name| ids.take(name))
            .into();
        assert_eq!(given, ["a.B", "a_b-2", "A_b-3", "a_b-2-2", "a__b", "_"]);
    }
}
