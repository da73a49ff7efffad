//! The TAP files that the original wrote with its option `--tap` (formats §4): `status.tap` for each
//! directory with a status log, a `.tap` beside each keyval file, `meta.yml`, `tap.tar.gz`.
//!
//! Each begins with its plan, which is only known at the end, so the files are made from the journal then.
//! Texts are escaped only where the original did it, but a text never ends its line.

#[cfg(feature = "tap-archive")]
mod archive;
#[cfg(not(feature = "tap-archive"))]
#[path = "tap_files/no_archive.rs"]
mod archive;

use std::fs::File;
use std::io;

use autotest_core::keyval::{self, Tag};
use autotest_core::status::{Code, Status};
use autotest_core::{GroupKind, GroupStart, StatusRecord, Value};

use crate::record::Record;
use crate::replay::Replay;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, OpenRun, Rebooted, Runs};
use crate::sanitize::{quoted, single_line};
use crate::tree::Tree;
use archive::Archive;

/// Writes the TAP files of a job.
#[derive(Debug)]
pub struct TapFiles {
    tree: Tree,
    journal: File,
}

/// The files of a run in progress.
#[derive(Debug, Default)]
struct Files {
    status: TapFile,
    keyval: TapFile,
    iterations: TapFile,
}

/// A file under construction.
#[derive(Debug, Default)]
struct TapFile {
    count: usize,
    text: String,
}

impl TapFile {
    fn add(&mut self, is_ok: bool, name: &str) {
        self.count += 1;
        let result = if is_ok { "ok" } else { "not ok" };
        let name = single_line(name).replace('#', "\\#");
        self.text
            .push_str(&format!("{result} {} - {name}\n", self.count));
    }

    /// Adds a point for a call that wrote keyvals; as in the original, a call without keyvals has no point.
    /// Invalid keyvals are reported by the report that writes the keyval files.
    fn add_keyvals(&mut self, pairs: &[(String, Value)], tag: Option<Tag>) {
        let lines = keyval::render_lines(pairs, tag).unwrap_or_default();
        if lines.is_empty() {
            return;
        }
        self.add(true, "results");
        self.text.push_str("  ---\n");
        for (key, value) in lines.lines().filter_map(|line| line.split_once('=')) {
            let key = key.replace('{', "_").replace('}', "");
            self.text
                .push_str(&format!("  {key}: {}\n", single_line(value)));
        }
        self.text.push_str("  ...\n");
    }

    fn file(&self) -> String {
        format!("1..{}\n{}", self.count, self.text)
    }
}

/// The state of the fold at the end of the job.
struct Writer<'a> {
    tree: &'a Tree,
    status: TapFile,
    runs: Runs<Files>,
    archive: Archive,
    /// The paths of the files, in order, without the job's own, which comes first.
    written: Vec<String>,
    /// The time of the last record.
    t: f64,
    /// The first error.
    error: Option<io::Error>,
}

impl TapFiles {
    /// Creates the report, which writes to `tree`, from the journal of the job.
    pub fn new(tree: &Tree, journal: File) -> TapFiles {
        let tree = tree.clone();
        TapFiles { tree, journal }
    }
}

impl Writer<'_> {
    fn add(&mut self, record: &Record) {
        self.t = record.t;
        match self.runs.apply(record) {
            Change::JobEnd { status, .. } => {
                self.end_groups();
                self.status.add(status == Status::Good, "job");
            }
            Change::GroupEnd(group, end) => self.end_group(&group, end.status),
            Change::Rebooted(Rebooted { problems, .. }) => {
                self.status.add(problems.is_empty(), "reboot");
            }
            Change::End(run, end) => {
                let subdir = run.subdir.clone();
                self.end(run, &subdir, end.status);
            }
            Change::Attempt {
                run,
                subdir,
                verdict,
            } => self.end(run, subdir, verdict.kind.status()),
            Change::Detail(Detail::Status(entry)) => self.entry(record.run, entry),
            Change::Detail(Detail::Keyval(pairs)) => {
                if let Some(files) = self.runs.state(record.run) {
                    files.keyval.add_keyvals(pairs, None);
                }
            }
            Change::Detail(Detail::IterationKeyval { attr, perf }) => {
                if let Some(files) = self.runs.state(record.run) {
                    files.iterations.add_keyvals(attr, Some(Tag::Attr));
                    files.iterations.add_keyvals(perf, Some(Tag::Perf));
                }
            }
            Change::JobStart(_)
            | Change::JobResume(_)
            | Change::Start(_)
            | Change::Detail(
                Detail::Phase(_) | Detail::Progress { .. } | Detail::Perf(_) | Detail::Artifact(_),
            )
            | Change::GroupStart(_)
            | Change::Parallel(_)
            | Change::Reboot(_)
            | Change::Nothing => {}
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => {}
        }
    }

    /// Adds a point for the END of a group; a branch has none.
    fn end_group(&mut self, group: &GroupStart, status: Status) {
        if group.kind == GroupKind::Group {
            self.status.add(status == Status::Good, &group.name);
        }
    }

    /// Ends what is open when the job ends, the innermost first.
    fn end_groups(&mut self) {
        if self.runs.reboot().is_some() {
            self.status.add(false, "reboot");
        }
        let open: Vec<_> = self
            .runs
            .groups()
            .rev()
            .map(|(_, group)| group.clone())
            .collect();
        for group in open {
            self.end_group(&group, Status::Abort);
        }
    }

    /// Adds a point for an END that a test recorded itself.
    fn entry(&mut self, run: u32, entry: &StatusRecord) {
        let Code::End(status) = entry.code else {
            return;
        };
        let (is_ok, name) = (status == Status::Good, entry.operation.as_deref());
        let name = name.unwrap_or("unknown");
        self.status.add(is_ok, name);
        let run = self.runs.get_mut(run);
        if let Some(run) = run.filter(|run| entry.subdir.as_ref() == Some(&run.subdir)) {
            run.state.status.add(is_ok, name);
        }
    }

    /// Writes the files of a run, to its final directory.
    fn end(&mut self, mut ended: OpenRun<Files>, subdir: &str, status: Status) {
        let is_ok = status == Status::Good;
        self.status.add(is_ok, &ended.operation);
        if subdir.is_empty() || ended.is_nested() {
            return;
        }
        ended.state.status.add(is_ok, &ended.operation);
        let Files {
            status,
            keyval,
            iterations,
        } = &ended.state;
        let files = [
            ("status.tap", status),
            ("keyval.tap", keyval),
            ("results/keyval.tap", iterations),
        ];
        for (name, points) in files.into_iter().filter(|(_, points)| points.count > 0) {
            let path = format!("{subdir}/{name}");
            self.write(&path, &points.file());
            self.written.push(path);
        }
    }

    /// Writes a file. An error does not affect other files.
    fn write(&mut self, path: &str, text: &str) {
        let written = self.tree.write_whole(path, text.as_bytes());
        let archived = self.archive.add(path, text, self.t);
        if let Err(error) = written.and(archived) {
            self.error.get_or_insert(error);
        }
    }

    fn finish(mut self) -> io::Result<()> {
        let status = self.status.file();
        self.write("status.tap", &status);
        let mut meta = "file_order:\n  - status.tap\n".to_owned();
        for path in std::mem::take(&mut self.written) {
            meta.push_str(&format!("  - {}\n", yaml(&path)));
        }
        self.write("meta.yml", &meta);
        self.archive.finish(self.tree)?;
        self.error.map_or(Ok(()), Err)
    }
}

/// A path in YAML: plain as in the original, or in quotes if it could be misread.
fn yaml(path: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    if path.chars().all(is_plain) {
        path.to_owned()
    } else {
        quoted(path)
    }
}

impl Report for TapFiles {
    fn name(&self) -> &'static str {
        "TAP files"
    }

    /// Everything is written at the end, from the journal.
    fn record(&mut self, _: &Record) -> Result<(), ReportError> {
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        let mut writer = Writer {
            tree: &self.tree,
            status: TapFile::default(),
            runs: Runs::default(),
            archive: Archive::new(),
            written: Vec::new(),
            t: 0.0,
            error: None,
        };
        for record in Replay::new(self.journal.try_clone()?)? {
            writer.add(&record);
        }
        Ok(writer.finish()?)
    }
}
