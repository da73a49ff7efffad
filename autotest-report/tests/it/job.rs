//! Records of a job that a test tells step by step.

use std::fs::File;
use std::io::Write;

use autotest_core::{
    Args, CallId, Event, JobStart, Kind, PlannedTest, Requested, RunRequest, Status, StatusRecord,
    TestStart, Verdict,
};
use autotest_report::{Record, Report};

/// The records so far, a second from one to the next.
pub(crate) struct Job {
    pub(crate) records: Vec<Record>,
}

impl Job {
    /// A job that plans one run for each of these tests.
    pub(crate) fn of(tests: &[&str]) -> Job {
        let plan = tests.iter().map(|test| PlannedTest {
            test: (*test).to_owned(),
            operation: test.replace("::", "."),
            args: Args::default(),
        });
        let start = JobStart {
            label: "board".to_owned(),
            plan: plan.collect(),
            ..JobStart::default()
        };
        let mut job = Job {
            records: Vec::new(),
        };
        job.send(0, Event::JobStart(Box::new(start)));
        job
    }

    pub(crate) fn send(&mut self, run: u32, event: Event) -> &mut Job {
        let seq = self.records.len() as u64;
        let t = 1_700_000_000.0 + seq as f64;
        self.records.push(Record { seq, run, t, event });
        self
    }

    pub(crate) fn start(&mut self, run: u32, test: &str) -> &mut Job {
        self.start_below(run, test, None)
    }

    pub(crate) fn start_below(&mut self, run: u32, test: &str, parent: Option<u32>) -> &mut Job {
        let start = TestStart {
            parent,
            ..start_of(test)
        };
        self.send(run, Event::TestStart(start))
    }

    /// Starts a run that a control function requested.
    pub(crate) fn request(&mut self, run: u32, call: CallId, test: &str) -> &mut Job {
        let request = RunRequest {
            test: test.to_owned(),
            ..RunRequest::default()
        };
        let requested = Requested {
            call,
            ..Requested::new(request)
        };
        let start = TestStart {
            requested: Some(Box::new(requested)),
            ..start_of(test)
        };
        self.send(run, Event::TestStart(start))
    }

    /// A run that was interrupted with its job becomes an attempt.
    pub(crate) fn attempt(&mut self, run: u32, subdir: &str) -> &mut Job {
        let verdict = Verdict::new(Kind::CutOff, "crashed");
        let subdir = subdir.to_owned();
        self.send(run, Event::Attempt { subdir, verdict })
    }

    pub(crate) fn record(&mut self, run: u32, entry: StatusRecord) -> &mut Job {
        self.send(run, Event::Status(entry))
    }

    pub(crate) fn pass(&mut self, run: u32) -> &mut Job {
        let (status, verdict) = (Status::Good, None);
        let elapsed_s = 0.5;
        self.send(
            run,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        )
    }

    pub(crate) fn end(&mut self, run: u32, kind: Kind, reason: &str) -> &mut Job {
        let (status, elapsed_s) = (kind.status(), 0.5);
        let verdict = Some(Verdict::new(kind, reason));
        self.send(
            run,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        )
    }

    pub(crate) fn end_job(&mut self) -> &mut Job {
        let (status, reason) = (Status::Good, String::new());
        self.send(0, Event::JobEnd { status, reason })
    }

    /// The lines of its journal.
    pub(crate) fn lines(&self) -> Vec<u8> {
        let mut lines = Vec::new();
        for record in &self.records {
            record.write_to(&mut lines).unwrap();
        }
        lines
    }

    /// A file with its journal.
    pub(crate) fn journal(&self) -> File {
        file_of(&self.lines())
    }

    /// Has a report take all records, and end.
    pub(crate) fn report_to(&self, report: &mut dyn Report) {
        for record in &self.records {
            report.record(record).unwrap();
        }
        report.finish().unwrap();
    }
}

fn start_of(test: &str) -> TestStart {
    let operation = test.replace("::", ".");
    TestStart {
        test: test.to_owned(),
        subdir: operation.clone(),
        operation,
        ..TestStart::default()
    }
}

/// A file of these bytes.
pub(crate) fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}
