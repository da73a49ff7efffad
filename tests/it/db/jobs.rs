//! Jobs with known times, as journals.

use std::fs;
use std::path::Path;

use autotest_core::perf::PerfRequest;
use autotest_core::{Event, JobStart, Kind, PlannedTest, Status, TestStart, Verdict};
use autotest_report::{Record, journal};

/// 2026-11-01 00:00:00 UTC.
pub(super) const BEGINNING_T: f64 = 1_793_491_200.0;

pub(super) const DAY_S: f64 = 86_400.0;

/// A job. Its runs follow each other.
#[derive(Clone)]
pub(super) struct Job {
    pub(super) id: String,
    t: f64,
    runs: u32,
    records: Vec<Record>,
}

impl Job {
    pub(super) fn new(id: &str, host: &str, build: &str, day: f64) -> Job {
        let mut job = Job {
            id: id.to_owned(),
            t: BEGINNING_T + day * DAY_S,
            runs: 0,
            records: Vec::new(),
        };
        let planned = |test: &str| PlannedTest {
            test: test.to_owned(),
            operation: test.replace("::", "."),
            ..PlannedTest::default()
        };
        let start = JobStart {
            id: id.to_owned(),
            label: "net".to_owned(),
            hostname: host.to_owned(),
            kernel: "6.12.1".to_owned(),
            machine: "x86_64".to_owned(),
            user: "lab".to_owned(),
            build_id: build.to_owned(),
            plan: vec![
                planned("net::up"),
                planned("net::ping"),
                planned("net::never"),
            ],
            ..JobStart::default()
        };
        job.add(0, Event::JobStart(Box::new(start)));
        job
    }

    /// Makes it a shard, such as `1/2`.
    pub(super) fn shard(mut self, shard: &str) -> Job {
        if let Event::JobStart(start) = &mut self.records[0].event {
            start.shard = Some(shard.to_owned());
        }
        self
    }

    fn add(&mut self, run: u32, event: Event) {
        let (seq, t) = (self.records.len() as u64, self.t);
        self.records.push(Record { seq, run, t, event });
    }

    /// A run of a test that ends so.
    pub(super) fn run(self, test: &str, elapsed_s: f64, verdict: Option<(Kind, &str)>) -> Job {
        self.measured(test, elapsed_s, verdict, &[])
    }

    /// A run that measures the time of `reply`.
    pub(super) fn measured(
        mut self,
        test: &str,
        elapsed_s: f64,
        verdict: Option<(Kind, &str)>,
        values: &[f64],
    ) -> Job {
        self.runs += 1;
        let run = self.runs;
        let start = TestStart {
            test: test.to_owned(),
            subdir: test.replace("::", "."),
            operation: test.replace("::", "."),
            ..TestStart::default()
        };
        self.add(run, Event::TestStart(start));
        for value in values {
            let mut request = PerfRequest::new("reply", *value);
            request.units = Some("ms".to_owned());
            request.higher_is_better = Some(false);
            self.add(run, Event::Perf(request.check().unwrap()));
        }
        let verdict = verdict.map(|(kind, reason)| Verdict::new(kind, reason));
        let status = verdict
            .as_ref()
            .map_or(Status::Good, |verdict| verdict.kind.status());
        self.t += elapsed_s;
        self.add(
            run,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        );
        self
    }

    /// The end of the job.
    pub(super) fn end(mut self) -> Job {
        let (status, reason) = (Status::Good, String::new());
        self.add(0, Event::JobEnd { status, reason });
        self
    }

    /// The journal.
    pub(super) fn journal(&self) -> Vec<u8> {
        let mut journal = Vec::new();
        for record in &self.records {
            record.write_to(&mut journal).unwrap();
        }
        journal
    }

    /// Writes the journal into a directory.
    pub(super) fn write(&self, dir: &Path) {
        fs::create_dir_all(dir).unwrap();
        fs::write(dir.join(journal::NAME), self.journal()).unwrap();
    }
}

/// Many small jobs on a few targets.
pub(super) fn many(count: usize) -> Vec<Job> {
    let job = |index: usize| {
        let host = format!("board{}", index % 3);
        let mut job = Job::new(&format!("job-{index:04}"), &host, "b1", index as f64 / 24.0);
        for test in ["net::up", "net::ping", "net::scan"] {
            job = job.measured(test, 0.5, None, &[1.0, 2.0]);
        }
        job.end()
    };
    (0..count).map(job).collect()
}
