//! What the lines of a status log come to (formats §12.4).

use super::line::{Code, Line, Status, parse};
use super::{Fatal, Row, fatal};

/// The groups that are open, and the rows so far.
#[derive(Debug, Default)]
pub(super) struct Machine {
    open: Vec<Group>,
    rows: Vec<Row>,
    /// Of the test that is in progress, also from what is nested in it.
    reasons: Vec<String>,
    client_jobs: usize,
    boots: usize,
}

#[derive(Debug)]
struct Group {
    kind: Kind,
    status: Status,
    /// The last one that was named.
    subdir: Option<String>,
    operation: Option<String>,
    /// Its own, if it is a client job.
    reasons: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// With the place of its row, which it has from its beginning.
    ClientJob(usize),
    Test,
    Nested,
}

impl Machine {
    pub(super) fn read(mut self, log: &str) -> Result<Vec<Row>, Fatal> {
        let log = log.strip_suffix('\n').unwrap_or(log);
        let mut last_is_status_line = true;
        for line in log.split('\n') {
            let line = parse(line)?;
            last_is_status_line = line.is_some();
            if let Some(line) = line {
                self.take(&line);
            }
        }
        if !self.open.is_empty() && !last_is_status_line {
            return fatal("the last line is none, and groups are open");
        }
        while let Some(group) = self.open.last() {
            let (subdir, operation) = (group.subdir.clone(), group.operation.clone());
            let subdir = subdir.filter(|_| group.kind == Kind::Test);
            self.end(&abort(subdir, operation, "Job aborted unexpectedly"));
        }
        Ok(self.rows)
    }

    /// A line that is too deep is passed over; one that is not deep enough closes what is open.
    fn take(&mut self, line: &Line) {
        let is_end = matches!(line.code, Code::End(_));
        loop {
            let Some(expected) = self.open.len().checked_sub(usize::from(is_end)) else {
                return;
            };
            if line.indent > expected {
                return;
            }
            if line.indent == expected {
                break;
            }
            self.end(&abort(
                line.subdir.clone(),
                line.operation.clone(),
                &line.reason,
            ));
        }
        match line.code {
            Code::Start => self.start(line),
            Code::Info => {}
            Code::Status(status) => self.status(line, status),
            Code::End(_) => self.end(line),
        }
    }

    fn start(&mut self, line: &Line) {
        let is_named = line.subdir.is_some() || line.operation.is_some();
        let kind = match self.open.last().map(|group| group.kind) {
            None if !is_named => {
                let testname = format!("CLIENT_JOB.{}", self.client_jobs);
                self.client_jobs += 1;
                let running = Status::named("RUNNING").unwrap();
                self.row(None, testname, running, String::new());
                Kind::ClientJob(self.rows.len() - 1)
            }
            None | Some(Kind::ClientJob(_)) => Kind::Test,
            Some(Kind::Test | Kind::Nested) => Kind::Nested,
        };
        if kind == Kind::Test {
            self.reasons.clear();
        }
        self.open.push(Group {
            kind,
            status: Status::NONE,
            subdir: line.subdir.clone(),
            operation: line.operation.clone(),
            reasons: Vec::new(),
        });
    }

    fn status(&mut self, line: &Line, status: Status) {
        let is_in_test = self.open.iter().any(|group| group.kind == Kind::Test);
        let is_named = line.subdir.is_some() || line.operation.is_some();
        self.lower(line, status);
        if !is_in_test && is_named {
            let testname = line.operation.clone().or(line.subdir.clone());
            let testname = testname.expect("one of them is there");
            self.row(line.subdir.clone(), testname, status, line.reason.clone());
        }
    }

    /// The status of the innermost group becomes no better; what makes it so has its reason kept.
    fn lower(&mut self, line: &Line, status: Status) {
        let Some(group) = self.open.last_mut() else {
            return;
        };
        if status <= group.status {
            let reasons = match group.kind {
                Kind::ClientJob(_) => &mut group.reasons,
                Kind::Test | Kind::Nested => &mut self.reasons,
            };
            reasons.push(line.reason.clone());
            group.status = status;
        }
        group.subdir = line.subdir.clone().or(group.subdir.take());
    }

    fn end(&mut self, line: &Line) {
        let Code::End(status) = line.code else {
            return;
        };
        self.lower(line, status);
        let Some(group) = self.open.pop() else { return };
        match group.kind {
            Kind::ClientJob(row) => self.end_client_job(row, line, group),
            Kind::Test => {
                let testname = self.testname(&group);
                let reason = joined(std::mem::take(&mut self.reasons));
                self.row(group.subdir.clone(), testname, group.status, reason);
                self.merge(&group);
            }
            Kind::Nested => self.merge(&group),
        }
    }

    fn merge(&mut self, group: &Group) {
        if let Some(outer) = self.open.last_mut() {
            outer.status = outer.status.min(group.status);
            outer.subdir = group.subdir.clone().or(outer.subdir.take());
        }
    }

    /// A client job is GOOD unless it was aborted, whatever its tests are. One that is closed by
    /// another's line gets a second row.
    fn end_client_job(&mut self, row: usize, line: &Line, group: Group) {
        let is_aborted = group.status <= Status::named("ABORT").unwrap();
        let (status, reason) = if is_aborted {
            (group.status, joined(group.reasons))
        } else {
            (Status::named("GOOD").unwrap(), String::new())
        };
        let testname = self.rows[row].testname.clone();
        if line.subdir.is_some() {
            return self.row(line.subdir.clone(), testname, status, reason);
        }
        (self.rows[row].status, self.rows[row].reason) = (status, reason);
    }

    fn testname(&mut self, group: &Group) -> String {
        if group.operation.as_deref() == Some("reboot") {
            self.boots += 1;
            return format!("boot.{}", self.boots - 1);
        }
        let name = group.operation.clone().or(group.subdir.clone());
        name.unwrap_or_else(|| format!("CLIENT_JOB.{}", self.client_jobs))
    }

    fn row(&mut self, subdir: Option<String>, testname: String, status: Status, reason: String) {
        self.rows.push(Row {
            subdir,
            testname,
            status,
            reason,
        });
    }
}

fn abort(subdir: Option<String>, operation: Option<String>, reason: &str) -> Line {
    Line {
        indent: 0,
        code: Code::End(Status::named("ABORT").unwrap()),
        subdir,
        operation,
        reason: reason.to_owned(),
    }
}

/// Sorted, without those that are part of another.
fn joined(mut reasons: Vec<String>) -> String {
    reasons.sort();
    reasons.dedup();
    let is_part = |reason: &String| {
        let mut others = reasons.iter().filter(|other| *other != reason);
        others.any(|other| other.contains(reason.as_str()))
    };
    let kept = reasons.iter().filter(|reason| !is_part(reason));
    kept.map(String::as_str).collect::<Vec<_>>().join(", ")
}
