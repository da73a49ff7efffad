//! The status log: `status.log` of the job and `status` of each test (formats §2).
//!
//! The file must never end with the continuation line of a message, since the original's parser would then
//! lose the whole job. So a verdict, its continuation lines and its END are one write, and the continuation
//! lines of a test's own records are held back until the next record.

mod groups;

use std::io;

use autotest_core::status::{Code, Status, StatusEntry};
use autotest_core::{StatusRecord, TestStart, Verdict};

use crate::branches::Branches;
use crate::localtime::LocalTime;
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, End, OpenRun, Runs};
use crate::tree::{AppendFile, Tree};

/// Writes the status log.
#[derive(Debug)]
pub struct StatusLog {
    tree: Tree,
    log: AppendFile,
    lines: Lines,
    /// Continuation lines of the last record, held back since the log must not end with them.
    waiting: String,
    /// Whether the lines of a test and its subtests are written together when the test ends, since several
    /// tests may run at once. The lines keep their times.
    is_held: bool,
    runs: Runs<Log>,
    /// The lines of branches: they are written when the branch ends.
    branches: Branches<String>,
}

/// The log of a run.
#[derive(Debug, Default)]
struct Log {
    /// The indentation of its START and END.
    indent: usize,
    /// The groups that the test itself began and has not ended.
    groups: Vec<Group>,
    /// The number of open groups that are too deep.
    too_deep: u64,
    /// The lines that are held until its end.
    held: String,
    /// The test's own file; `None` without a directory.
    status: Option<AppendFile>,
}

/// A group that a test began.
#[derive(Debug)]
struct Group {
    subdir: Option<String>,
    operation: Option<String>,
}

impl StatusLog {
    /// Creates the report, which writes to `tree`.
    pub fn new(tree: &Tree) -> StatusLog {
        StatusLog {
            tree: tree.clone(),
            log: tree.append_to("status.log"),
            lines: Lines::default(),
            waiting: String::new(),
            is_held: false,
            runs: Runs::default(),
            branches: Branches::default(),
        }
    }

    fn of_job(&mut self, t: f64, code: Code, reason: &str) -> Result<(), ReportError> {
        let record = StatusRecord::message(code, reason);
        let text = self.lines.line(t, 0, &record)?;
        Ok(self.put(&text)?)
    }

    fn start_test(&mut self, record: &Record, start: &TestStart) -> Result<(), ReportError> {
        let parent = start.parent.and_then(|parent| self.runs.get(parent));
        let group = start
            .requested
            .as_ref()
            .and_then(|requested| requested.group);
        let indent = match parent {
            Some(parent) => parent.state.inner(),
            None => self.indent_in(group),
        };
        let Some(run) = self.runs.get_mut(record.run) else {
            return Ok(());
        };
        let has_files = run.has_files();
        let status = has_files.then(|| self.tree.append_to(format!("{}/status", run.subdir)));
        (run.state.indent, run.state.status) = (indent, status);
        let mut entry = entry_of(run, Code::Start, "");
        if let Some(timeout) = start.timeout_s {
            let field = ("timeout".to_owned(), timeout.ceil().to_string());
            entry.fields.push(field);
        }
        let text = self.lines.line(record.t, indent, &entry)?;
        self.append(record.run, &text)?;
        match self.runs.get_mut(record.run) {
            Some(run) => append_to_own(run, &text),
            None => Ok(()),
        }
    }

    /// Writes the verdict and the END of a test. First closes groups that the test left open, so that they do
    /// not affect the END or later lines; their status does not make the test's worse.
    fn end_test(&mut self, t: f64, mut run: OpenRun<Log>, end: End<'_>) -> Result<(), ReportError> {
        let (status, indent) = (end.status, run.state.indent);
        let message = end
            .verdict
            .map_or_else(|| "completed successfully".to_owned(), message);
        let lines = &mut self.lines;
        let mut text = run.state.ends_of_groups(lines, t, status)?;
        let verdict = entry_of(&run, Code::Status(status), &message);
        text.push_str(&lines.line(t, indent + 1, &verdict)?);
        text.push_str(&lines.line(t, indent, &entry_of(&run, Code::End(status), ""))?);
        let written = append_to_own(&mut run, &text);
        match run.parent.filter(|parent| self.runs.get(*parent).is_some()) {
            Some(parent) => self.append(parent, &text)?,
            None => self.put_in(run.group, &(run.state.held + &text))?,
        }
        written
    }

    /// Writes a record of a test, to its own file, too, if it names the test's subdir. An END does not close
    /// a group that the test did not open.
    fn other(&mut self, record: &Record, entry: &StatusRecord) -> Result<(), ReportError> {
        let Some(run) = self.runs.get_mut(record.run) else {
            // `run` may be the number of a group; the job's own number is 0, which no group has.
            let group = Some(record.run);
            let text = self.lines.line(record.t, self.indent_in(group), entry)?;
            return Ok(self.put_in(group, &text)?);
        };
        let text = run.state.recorded(&mut self.lines, record.t, entry);
        let text = text.map_err(|error| run.lost(error))?;
        let is_own = entry.subdir.as_ref() == Some(&run.subdir);
        let written = if is_own {
            append_to_own(run, &text)
        } else {
            Ok(())
        };
        self.append(record.run, &text)?;
        written
    }

    /// Writes to the job's log, immediately or when the outermost test ends.
    fn append(&mut self, run: u32, text: &str) -> io::Result<()> {
        let mut outermost = run;
        while let Some(parent) = self.runs.get(outermost).and_then(|run| run.parent) {
            outermost = parent;
        }
        match self.runs.state(outermost) {
            Some(log) if self.is_held => log.held.push_str(text),
            _ => {
                let group = self.runs.get(outermost).and_then(|run| run.group);
                self.put_in(group, text)?;
            }
        }
        Ok(())
    }

    /// Writes to the job's log, or to the lines of the innermost branch around, which are written when it ends.
    fn put_in(&mut self, group: Option<u32>, text: &str) -> io::Result<()> {
        let mut groups = self.runs.groups_around(group);
        let branch = groups.find(|group| self.branches.is_open(*group));
        drop(groups);
        match branch {
            Some(branch) => {
                let lines = self.branches.block(branch);
                lines.into_iter().for_each(|lines| lines.push_str(text));
                Ok(())
            }
            None => self.put(text),
        }
    }

    /// Writes to the job's log. Continuation lines at the end are held back until the next record.
    fn put(&mut self, text: &str) -> io::Result<()> {
        let mut text = std::mem::take(&mut self.waiting) + text;
        let further = text.split_inclusive('\n').rev();
        let further = further.take_while(|line| line.starts_with(EXTRA));
        let length: usize = further.map(str::len).sum();
        self.waiting = text.split_off(text.len() - length);
        self.log.append(text.as_bytes())
    }
}

/// A record of a run, with its directory and name.
fn entry_of(run: &OpenRun<Log>, code: Code, message: &str) -> StatusRecord {
    StatusRecord {
        subdir: Some(run.subdir.clone()),
        operation: Some(run.operation.clone()),
        ..StatusRecord::message(code, message)
    }
}

/// Appends to the test's own file, with the same indentation as in the job's log.
fn append_to_own(run: &mut OpenRun<Log>, text: &str) -> Result<(), ReportError> {
    let Some(status) = &mut run.state.status else {
        return Ok(());
    };
    let written = status.append(text.as_bytes());
    written.map_err(|error| run.lost(error))
}

impl Log {
    /// The indentation of records inside the run.
    fn inner(&self) -> usize {
        self.indent + 1 + self.groups.len()
    }

    /// The line for a record of the test. START and END of groups that are too deep become INFO, since
    /// unlimited indentation would make the log arbitrarily large.
    fn recorded(&mut self, lines: &mut Lines, t: f64, entry: &StatusRecord) -> io::Result<String> {
        let mut entry = entry.clone();
        match entry.code {
            Code::Start if self.groups.len() == MAX_GROUPS => {
                self.too_deep += 1;
                entry.code = Code::Info;
            }
            Code::End(_) if self.too_deep > 0 => {
                self.too_deep -= 1;
                entry.code = Code::Info;
            }
            Code::End(_) => drop(self.groups.pop()),
            Code::Start | Code::Info | Code::Status(_) => {}
        }
        let text = lines.line(t, self.inner(), &entry)?;
        if entry.code == Code::Start {
            let (subdir, operation) = (entry.subdir, entry.operation);
            self.groups.push(Group { subdir, operation });
        }
        Ok(text)
    }

    /// Closes the groups that the test left open, the innermost first.
    fn ends_of_groups(&self, lines: &mut Lines, t: f64, status: Status) -> io::Result<String> {
        let mut text = String::new();
        for (i, group) in self.groups.iter().enumerate().rev() {
            let end = StatusRecord {
                subdir: group.subdir.clone(),
                operation: group.operation.clone(),
                ..StatusRecord::message(Code::End(status), "")
            };
            text.push_str(&lines.line(t, self.indent + 1 + i, &end)?);
        }
        Ok(text)
    }
}

/// How deeply a test may nest groups.
const MAX_GROUPS: usize = 64;

/// The beginning of a continuation line (formats §2).
const EXTRA: &str = "  ";

/// The reason, then the place. A backtrace is in the debug log.
fn message(verdict: &Verdict) -> String {
    match &verdict.location {
        Some(location) => format!("{}\nat {location}", verdict.reason),
        None => verdict.reason.clone(),
    }
}

/// Renders lines. Caches the local time, since most lines are in the same second as the previous one.
#[derive(Debug, Default)]
struct Lines {
    timestamp: i64,
    localtime: String,
}

impl Lines {
    /// Core refuses illegal characters before an event is sent; any other is an error of this report.
    fn line(&mut self, t: f64, indent: usize, record: &StatusRecord) -> io::Result<String> {
        let StatusRecord {
            code,
            subdir,
            operation,
            fields,
            message,
        } = record;
        let timestamp = t as i64;
        let localtime = self.localtime(timestamp);
        let (subdir, operation) = (subdir.as_deref(), operation.as_deref());
        let entry = StatusEntry::new(*code, subdir, operation, message, timestamp, localtime);
        let entry = fields
            .iter()
            .try_fold(entry.map_err(io::Error::other)?, |entry, (key, value)| {
                entry.with_field(key, value).map_err(io::Error::other)
            })?;
        Ok(entry.render(indent))
    }

    fn localtime(&mut self, timestamp: i64) -> &str {
        if self.localtime.is_empty() || self.timestamp != timestamp {
            self.localtime = LocalTime::at(timestamp).in_status_log();
            self.timestamp = timestamp;
        }
        &self.localtime
    }
}

impl Report for StatusLog {
    fn name(&self) -> &'static str {
        "status log"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.runs.apply(record) {
            Change::JobStart(job) => {
                self.is_held = job.is_parallel;
                self.of_job(record.t, Code::Start, "")
            }
            Change::JobEnd { status, reason } => {
                self.end_groups(record.t)?;
                self.of_job(record.t, Code::End(status), reason)
            }
            Change::Parallel(parallel) => {
                self.branches.parallel(parallel);
                Ok(())
            }
            Change::GroupStart(start) => self.start_group(record, start),
            Change::GroupEnd(start, end) => self.end_group(record, &start, end),
            Change::Reboot(start) => self.reboot(record.t, start.group),
            Change::Rebooted(rebooted) => self.rebooted(record.t, rebooted),
            Change::Start(start) => self.start_test(record, start),
            Change::End(run, end) => self.end_test(record.t, run, end),
            Change::Attempt { run, verdict, .. } => {
                let end = End {
                    status: verdict.kind.status(),
                    verdict: Some(verdict),
                    elapsed_s: 0.0,
                };
                self.end_test(record.t, run, end)
            }
            Change::Detail(Detail::Status(entry)) => self.other(record, entry),
            Change::JobResume(_)
            | Change::Detail(
                Detail::Phase(_)
                | Detail::Progress { .. }
                | Detail::Keyval(_)
                | Detail::IterationKeyval { .. }
                | Detail::Perf(_)
                | Detail::Artifact(_),
            )
            | Change::Nothing => Ok(()),
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => Ok(()),
        }
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        Ok(self.log.append(self.waiting.as_bytes())?)
    }
}
