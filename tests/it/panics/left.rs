//! What a job left on the disk of a machine that was disturbed, against what its console had shown.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use autotest_core::{Event, Status};
use autotest_report::Record;

use super::machine::POWER_CUT;
use crate::resume::verdicts;

/// How often a test is begun; `init.sh` has the same number.
const ATTEMPTS: u32 = 2;

/// How many tests the fixture has.
const TESTS: usize = 35;

const PANIC: &str = "Kernel panic - not syncing";

/// How a test panics.
const OF_TESTS: &str = "sysrq triggered crash";

/// The results of a job, and all that its machine printed.
pub(super) struct Job {
    dir: PathBuf,
    journal: String,
    records: Vec<Record>,
    console: String,
}

/// What happened in several jobs.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) panics: usize,
    boots: usize,
    verdicts: usize,
    attempts: usize,
    given_up: usize,
    with_text: usize,
}

impl Told {
    pub(super) fn add(&mut self, other: &Told) {
        self.panics += other.panics;
        self.boots += other.boots;
        self.verdicts += other.verdicts;
        self.attempts += other.attempts;
        self.given_up += other.given_up;
        self.with_text += other.with_text;
    }
}

/// The end of a run: its test's operation, its directory, and why.
struct End<'a> {
    operation: &'a str,
    subdir: &'a str,
    status: Status,
    reason: &'a str,
    is_attempt: bool,
}

impl Job {
    /// Every line of the journal is a record.
    pub(super) fn new(dir: &Path, console: String) -> Job {
        let journal = fs::read_to_string(dir.join("journal.jsonl"));
        let journal = journal.unwrap_or_else(|error| panic!("{error}\n{console}"));
        let records = journal
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        Job {
            dir: dir.to_owned(),
            records: records.collect(),
            journal,
            console,
        }
    }

    pub(super) fn summary(&self) -> String {
        let panics = self.panics();
        let boots = self.boots();
        let lines = self.records.len();
        format!("{boots} boots, {panics} panics, {lines} records")
    }

    fn boots(&self) -> usize {
        self.console.matches("booted after ").count()
    }

    fn panics(&self) -> usize {
        let lines = self.console.lines();
        lines
            .filter(|line| line.contains(&format!("] {PANIC}")))
            .count()
    }

    /// Each test has one verdict, which is the one that was shown first, and each panic is where it belongs.
    pub(super) fn check(&self) -> Told {
        let seqs = self.records.iter().map(|record| record.seq);
        assert!(seqs.eq(0..self.records.len() as u64), "{}", self.journal);
        let last = &self.records.last().unwrap().event;
        assert!(matches!(last, Event::JobEnd { .. }), "{last:?}");
        let verdicts = verdicts(&self.journal);
        assert_eq!(verdicts.len(), TESTS, "{verdicts:?}");
        for (operation, of_test) in &verdicts {
            let counts = (of_test.ends, of_test.starts);
            assert_eq!(
                counts,
                (1, of_test.attempts + 1),
                "{operation}: {}",
                self.journal
            );
        }
        let ends = self.ends();
        let finals = ends.iter().filter(|end| !end.is_attempt);
        let finals: BTreeMap<_, _> = finals.map(|end| (end.operation, end)).collect();
        assert_eq!(finals.len(), TESTS);
        for (operation, end) in &finals {
            check_status(end, verdicts[*operation].attempts);
        }
        self.check_shown(&finals);
        self.check_stored();
        crate::tko::check_tree(&self.dir);
        Told {
            panics: self.panics(),
            boots: self.boots(),
            verdicts: finals.len(),
            attempts: ends.len() - finals.len(),
            given_up: finals.values().filter(|end| is_given_up(end)).count(),
            with_text: self.check_texts(&ends),
        }
    }

    /// The ends of all runs but subtests.
    fn ends(&self) -> Vec<End<'_>> {
        let starts = self
            .records
            .iter()
            .filter_map(|record| match &record.event {
                Event::TestStart(start) if start.parent.is_none() => Some((record.run, start)),
                _ => None,
            });
        let starts: BTreeMap<_, _> = starts.collect();
        let ends = self.records.iter().filter_map(|record| {
            let start = starts.get(&record.run)?;
            let (subdir, status, verdict, is_attempt) = match &record.event {
                Event::Attempt { subdir, verdict } => (subdir, Status::Abort, Some(verdict), true),
                Event::TestEnd {
                    status, verdict, ..
                } => (&start.subdir, *status, verdict.as_ref(), false),
                _ => return None,
            };
            Some(End {
                operation: &start.operation,
                subdir,
                status,
                reason: verdict.map_or("", |verdict| &verdict.reason),
                is_attempt,
            })
        });
        ends.collect()
    }

    /// What the console showed as the end of a test is its verdict.
    fn check_shown(&self, finals: &BTreeMap<&str, &End<'_>>) {
        // Without the live line, and without the kernel's messages, which may be in the midst of a line.
        let lines = self
            .console
            .lines()
            .filter_map(|line| line.rsplit("\u{1b}[K").next());
        let shown = lines.filter_map(|line| line.strip_prefix("test ")?.split_once(" ... "));
        let mut tests = BTreeSet::new();
        for (test, word) in shown {
            let expected = match word.trim_end() {
                "ok" => Status::Good,
                "ok (TEST_NA: five)" => Status::TestNa,
                "FAILED (FAIL)" => Status::Fail,
                "FAILED (ABORT)" => Status::Abort,
                _ => continue,
            };
            let end = finals[&*test.replace("::", ".")];
            assert_eq!(end.status, expected, "{test}: {}", self.console);
            tests.insert(test);
        }
        assert_eq!(tests.len(), TESTS, "{tests:?}\n{}", self.console);
    }

    /// A run that a panic interrupted has the kernel's text, and no two have the same. Returns how many there are.
    fn check_texts(&self, ends: &[End<'_>]) -> usize {
        let mut texts = BTreeMap::new();
        let mut count = 0;
        for end in ends.iter().filter(|end| end.reason.contains(PANIC)) {
            let panic = end.reason.strip_prefix("rebooted: ").unwrap();
            let panic = panic.split("; given up").next().unwrap();
            let text = self.text(end.subdir);
            assert!(text.contains(panic), "{}: {panic}\n{text}", end.subdir);
            *texts.entry(text).or_insert(0) += 1;
            count += 1;
        }
        assert!(texts.len() <= self.panics());
        // Tests that run at once are interrupted at once.
        let most = if self.journal.contains("--test-threads") {
            3
        } else {
            1
        };
        assert!(
            texts.values().all(|count| *count <= most),
            "{}",
            self.journal
        );
        count
    }

    /// Every panic of a test is on record, unless the power was cut before the job could go on.
    fn check_stored(&self) {
        let (mut least, mut lost, mut is_stored) = (0, 0, false);
        for line in self.console.lines() {
            if line.contains(POWER_CUT) {
                lost += usize::from(is_stored);
                is_stored = false;
            } else if line.contains(&format!("] {PANIC}: {OF_TESTS}")) {
                // The job went on since the one before.
                least += usize::from(is_stored);
                is_stored = true;
            }
        }
        least += usize::from(is_stored);
        let recorded = self.records.iter().filter(|record| match &record.event {
            Event::JobResume(job) => job.kernel_crash.contains(OF_TESTS),
            _ => false,
        });
        let recorded = recorded.count();
        let is_possible = (least..=least + lost).contains(&recorded);
        assert!(
            is_possible,
            "{least} and {lost}: {}\n{}",
            self.journal, self.console
        );
    }

    /// What the kernel stored, in the directory of a run.
    fn text(&self, subdir: &str) -> String {
        let dir = self.dir.join(subdir).join("sysinfo");
        let entries = fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
        let paths = entries.map(|entry| entry.unwrap().path());
        let texts = paths.map(|path| fs::read(path).unwrap());
        let texts = texts.map(|text| String::from_utf8_lossy(&text).into_owned());
        texts.collect()
    }
}

fn is_given_up(end: &End<'_>) -> bool {
    let reason = format!("given up after {ATTEMPTS} attempts");
    end.status == Status::Abort && end.reason.ends_with(&reason)
}

/// A test has the verdict of its own code, unless it was interrupted too often.
#[track_caller]
fn check_status(end: &End<'_>, attempts: u32) {
    let operation = end.operation;
    let is_hopeless = ["c.always", "c.in_cleanup"].contains(&operation);
    if is_given_up(end) {
        assert_eq!(attempts, ATTEMPTS - 1, "{operation}: {}", end.reason);
        return;
    }
    assert!(!is_hopeless, "{operation}: {}", end.reason);
    let own = match operation.rsplit('.').next() {
        Some("t3") => Status::Fail,
        Some("t5") => Status::TestNa,
        _ => Status::Good,
    };
    assert_eq!(end.status, own, "{operation}: {}", end.reason);
}
