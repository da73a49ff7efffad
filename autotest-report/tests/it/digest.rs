//! What a digest says of a job.

use autotest_core::perf::PerfRequest;
use autotest_core::{
    CallId, Code, ControlStart, Declared, Event, GroupKind, GroupStart, JobResume, JobStart,
    KNOWN_FAILURE, Kind, Phase, RebootStart, Requested, RunRequest, Status, StatusRecord,
    TargetFacts, TestStart, Value, Verdict,
};
use autotest_report::Grade;
use autotest_report::digest::{
    Digest, GroupDigest, Iteration, JobDigest, RebootDigest, RunDigest, RunEnd, Timed,
};

use crate::job::Job;

/// The time of the record with this number, as [`Job`] gives it.
fn at(seq: u32) -> f64 {
    1_700_000_000.0 + f64::from(seq)
}

fn digest(job: &Job) -> Digest {
    Digest::of(job.journal()).unwrap()
}

/// The operations of runs.
fn operations<'a>(runs: impl IntoIterator<Item = &'a RunDigest>) -> Vec<&'a str> {
    let runs = runs.into_iter();
    runs.map(|run| run.operation.as_str()).collect()
}

#[test]
fn a_job_is_told_with_its_target() {
    let mut job = Job::of(&["a"]);
    let ignored = vec![("b".to_owned(), "broken".to_owned())];
    let control = ControlStart {
        name: "nightly.json".to_owned(),
        file: Some("{}".to_owned()),
        ..ControlStart::default()
    };
    let Event::JobStart(start) = &mut job.records[0].event else {
        unreachable!()
    };
    let told = JobStart {
        id: "1f-7".to_owned(),
        argv: vec!["--strict".to_owned()],
        user: "ann".to_owned(),
        hostname: "board1".to_owned(),
        kernel: "6.1.0".to_owned(),
        machine: "aarch64".to_owned(),
        cpu_count: 4,
        build_id: "b1".to_owned(),
        commit: "1f0c".to_owned(),
        rerun_of: "1f-6".to_owned(),
        merged: vec![("board2".to_owned(), "1f-5".to_owned())],
        shard: Some("1/2".to_owned()),
        shuffle_seed: Some(7),
        control: Some(control.clone()),
        ignored: ignored.clone(),
        filtered_out: 3,
        is_strict: true,
        ..(**start).clone()
    };
    **start = told;
    job.start(1, "a").pass(1).end_job();
    let expected = JobDigest {
        id: "1f-7".to_owned(),
        label: "board".to_owned(),
        argv: vec!["--strict".to_owned()],
        user: "ann".to_owned(),
        hostname: "board1".to_owned(),
        kernel: "6.1.0".to_owned(),
        machine: "aarch64".to_owned(),
        cpu_count: 4,
        build_id: "b1".to_owned(),
        commit: "1f0c".to_owned(),
        rerun_of: "1f-6".to_owned(),
        merged: vec![("board2".to_owned(), "1f-5".to_owned())],
        shard: Some("1/2".to_owned()),
        shuffle_seed: Some(7),
        control: Some(control),
        planned: vec!["a".to_owned()],
        ignored,
        filtered_out: 3,
        is_strict: true,
        started_t: at(0),
        ended_t: at(3),
        resumed: Vec::new(),
        status: Status::Good,
        reason: String::new(),
        reboots: Vec::new(),
        status_lines: Vec::new(),
    };
    let digest = digest(&job);
    assert_eq!(digest.job, expected);
    assert_eq!(digest.job.elapsed_s(), 3.0);
    assert!(!digest.job.is_aborted());
}

#[test]
fn a_job_whose_clock_went_back_took_no_time() {
    let mut job = JobDigest::default();
    (job.started_t, job.ended_t) = (at(5), at(2));
    assert_eq!(job.elapsed_s(), 0.0);
}

#[test]
fn an_aborted_job_tells_why_and_what_never_ran() {
    let mut job = Job::of(&["a", "b", "c"]);
    let entry = StatusRecord::message(Code::Status(Status::Warn), "disk nearly full");
    job.record(0, entry.clone()).start(1, "a").pass(1);
    let (status, reason) = (Status::Abort, "no power".to_owned());
    job.send(0, Event::JobEnd { status, reason });
    let digest = digest(&job);
    assert!(digest.job.is_aborted());
    assert_eq!(digest.job.reason, "no power");
    let line = Timed {
        t: at(1),
        value: entry,
    };
    assert_eq!(digest.job.status_lines, [line]);
    assert_eq!(digest.not_run, ["b", "c"]);
}

#[test]
fn an_interrupted_job_is_aborted_at_the_time_of_its_last_record() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a");
    let Digest {
        job, runs, not_run, ..
    } = digest(&job);
    assert_eq!((job.status, job.ended_t), (Status::Abort, at(1)));
    assert_eq!(runs[0].end, RunEnd::Final(Status::Abort));
    assert_eq!(runs[0].status(), Status::Abort);
    assert_eq!(runs[0].grade, Grade::Failed);
    assert_eq!(not_run, ["b"]);
}

#[test]
fn a_run_is_told_with_all_that_it_recorded() {
    let mut job = Job::of(&["net::speed"]);
    let declared = Declared {
        suites: vec!["bvt".to_owned()],
        attributes: vec!["net".to_owned()],
        constraints: vec!["mbps > 50".to_owned()],
    };
    let args = [("mb".to_owned(), serde_json::json!(4).into())]
        .into_iter()
        .collect();
    let start = TestStart {
        test: "net::speed".to_owned(),
        subdir: "net.speed.big".to_owned(),
        operation: "net.speed.big".to_owned(),
        declared: Some(Box::new(declared.clone())),
        args,
        timeout_s: Some(60.0),
        ..TestStart::default()
    };
    let keyvals = |name: &str| vec![(name.to_owned(), Value::from(1))];
    let perf = PerfRequest::new("mbps", 55.5).check().unwrap();
    let entry = StatusRecord::message(Code::Info, "once more");
    job.send(1, Event::TestStart(start.clone()))
        .send(1, Event::Phase(Phase::Warmup))
        .send(1, Event::Keyval(keyvals("version")))
        .send(
            1,
            Event::Progress {
                iteration: 2,
                total: Some(4),
                elapsed_s: 1.0,
            },
        )
        .send(
            1,
            Event::IterationKeyval {
                attr: keyvals("cached"),
                perf: keyvals("ms"),
            },
        )
        .send(1, Event::Perf(perf.clone()))
        .record(1, entry.clone())
        .send(
            1,
            Event::Artifact {
                path: "results/log".to_owned(),
            },
        )
        .send(
            1,
            Event::Suppressed {
                verdict: Verdict::new(Kind::Error, "left open"),
                origin: "cleanup".to_owned(),
            },
        )
        .end(1, Kind::Fail, "too slow")
        .end_job();
    let expected = RunDigest {
        test: "net::speed".to_owned(),
        operation: "net.speed.big".to_owned(),
        name: "net::speed (net.speed.big)".to_owned(),
        subdir: "net.speed.big".to_owned(),
        has_files: true,
        parent: None,
        group: None,
        declared,
        args: start.args,
        timeout_s: Some(60.0),
        started_t: at(1),
        elapsed_s: 0.5,
        end: RunEnd::Final(Status::Fail),
        grade: Grade::Failed,
        verdict: Some(Verdict::new(Kind::Fail, "too slow")),
        known_failure: None,
        notes: vec!["cleanup: ERROR: left open".to_owned()],
        phases: vec![Timed {
            t: at(2),
            value: Phase::Warmup,
        }],
        progress: vec![Timed { t: at(4), value: 2 }],
        keyvals: keyvals("version"),
        iterations: vec![Iteration {
            t: at(5),
            attr: keyvals("cached"),
            perf: keyvals("ms"),
        }],
        perf: vec![perf],
        status_lines: vec![Timed {
            t: at(7),
            value: entry,
        }],
        artifacts: vec!["results/log".to_owned()],
        #[cfg(feature = "crash-handler")]
        crashes: Vec::new(),
    };
    assert_eq!(digest(&job).runs, [expected]);
}

#[test]
fn an_expected_failure_has_its_reason() {
    let mut job = Job::of(&["a"]);
    let verdict = Verdict::new(Kind::Fail, "bug 7");
    let origin = KNOWN_FAILURE.to_owned();
    job.start(1, "a")
        .send(1, Event::Suppressed { verdict, origin })
        .pass(1)
        .end_job();
    let run = &digest(&job).runs[0];
    assert_eq!(run.known_failure.as_deref(), Some("bug 7"));
    assert_eq!(run.grade, Grade::Passed);
}

#[test]
fn tests_are_the_final_runs_and_subtests_are_below_theirs() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a")
        .start_below(2, "part", Some(1))
        .pass(2)
        .pass(1)
        .start(3, "b");
    let resumed = JobResume {
        moved: [(3, "b.attempt-1".to_owned())].into_iter().collect(),
        ..JobResume::default()
    };
    job.send(0, Event::JobResume(resumed))
        .attempt(3, "b.attempt-1")
        .start(4, "b")
        .pass(4)
        .end_job();
    let digest = digest(&job);
    assert_eq!(operations(&digest.runs), ["a", "part", "b", "b"]);
    assert_eq!(operations(digest.tests()), ["a", "b"]);
    let below = digest.subtests(0);
    let below: Vec<_> = below
        .map(|(index, run)| (index, run.operation.as_str()))
        .collect();
    assert_eq!(below, [(1, "part")]);
    assert_eq!(digest.subtests(1).count(), 0);
    assert_eq!(digest.job.resumed, [at(6)]);
    let attempt = &digest.runs[2];
    assert!(attempt.is_attempt() && !digest.runs[3].is_attempt());
    assert_eq!(attempt.subdir, "b.attempt-1");
    assert_eq!(attempt.status(), Status::Abort);
    assert_eq!(attempt.grade, Grade::Failed);
    assert_eq!((attempt.started_t, attempt.elapsed_s), (at(5), 2.0));
    assert_eq!(attempt.verdict, Some(Verdict::new(Kind::CutOff, "crashed")));
    assert!(digest.not_run.is_empty());
}

#[test]
fn an_attempt_without_a_verdict_is_aborted() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").end(1, Kind::Fail, "no").end_job();
    let mut run = digest(&job).runs.remove(0);
    run.end = RunEnd::Attempt;
    assert_eq!(run.status(), Status::Fail);
    run.verdict = None;
    assert_eq!(run.status(), Status::Abort);
}

fn group(name: &str, kind: GroupKind, group: Option<u32>) -> Event {
    Event::GroupStart(GroupStart {
        name: name.to_owned(),
        kind,
        group,
        call: CallId::new("", 0),
    })
}

#[test]
fn groups_and_branches_are_around_runs() {
    let mut job = Job::of(&[]);
    let requested = Requested {
        group: Some(2),
        ..Requested::new(RunRequest::default())
    };
    let start = TestStart {
        test: "a".to_owned(),
        operation: "a".to_owned(),
        requested: Some(Box::new(requested)),
        ..TestStart::default()
    };
    job.send(1, group("outer", GroupKind::Group, None))
        .send(2, group("left", GroupKind::Branch, Some(1)))
        .send(3, Event::TestStart(start))
        .pass(3)
        .send(
            2,
            Event::GroupEnd {
                status: Status::Fail,
                reason: "no disk".to_owned(),
                call: CallId::new("", 1),
            },
        )
        .end_job();
    let digest = digest(&job);
    let outer = GroupDigest {
        name: "outer".to_owned(),
        kind: GroupKind::Group,
        group: None,
        started_t: at(1),
        ended_t: None,
        reason: String::new(),
    };
    let left = GroupDigest {
        name: "left".to_owned(),
        kind: GroupKind::Branch,
        group: Some(0),
        started_t: at(2),
        ended_t: Some(at(5)),
        reason: "no disk".to_owned(),
    };
    assert_eq!(digest.groups, [outer, left]);
    assert_eq!(digest.groups_around(&digest.runs[0]), ["outer", "left"]);
    assert!(!digest.runs[0].has_files);
}

#[test]
fn a_reboot_is_told_with_the_target_after_it() {
    let mut job = Job::of(&["a"]);
    let target = TargetFacts {
        kernel: "6.2".to_owned(),
        cpu_count: 2,
        mounts: Vec::new(),
    };
    let reboot = RebootStart {
        call: CallId::new("", 0),
        group: None,
        target: TargetFacts::default(),
    };
    job.send(1, Event::RebootStart(reboot.clone())).send(
        1,
        Event::RebootEnd {
            call: CallId::new("", 0),
            target: target.clone(),
            problems: vec!["other kernel".to_owned()],
        },
    );
    job.send(2, Event::RebootStart(reboot));
    let ended = RebootDigest {
        started_t: at(1),
        ended_t: Some(at(2)),
        target,
        problems: vec!["other kernel".to_owned()],
    };
    let waiting = RebootDigest {
        started_t: at(3),
        ..RebootDigest::default()
    };
    assert_eq!(digest(&job).job.reboots, [ended, waiting]);
}
