//! The rows that a job's journal comes to, if the parser understands what the job meant.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::Row;
use super::line::Status;

/// What is expected of a tree.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) rows: Vec<ExpectedRow>,
    pub(super) server: Status,
}

#[derive(Debug)]
pub(super) struct ExpectedRow {
    pub(super) row: Row,
    /// False if several reasons come together.
    pub(super) is_reason_known: bool,
}

/// A run in progress.
struct Run {
    subdir: Option<String>,
    operation: String,
    parent: Option<u64>,
    /// The worst of its own and what is below it.
    status: Status,
    /// Whether the parser hears of more than one status.
    is_mixed: bool,
}

impl Expected {
    pub(super) fn of(journal: &str) -> Expected {
        let records = journal
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let records: Vec<Value> = records.collect();
        let is_attempt = |record: &&Value| record["event"].get("attempt").is_some();
        let mut fold = Fold {
            attempts: records.iter().filter(is_attempt).map(run_of).collect(),
            ..Fold::default()
        };
        records.iter().for_each(|record| fold.add(record));
        let has_failed = fold.has_failed || !fold.aborted.is_empty();
        let server = Status::named(if has_failed { "FAIL" } else { "GOOD" }).unwrap();
        fold.rows.insert(0, client_job(&fold.rows, fold.aborted));
        let rows = fold.rows;
        Expected { rows, server }
    }
}

#[derive(Default)]
struct Fold {
    /// The runs that do not count: their end is where that is said.
    attempts: HashSet<u64>,
    on: BTreeMap<u64, Run>,
    rows: Vec<ExpectedRow>,
    has_failed: bool,
    /// Why the job was, in the end.
    aborted: String,
}

impl Fold {
    fn add(&mut self, record: &Value) {
        let (run, event) = (run_of(record), &record["event"]);
        if let Some(start) = event.get("test_start") {
            self.on.insert(run, Run::started(start));
        } else if let Some(entry) = event.get("status") {
            self.worsen(run, entry["code"].as_str().unwrap());
        } else if let Some(end) = event.get("test_end") {
            if !self.attempts.contains(&run) {
                self.end(run, end["status"].as_str().unwrap(), &end["verdict"], None);
            }
        } else if let Some(attempt) = event.get("attempt") {
            let subdir = attempt["subdir"].as_str().unwrap();
            self.end(run, "ABORT", &attempt["verdict"], Some(subdir));
        } else if let Some(end) = event.get("job_end") {
            self.aborted = end["reason"].as_str().unwrap().to_owned();
        }
    }

    fn end(&mut self, number: u64, status: &str, verdict: &Value, moved: Option<&str>) {
        self.worsen(number, status);
        let mut run = self.on.remove(&number).unwrap();
        if let Some(parent) = run.parent {
            return self.worsen(parent, &run.status.to_string());
        }
        let is_failure = ["ABORT", "ERROR", "FAIL"].contains(&status);
        self.has_failed |= is_failure && moved.is_none();
        run.subdir = moved.map(str::to_owned).or(run.subdir);
        self.rows.push(run.row(verdict));
    }

    /// By a word of the log; a START or a remark makes nothing worse.
    fn worsen(&mut self, run: u64, word: &str) {
        let status = Status::named(word.strip_prefix("END ").unwrap_or(word));
        if let (Some(run), Some(status)) = (self.on.get_mut(&run), status) {
            run.is_mixed |= run.status != Status::NONE;
            run.status = run.status.min(status);
        }
    }
}

fn run_of(record: &Value) -> u64 {
    record["run"].as_u64().unwrap()
}

impl Run {
    fn started(start: &Value) -> Run {
        let text = |key: &str| start[key].as_str().unwrap().to_owned();
        Run {
            subdir: Some(text("subdir")).filter(|subdir| !subdir.is_empty()),
            operation: text("operation"),
            parent: start["parent"].as_u64(),
            status: Status::NONE,
            is_mixed: false,
        }
    }

    fn row(self, verdict: &Value) -> ExpectedRow {
        let reason = verdict.get("reason").and_then(Value::as_str);
        let reason = reason.unwrap_or("completed successfully");
        ExpectedRow {
            row: Row {
                subdir: self.subdir,
                testname: self.operation,
                status: self.status,
                reason: first_line(reason),
            },
            is_reason_known: !self.is_mixed,
        }
    }
}

/// The first line of a message, as a status line has it. One that begins like a field has a blank
/// in front there, so blanks do not count.
fn first_line(message: &str) -> String {
    let first = message.split(['\n', '\r']).next().unwrap();
    let first = first.replace('\t', "        ");
    let first = first.replace(char::is_control, " ");
    first.trim_start().to_owned()
}

/// GOOD unless something in it, or itself, was ABORT or worse.
fn client_job(rows: &[ExpectedRow], aborted: String) -> ExpectedRow {
    let [abort, good] = ["ABORT", "GOOD"].map(|word| Status::named(word).unwrap());
    let own = if aborted.is_empty() { good } else { abort };
    let worst = rows.iter().map(|row| row.row.status).chain([own]).min();
    let status = worst.filter(|status| *status <= abort).unwrap_or(good);
    let is_reason_known = status == own;
    ExpectedRow {
        row: Row {
            subdir: None,
            testname: "CLIENT_JOB.0".to_owned(),
            status,
            reason: aborted,
        },
        is_reason_known,
    }
}
