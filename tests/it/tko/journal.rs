//! The rows that a job's journal comes to, if the parser understands what the job meant.

use std::collections::BTreeMap;

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

/// A run that is on.
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
        let mut runs = BTreeMap::new();
        let mut rows = Vec::new();
        let (mut aborted, mut has_failed) = (String::new(), false);
        for record in journal.lines() {
            let record: Value = serde_json::from_str(record).unwrap();
            let number = record["run"].as_u64().unwrap();
            let event = &record["event"];
            if let Some(start) = event.get("test_start") {
                runs.insert(number, Run::started(start));
            } else if let Some(record) = event.get("status") {
                worsen(&mut runs, number, record["code"].as_str().unwrap());
            } else if let Some(end) = event.get("test_end") {
                let status = end["status"].as_str().unwrap();
                worsen(&mut runs, number, status);
                let run = runs.remove(&number).unwrap();
                if let Some(parent) = run.parent {
                    worsen(&mut runs, parent, &run.status.to_string());
                } else {
                    rows.push(run.row(&end["verdict"]));
                    has_failed |= ["ABORT", "ERROR", "FAIL"].contains(&status);
                }
            } else if let Some(end) = event.get("job_end") {
                aborted = end["reason"].as_str().unwrap().to_owned();
            }
        }
        has_failed |= !aborted.is_empty();
        let server = Status::named(if has_failed { "FAIL" } else { "GOOD" }).unwrap();
        rows.insert(0, client_job(&rows, aborted));
        Expected { rows, server }
    }
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

/// By a word of the log; a START or a remark makes nothing worse.
fn worsen(runs: &mut BTreeMap<u64, Run>, number: u64, word: &str) {
    let status = Status::named(word.strip_prefix("END ").unwrap_or(word));
    if let (Some(run), Some(status)) = (runs.get_mut(&number), status) {
        run.is_mixed |= run.status != Status::NONE;
        run.status = run.status.min(status);
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
