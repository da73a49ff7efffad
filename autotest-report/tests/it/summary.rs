//! What a journal says of its job as a whole, and its records as they are to be told.

use autotest_core::{
    ChangedFiles, Event, INTERRUPTED, JobResume, Kind, Phase, SmallMap, Status, Verdict,
};
use autotest_report::{Record, Replay, Summary};

use crate::job::{Job, file_of};

#[test]
fn a_summary_tells_finished_interrupted_and_open_runs_apart() {
    let mut job = Job::of(&["a", "b", "c", "d"]);
    job.start(1, "a").pass(1);
    job.start(2, "b").end(2, Kind::Fail, "it broke");
    job.start(3, "c")
        .end(3, Kind::CutOff, "interrupted by SIGINT");
    job.start(4, "d").start_below(5, "e", Some(4)).pass(5);
    job.start_below(6, "f", Some(4));
    let summary = Summary::of(job.journal());
    assert_eq!(summary.job.unwrap().label, "board");
    let finished: SmallMap<_, _> = summary.finished.into_iter().collect();
    let expected = [("a", Status::Good), ("b", Status::Fail)];
    let expected = expected.map(|(run, status)| (run.to_owned(), status));
    assert_eq!(finished, expected.into_iter().collect());
    assert_eq!(numbers(&summary.interrupted), [3]);
    assert_eq!(numbers(&summary.open), [4, 6]);
    assert_eq!(summary.length, job.lines().len() as u64);
    assert_eq!(summary.next_seq, job.records.len() as u64);
    assert_eq!(summary.last_run, 6);
}

fn numbers<T>(map: &SmallMap<u32, T>) -> Vec<u32> {
    map.iter().map(|(number, _)| *number).collect()
}

#[test]
fn a_verdict_that_only_speaks_of_a_signal_is_final() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a")
        .end(1, Kind::Fail, "interrupted by SIGINT");
    job.start(2, "b").end(2, Kind::CutOff, "crashed");
    let summary = Summary::of(job.journal());
    assert!(summary.interrupted.is_empty());
    assert_eq!(summary.finished.len(), 2);
}

#[test]
fn attempts_are_counted_by_operation_and_without_subtests() {
    let mut job = Job::of(&["a", "b"]);
    for run in 1..=3 {
        job.start(run, "a");
        job.attempt(run, "a.attempt");
    }
    job.start(4, "b").start_below(5, "c", Some(4));
    job.attempt(5, "c.attempt");
    job.attempt(4, "b.attempt");
    let attempts = Summary::of(job.journal()).attempts;
    let expected = [("a", 3), ("b", 1)].map(|(run, count)| (run.to_owned(), count));
    assert_eq!(attempts, expected.into_iter().collect());
}

#[test]
fn a_job_has_ended_until_it_is_resumed() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a").pass(1);
    let ended = |job: &Job| Summary::of(job.journal()).ended;
    assert_eq!(ended(&job), None);
    let (status, reason) = (Status::Abort, "interrupted by SIGINT".to_owned());
    job.send(0, Event::JobEnd { status, reason });
    let expected = Some((Status::Abort, "interrupted by SIGINT".to_owned()));
    assert_eq!(ended(&job), expected);
    job.send(0, Event::JobResume(JobResume::default()));
    assert_eq!(ended(&job), None);
    let (status, reason) = (Status::Good, String::new());
    job.send(0, Event::JobEnd { status, reason });
    assert_eq!(ended(&job), Some((Status::Good, String::new())));
}

#[test]
fn an_open_run_has_what_its_cleanup_must_know() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let (pid, since_boot_s) = (201, 50.5);
    job.send(1, Event::Process { pid, since_boot_s });
    job.send(1, Event::Phase(Phase::Setup));
    job.send(1, Event::Phase(Phase::Execute));
    for value in ["old", "new"] {
        let (key, value) = ("disk".to_owned(), value.into());
        job.send(1, Event::Saved { key, value });
    }
    for (path, text) in [("/a", "1"), ("/b", "2"), ("/a", "3")] {
        let (path, original) = (path.to_owned(), Some(text.to_owned()));
        job.send(1, Event::ChangedFile { path, original });
    }
    let (path, original) = ("/b".to_owned(), None);
    job.send(1, Event::ChangedFile { path, original });
    // Of a run that nobody began nothing is known.
    job.send(9, Event::Phase(Phase::Execute));
    let summary = Summary::of(job.journal());
    let (_, open) = summary.open.iter().next().unwrap();
    assert_eq!(open.start.test, "a");
    let process = open.process.as_ref().unwrap();
    assert_eq!((process.pid, process.since_boot_s), (pid, since_boot_s));
    assert_eq!(open.recovery.failed_phase, Some(Phase::Execute));
    let saved: Vec<_> = open.recovery.saved.iter().collect();
    assert_eq!(saved, [(&"disk".to_owned(), &"new".into())]);
    let mut files = ChangedFiles::default();
    files.note("/a", Some("1"));
    assert_eq!(open.recovery.changed_files, files);
}

#[test]
fn the_last_boot_is_that_of_the_last_resume() {
    let mut job = Job::of(&[]);
    let resume = JobResume {
        boot_id: "boot-2".to_owned(),
        pid_namespace: "pid:[2]".to_owned(),
        ..JobResume::default()
    };
    job.send(0, Event::JobResume(resume));
    let summary = Summary::of(job.journal());
    assert_eq!(summary.boot_id, "boot-2");
    assert_eq!(summary.pid_namespace, "pid:[2]");
}

#[test]
fn a_journal_has_a_job_only_if_it_begins_with_one() {
    assert!(Replay::new(Job::of(&[]).journal()).unwrap().has_job());
    assert!(!Replay::new(file_of(b"")).unwrap().has_job());
    let mut job = Job::of(&[]);
    job.records.clear();
    job.start(1, "a");
    assert!(!Replay::new(job.journal()).unwrap().has_job());
}

#[test]
fn a_complete_job_is_replayed_as_it_was() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1).end_job();
    assert_eq!(replayed(&job), job.records);
}

fn replayed(job: &Job) -> Vec<Record> {
    Replay::new(job.journal()).unwrap().collect()
}

/// Its end is not shown, since the run becomes an attempt; a supervisor that is killed again may not have recorded that.
#[test]
fn a_run_that_a_signal_ended_has_an_end_however_far_the_journal_goes() {
    let mut job = Job::of(&["a"]);
    let verdict = Verdict::new(Kind::CutOff, format!("{INTERRUPTED} by SIGTERM"));
    let end = Event::TestEnd {
        status: Status::Abort,
        verdict: Some(verdict),
        elapsed_s: 0.0,
    };
    let resume = JobResume {
        moved: [(1, "a.attempt-1".to_owned())].into_iter().collect(),
        ..JobResume::default()
    };
    job.start(1, "a").send(1, end);
    job.send(0, Event::JobResume(resume));
    let is_end = |record: &Record| record.run == 1 && matches!(record.event, Event::TestEnd { .. });
    assert_eq!(replayed(&job).into_iter().filter(is_end).count(), 1);
    job.attempt(1, "a.attempt-1");
    assert_eq!(replayed(&job).into_iter().filter(is_end).count(), 0);
}

#[test]
fn a_job_that_was_cut_off_is_ended_with_its_open_runs() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a").pass(1);
    job.start(2, "b").start_below(3, "c", Some(2));
    let records = replayed(&job);
    let count = job.records.len();
    assert_eq!(records[..count], job.records);
    let last_t = job.records[count - 1].t;
    let ends: Vec<_> = records[count..]
        .iter()
        .map(|record| (record.seq, record.run, record.t, name_of(&record.event)))
        .collect();
    let seq = count as u64;
    assert_eq!(
        ends,
        [
            (seq, 3, last_t, "end of a run: ABORT".to_owned()),
            (seq + 1, 2, last_t, "end of a run: ABORT".to_owned()),
            (seq + 2, 0, last_t, "end of the job: ABORT".to_owned()),
        ]
    );
}

fn name_of(event: &Event) -> String {
    match event {
        Event::TestEnd { status, .. } => format!("end of a run: {status}"),
        Event::JobEnd { status, .. } => format!("end of the job: {status}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn what_has_no_job_is_not_ended() {
    let mut job = Job::of(&[]);
    job.records.clear();
    job.start(1, "a");
    assert_eq!(replayed(&job), job.records);
}

#[test]
fn a_run_that_does_not_count_is_told_with_its_subtests_in_its_new_directory() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").start_below(2, "a/b", Some(1)).pass(2);
    job.start_below(3, "a/c", Some(1));
    job.end(3, Kind::CutOff, "interrupted by SIGINT");
    job.start_below(4, "a/d", Some(1));
    job.end(1, Kind::CutOff, "interrupted by SIGINT").end_job();
    let moved = [(1, "a.attempt-1".to_owned())].into_iter().collect();
    let resume = JobResume {
        moved,
        ..JobResume::default()
    };
    job.send(0, Event::JobResume(resume));
    job.attempt(4, "a.attempt-1/d");
    job.attempt(1, "a.attempt-1");
    job.start(5, "a").start_below(6, "a/b", Some(5));
    job.pass(6).pass(5).end_job();
    let told: Vec<_> = replayed(&job).iter().map(told).collect();
    assert_eq!(
        told,
        [
            "0 job",
            "1 start in a.attempt-1",
            "2 start in a.attempt-1/b",
            "2 end: GOOD",
            "3 start in a.attempt-1/c",
            "3 attempt in a.attempt-1/c",
            "4 start in a.attempt-1/d",
            "0 resume",
            "4 attempt in a.attempt-1/d",
            "1 attempt in a.attempt-1",
            "5 start in a",
            "6 start in a/b",
            "6 end: GOOD",
            "5 end: GOOD",
            "0 end: GOOD",
        ]
    );
}

#[test]
fn a_run_that_a_signal_ended_in_a_job_that_did_not_go_on_is_told_as_it_was() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    job.end(1, Kind::CutOff, "interrupted by SIGINT").end_job();
    assert_eq!(replayed(&job), job.records);
}

fn told(record: &Record) -> String {
    let what = match &record.event {
        Event::JobStart(_) => "job".to_owned(),
        Event::JobResume(_) => "resume".to_owned(),
        Event::TestStart(start) => format!("start in {}", start.subdir),
        Event::Attempt { subdir, .. } => format!("attempt in {subdir}"),
        Event::TestEnd { status, .. } | Event::JobEnd { status, .. } => format!("end: {status}"),
        other => format!("{other:?}"),
    };
    format!("{} {what}", record.run)
}
