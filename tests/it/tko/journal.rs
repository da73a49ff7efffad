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
    /// False for a group: the subdir is that of the last test in the log, which branches in it decide.
    pub(super) is_subdir_known: bool,
}

/// A branch: what is in it comes to the rows when it and those before it have ended.
struct Branch {
    around: Option<u64>,
    /// The call that began it, and its name.
    began: (String, String),
    rows: Vec<ExpectedRow>,
}

/// The branches of one call, in order; the rows of those that have ended.
#[derive(Default)]
struct Parallel {
    around: Option<u64>,
    ended: Vec<(String, Option<Vec<ExpectedRow>>)>,
}

/// A run or a group in progress.
struct Run {
    subdir: Option<String>,
    operation: String,
    /// The number of the run or the group around it.
    parent: Option<u64>,
    /// The number of the branch around it.
    branch: Option<u64>,
    is_group: bool,
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
        fold.end_groups();
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
    branches: BTreeMap<u64, Branch>,
    parallels: BTreeMap<String, Parallel>,
    /// The number of the group around the reboot in progress.
    reboot: Option<Option<u64>>,
    boots: usize,
    rows: Vec<ExpectedRow>,
    has_failed: bool,
    /// Why the job was, in the end.
    aborted: String,
}

impl Fold {
    fn add(&mut self, record: &Value) {
        let (run, event) = (run_of(record), &record["event"]);
        if let Some(start) = event.get("test_start") {
            let group = start["requested"]["group"].as_u64();
            let around = self.around(group);
            self.on.insert(run, Run::started(start, around));
        } else if let Some(start) = event.get("group_start") {
            self.start_group(run, start);
        } else if let Some(end) = event.get("group_end") {
            self.end_group(run, end["status"].as_str().unwrap());
        } else if let Some(start) = event.get("reboot_start") {
            self.reboot = Some(start["group"].as_u64());
        } else if let Some(end) = event.get("reboot_end") {
            let has_problems = !end["problems"].as_array().unwrap().is_empty();
            self.end_reboot(if has_problems { "ABORT" } else { "GOOD" });
        } else if let Some(parallel) = event["answered"]["request"].get("parallel") {
            if event["answered"]["answer"] == "done" {
                let call = event["answered"]["call"].as_str().unwrap().to_owned();
                let names = parallel["branches"].as_array().unwrap().iter();
                let ended = names.map(|name| (name.as_str().unwrap().to_owned(), None));
                let ended = ended.collect();
                let around = None;
                self.parallels.insert(call, Parallel { around, ended });
            }
        } else if let Some(entry) = event["answered"]["request"].get("record") {
            self.worsen(run, entry["code"].as_str().unwrap());
        } else if let Some(entry) = event.get("status") {
            self.worsen(run, entry["code"].as_str().unwrap());
        } else if let Some(end) = event.get("test_end") {
            if !self.attempts.contains(&run) {
                self.end(run, end["status"].as_str().unwrap(), &end["verdict"], None);
            }
        } else if let Some(attempt) = event.get("attempt") {
            let subdir = attempt["subdir"].as_str().unwrap();
            let verdict = &attempt["verdict"];
            self.end(run, status_of(verdict), verdict, Some(subdir));
        } else if let Some(end) = event.get("job_end") {
            self.aborted = end["reason"].as_str().unwrap().to_owned();
        }
    }

    fn end(&mut self, number: u64, status: &str, verdict: &Value, moved: Option<&str>) {
        self.worsen(number, status);
        let mut run = self.on.remove(&number).unwrap();
        run.subdir = moved.map(str::to_owned).or(run.subdir);
        let is_subtest = run.parent.is_some_and(|parent| !self.is_group(parent));
        let is_failure = ["ABORT", "ERROR", "FAIL"].contains(&status);
        self.has_failed |= is_failure && moved.is_none() && !is_subtest;
        match run.parent {
            Some(parent) => {
                self.worsen(parent, &run.status.to_string());
            }
            None => {
                let branch = run.branch;
                self.push(branch, run.row(verdict));
            }
        }
    }

    fn is_group(&self, number: u64) -> bool {
        self.on.get(&number).is_some_and(|run| run.is_group)
    }

    /// The group and the branch around something in this group or branch.
    fn around(&self, group: Option<u64>) -> (Option<u64>, Option<u64>) {
        let Some(number) = group else {
            return (None, None);
        };
        match self.branches.get(&number) {
            Some(branch) => (self.around(branch.around).0, Some(number)),
            None => (
                Some(number),
                self.on.get(&number).and_then(|group| group.branch),
            ),
        }
    }

    fn push(&mut self, branch: Option<u64>, row: ExpectedRow) {
        match branch.and_then(|branch| self.branches.get_mut(&branch)) {
            Some(branch) => branch.rows.push(row),
            None => self.rows.push(row),
        }
    }

    fn start_group(&mut self, number: u64, start: &Value) {
        let around = start["group"].as_u64();
        if start["kind"] == "branch" {
            let path = start["call"].as_str().unwrap().rsplit_once('.').unwrap().0;
            let (call, name) = path.rsplit_once('/').unwrap();
            self.parallels.get_mut(call).unwrap().around = around;
            let branch = Branch {
                around,
                began: (call.to_owned(), name.to_owned()),
                rows: Vec::new(),
            };
            self.branches.insert(number, branch);
            return;
        }
        let (parent, branch) = self.around(around);
        self.on.insert(
            number,
            Run {
                subdir: None,
                operation: start["name"].as_str().unwrap().to_owned(),
                parent,
                branch,
                is_group: true,
                status: Status::NONE,
                is_mixed: true,
            },
        );
    }

    fn end_group(&mut self, number: u64, status: &str) {
        if let Some(branch) = self.branches.remove(&number) {
            let (call, name) = branch.began;
            let parallel = self.parallels.get_mut(&call).unwrap();
            let mut places = parallel.ended.iter_mut();
            let place = places.find(|(place, _)| *place == name).unwrap();
            place.1 = Some(branch.rows);
            let done = parallel.ended.iter().take_while(|(_, rows)| rows.is_some());
            let done = done.count();
            self.flush(&call, done);
        } else {
            let is_failure = self.has_failed;
            self.end(number, status, &Value::Null, None);
            // A group is no test.
            self.has_failed = is_failure;
        }
    }

    /// The rows of the first branches of a call.
    fn flush(&mut self, call: &str, count: usize) {
        let parallel = self.parallels.get_mut(call).unwrap();
        let around = parallel.around;
        let done: Vec<_> = parallel.ended.drain(..count).collect();
        let outer = self.around(around).1;
        let rows = done.into_iter().filter_map(|(_, rows)| rows).flatten();
        for row in rows {
            self.push(outer, row);
        }
    }

    fn end_reboot(&mut self, status: &str) {
        let Some(group) = self.reboot.take() else {
            return;
        };
        let testname = format!("boot.{}", self.boots);
        self.boots += 1;
        match self.around(group).0 {
            Some(group) => self.worsen(group, status),
            None => self.rows.push(ExpectedRow {
                row: Row {
                    subdir: None,
                    testname,
                    status: Status::named(status).unwrap(),
                    reason: String::new(),
                },
                is_reason_known: false,
                is_subdir_known: true,
            }),
        }
    }

    /// What is open when the job ends is ended with it, the innermost first.
    fn end_groups(&mut self) {
        self.end_reboot("ABORT");
        let groups = self.on.iter().filter(|(_, run)| run.is_group);
        let groups = groups.map(|(number, _)| *number);
        let mut open: Vec<u64> = groups.chain(self.branches.keys().copied()).collect();
        open.sort_unstable();
        open.into_iter()
            .rev()
            .for_each(|number| self.end_group(number, "ABORT"));
        let calls: Vec<String> = self.parallels.keys().cloned().collect();
        for call in calls {
            let all = self.parallels[&call].ended.len();
            self.flush(&call, all);
        }
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
    fn started(start: &Value, (group, branch): (Option<u64>, Option<u64>)) -> Run {
        let text = |key: &str| start[key].as_str().unwrap().to_owned();
        Run {
            subdir: Some(text("subdir")).filter(|subdir| !subdir.is_empty()),
            operation: text("operation"),
            parent: start["parent"].as_u64().or(group),
            branch,
            is_group: false,
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
            is_subdir_known: !self.is_group,
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

/// An attempt has no status of its own: one that was interrupted is ABORT, and one that a runner repeated is what it
/// was.
fn status_of(verdict: &Value) -> &'static str {
    match verdict["kind"].as_str().unwrap() {
        "fail" | "retry" => "FAIL",
        "error" => "ERROR",
        "warn" => "WARN",
        _ => "ABORT",
    }
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
        is_subdir_known: true,
    }
}
