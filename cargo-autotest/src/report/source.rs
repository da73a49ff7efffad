//! Reads what merging needs to know about a job.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{Event, JobStart, Kind, TestStart, Verdict};
use autotest_report::journal::{self, Ending, Records};
use autotest_report::{JournalError, Replay};

/// A journal that cannot be read, for a reason that the user can do something about.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("`{dir}`: {error}", dir = .0.display(), error = .1)]
    Busy(PathBuf, JournalError),
    /// The error names the file.
    #[error(transparent)]
    Journal(JournalError),
}

/// A job.
#[derive(Debug)]
pub(super) struct Source {
    /// The directory of the job.
    pub(super) dir: PathBuf,
    pub(super) start: JobStart,
    /// The times of its first and its last record, in seconds since 1970.
    pub(super) time: (f64, f64),
    /// Its end: GOOD, or ABORT with the reason.
    pub(super) end: (Status, String),
    /// The number of records.
    pub(super) length: u64,
    /// The final runs that are not subtests, in the order in which they ended.
    pub(super) runs: Vec<FinalRun>,
}

/// A run with a final verdict.
#[derive(Clone, Debug)]
pub(super) struct FinalRun {
    pub(super) number: u32,
    pub(super) test: String,
    pub(super) operation: String,
    pub(super) subdir: String,
    /// Its verdict; `None` if it passed.
    pub(super) verdict: Option<Verdict>,
}

/// The result of reading a journal.
#[derive(Debug)]
pub(super) struct Scanned {
    /// `None` if the journal has no job.
    pub(super) source: Option<Source>,
    /// A message about records that are lost.
    pub(super) damage: Option<String>,
}

/// Opens the journal of a job.
///
/// # Errors
/// If it cannot be read, for a reason that the user can do something about.
pub(super) fn open(dir: &Path) -> Result<File, SourceError> {
    journal::read_shared(dir).map_err(|error| failed(dir, error))
}

fn failed(dir: &Path, error: JournalError) -> SourceError {
    match error {
        JournalError::Locked | JournalError::Open(_) => SourceError::Busy(dir.to_owned(), error),
        JournalError::NotThere { .. } | JournalError::NoJob(_) | JournalError::Newer { .. } => {
            SourceError::Journal(error)
        }
    }
}

/// Reads the journal of the job in a directory. Damage is not an error, since nothing can be done about it.
///
/// # Errors
/// If it cannot be read, for a reason that the user can do something about.
pub(super) fn scan(dir: &Path) -> Result<Scanned, SourceError> {
    let journal = open(dir)?;
    let failed = |error: io::Error| failed(dir, error.into());
    let damage = damage(&journal, &dir.join(journal::NAME)).map_err(failed)?;
    let replay = Replay::new(journal).map_err(failed)?;
    let mut scan = Scan::default();
    for record in replay {
        scan.add(record.run, record.t, &record.event);
        scan.length += 1;
    }
    let source = scan.start.map(|start| Source {
        dir: dir.to_owned(),
        start,
        time: scan.time,
        end: scan.end,
        length: scan.length,
        runs: scan.runs,
    });
    Ok(Scanned { source, damage })
}

/// A message about a journal that has no job, or in which a line is not the next record, although more follows. An
/// incomplete last line is normal: the job was interrupted.
fn damage(journal: &File, path: &Path) -> io::Result<Option<String>> {
    let mut records = Records::new(journal.try_clone()?);
    let first = records.next();
    let is_job = first.is_some_and(|first| matches!(first.event, Event::JobStart(_)));
    let (count, ending) = records.ending()?;
    let path = path.display();
    Ok(if !is_job && journal.metadata()?.len() == 0 {
        Some(format!(
            "`{path}` is empty: the job ended before it began; run it again"
        ))
    } else if !is_job {
        Some(format!(
            "`{path}` has no job: its first line does not begin one"
        ))
    } else if ending == Ending::Damaged {
        let line = count + 1;
        Some(format!(
            "`{path}` is damaged: line {line} is not a record, and nothing after it can be trusted; only the {count} \
             before it are shown"
        ))
    } else {
        None
    })
}

/// The fold that reads a job.
#[derive(Debug)]
struct Scan {
    start: Option<JobStart>,
    time: (f64, f64),
    end: (Status, String),
    length: u64,
    open: Vec<(u32, TestStart)>,
    runs: Vec<FinalRun>,
}

impl Default for Scan {
    fn default() -> Scan {
        Scan {
            start: None,
            time: (0.0, 0.0),
            end: (Status::Abort, "the job was interrupted".to_owned()),
            length: 0,
            open: Vec::new(),
            runs: Vec::new(),
        }
    }
}

impl Scan {
    fn add(&mut self, run: u32, t: f64, event: &Event) {
        self.time.1 = self.time.1.max(t);
        match event {
            Event::JobStart(start) => {
                self.start = Some((**start).clone());
                self.time = (t, t);
            }
            Event::JobEnd { status, reason } => self.end = (*status, reason.clone()),
            Event::TestStart(start) => self.open.push((run, start.clone())),
            Event::TestEnd { verdict, .. } => {
                if let Some(start) = self.take(run).filter(|start| start.parent.is_none()) {
                    self.runs.push(FinalRun {
                        number: run,
                        test: start.test,
                        operation: start.operation,
                        subdir: start.subdir,
                        verdict: verdict.clone(),
                    });
                }
            }
            Event::Attempt { .. } => drop(self.take(run)),
            _ => {}
        }
    }

    fn take(&mut self, run: u32) -> Option<TestStart> {
        let at = self.open.iter().position(|(open, _)| *open == run)?;
        Some(self.open.swap_remove(at).1)
    }
}

impl Source {
    /// If the whole job is one attempt of one test, as a runner starts them: the directory with all jobs of the runner,
    /// and the number of the attempt, from 1.
    pub(super) fn as_member(&self) -> Option<(&Path, u32)> {
        let [only] = self.start.plan.as_slice() else {
            return None;
        };
        let subdir = match self.runs.first() {
            Some(run) if !run.subdir.is_empty() => run.subdir.as_str(),
            _ => only.operation.as_str(),
        };
        let name = self.dir.file_name()?.to_str()?;
        let suffix = name.strip_prefix(subdir)?;
        let is_exact = self.start.argv.iter().any(|arg| arg == "--exact");
        let attempt = match suffix.strip_prefix(".attempt-") {
            Some(number) => number.split('.').next()?.parse().ok()?,
            None if suffix.is_empty() || suffix.starts_with('.') => 1,
            None => return None,
        };
        is_exact.then_some((self.dir.parent()?, attempt))
    }

    /// The shard that it ran, if the tests were divided: its number, from 1, and the number of shards.
    pub(super) fn shard(&self) -> Option<(u32, u32)> {
        let (part, parts) = self.start.shard.as_ref()?.split_once('/')?;
        let (part, parts) = (part.parse().ok()?, parts.parse().ok()?);
        (parts > 1 && (1..=parts).contains(&part)).then_some((part, parts))
    }

    /// The arguments that decide which tests run and how, without those for output and the place of results.
    pub(super) fn deciding_args(&self) -> Vec<&str> {
        let mut args = self.start.argv.iter().map(String::as_str);
        let mut deciding = Vec::new();
        while let Some(arg) = args.next() {
            if SHOWING_WITH_VALUE.contains(&arg) {
                args.next();
            } else if !is_showing(arg) {
                deciding.push(arg);
            }
        }
        deciding
    }

    /// The number of tests of the binary: those of this job, and those that were not selected.
    pub(super) fn all_tests(&self) -> usize {
        self.start.plan.len() + self.start.ignored.len() + self.start.filtered_out
    }
}

/// Flags with a value that may differ from shard to shard.
const SHOWING_WITH_VALUE: [&str; 6] = [
    "--color",
    "--format",
    "--logfile",
    "--results",
    "--shard",
    "--test-threads",
];

/// Flags without a value that may differ from shard to shard.
const SHOWING: [&str; 8] = [
    "--html",
    "--junit",
    "--no-capture",
    "--nocapture",
    "--quiet",
    "--show-output",
    "--tap",
    "-q",
];

fn is_showing(arg: &str) -> bool {
    let with_value = arg.split_once('=').map(|(flag, _)| flag);
    SHOWING.contains(&arg) || with_value.is_some_and(|flag| SHOWING_WITH_VALUE.contains(&flag))
}

impl FinalRun {
    /// Whether it can be an attempt of a test that ran again: it did not pass, and was not skipped.
    pub(super) fn can_be_attempt(&self) -> bool {
        let kind = self.verdict.as_ref().map(|verdict| verdict.kind);
        kind.is_some_and(|kind| kind != Kind::NotApplicable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job in a directory, with these arguments and one planned test.
    fn source(dir: &str, argv: &[&str]) -> Source {
        let planned = autotest_core::PlannedTest {
            test: "net::ping".to_owned(),
            operation: "net.ping".to_owned(),
            ..Default::default()
        };
        Source {
            dir: dir.into(),
            start: JobStart {
                argv: argv.iter().map(|arg| (*arg).to_owned()).collect(),
                plan: vec![planned],
                ..JobStart::default()
            },
            time: (0.0, 0.0),
            end: (Status::Good, String::new()),
            length: 0,
            runs: Vec::new(),
        }
    }

    #[test]
    fn what_is_shown_decides_nothing() {
        let argv = [
            "net",
            "--shard",
            "1/2",
            "--results=x",
            "--junit",
            "--param",
            "a=--shard=1",
            "--format=tap",
            "--strict",
        ];
        let deciding = ["net", "--param", "a=--shard=1", "--strict"];
        assert_eq!(source("/r", &argv).deciding_args(), deciding);
    }

    #[test]
    fn a_job_of_one_exact_test_in_a_directory_of_its_name_is_an_attempt() {
        let check = |dir: &str, argv: &[&str], attempt: Option<u32>| {
            let source = source(dir, argv);
            let member = source.as_member();
            assert_eq!(member, attempt.map(|it| (Path::new("/r"), it)), "{dir}");
        };
        let exact: &[&str] = &["--exact", "net::ping"];
        check("/r/net.ping", exact, Some(1));
        check("/r/net.ping.2", exact, Some(1));
        check("/r/net.ping.attempt-3", exact, Some(3));
        check("/r/net.ping.attempt-3.2", exact, Some(3));
        check("/r/net.pings", exact, None);
        check("/r/2026-11-29", exact, None);
        check("/r/net.ping.attempt-x", exact, None);
        check("/r/net.ping", &["net::ping"], None);
    }

    #[test]
    fn a_shard_is_one_of_several_parts() {
        let check = |text: &str, expected: Option<(u32, u32)>| {
            let mut source = source("/r", &[]);
            source.start.shard = Some(text.to_owned());
            assert_eq!(source.shard(), expected, "{text}");
        };
        check("2/3", Some((2, 3)));
        check("3/3", Some((3, 3)));
        for none in ["1/1", "0/3", "4/3", "x/3", "3", ""] {
            check(none, None);
        }
    }
}
