//! A set of reports: each gets every record, and one that fails is told by its name.

use std::cell::RefCell;
use std::fs::File;
use std::io;
use std::path::Path;
use std::rc::Rc;

use autotest_core::perf::PerfRequest;
use autotest_core::{Event, Kind};
use autotest_report::{
    FORMATS, JobFiles, JobResult, JsonEvents, Junit, JunitPlace, KeyvalFiles, Ktap, Lava,
    LibtestJson, LocalTime, Logfile, PerfFiles, Record, Report, ReportError, Reports, ShowOptions,
    StatusLog, Tap, TapFiles, Terminal, results_files,
};

use crate::job::Job;
use crate::tree::Home;

/// A disk without space left.
fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

fn job() -> Job {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    job.send(1, Event::Keyval(vec![("k".to_owned(), "v".into())]));
    let value = PerfRequest::new("speed", 1.0).check().unwrap();
    job.send(1, Event::Perf(value)).pass(1).end_job();
    job
}

/// What a set of this one report says in the end.
#[track_caller]
fn check(report: impl Report + 'static, failure: &str) {
    let reports = Reports::new(vec![Box::new(report)]);
    let failures = reports.update_all(job().records.into_iter());
    assert_eq!(failures, [failure]);
}

#[test]
fn a_report_that_cannot_be_written_is_told_once_by_its_name() {
    let nowhere = Path::new("/no/such/job");
    let failure =
        |name| format!("failed to write the {name}: No space left on device (os error 28)");
    check(Tap::new(full(), None), &failure("TAP"));
    check(Ktap::new(full(), None), &failure("KTAP"));
    check(Lava::new(full()), &failure("LAVA signals"));
    check(
        LibtestJson::new(full(), nowhere, false),
        &failure("JSON lines"),
    );
    check(JsonEvents::new(full()), &failure("events"));
    check(Logfile::new(full()), &failure("log file"));
    let terminal = Terminal::new(full(), nowhere, ShowOptions::default());
    check(terminal, &failure("terminal"));
    let place = JunitPlace::Stream(Box::new(full()));
    let junit = Junit::new(job().journal(), nowhere, place);
    check(junit, &failure("JUnit report"));
}

#[test]
fn files_of_the_job_that_cannot_be_written_are_told_once() {
    let home = Home::new();
    for path in ["status.log", "keyval", "status.tap"] {
        home.put(&format!("{path}/theirs"), "");
    }
    let failure = |name| format!("failed to write the {name}: Is a directory (os error 21)");
    let tree = home.tree();
    check(StatusLog::new(&tree), &failure("status log"));
    check(JobFiles::new(&tree), &failure("files of the job"));
    let tap_files = TapFiles::new(&tree, job().journal());
    check(tap_files, &failure("TAP files"));
}

#[test]
fn files_of_a_run_that_cannot_be_written_are_told_with_its_directory() {
    let home = Home::new();
    for path in ["keyval", "results/perf_measurements", "status"] {
        home.put(&format!("a/{path}/theirs"), "");
    }
    let failure = |name| format!("failed to write the {name}: `a`: Is a directory (os error 21)");
    let tree = home.tree();
    check(KeyvalFiles::new(&tree), &failure("keyval files"));
    check(PerfFiles::new(&tree), &failure("perf files"));
    check(StatusLog::new(&tree), &failure("status log"));
    assert!(home.read("status.log").contains("END GOOD\ta\ta\t"));
    assert!(home.read("a/results/results-chart.json").contains("speed"));
}

#[test]
fn one_file_of_a_job_that_cannot_be_written_costs_no_other_one() {
    let home = Home::new();
    home.put("a/keyval.tap/theirs", "");
    let tap_files = TapFiles::new(&home.tree(), job().journal());
    let reports = Reports::new(vec![Box::new(tap_files)]);
    assert_eq!(reports.update_all([].into_iter()).len(), 1);
    assert_eq!(home.read("a/status.tap"), "1..1\nok 1 - a\n");
    assert_eq!(home.read("status.tap"), "1..2\nok 1 - a\nok 2 - job\n");
}

/// A report that tells what it was asked.
#[derive(Clone, Default)]
struct Trace {
    calls: Rc<RefCell<Vec<String>>>,
    fails_at: Option<u64>,
    looks_on: bool,
}

impl Report for Trace {
    fn name(&self) -> &'static str {
        "trace"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        self.calls.borrow_mut().push(format!("{}", record.seq));
        match self.fails_at == Some(record.seq) {
            true => Err(io::Error::other("the disk is gone").into()),
            false => Ok(()),
        }
    }

    fn wants_ticks(&self) -> bool {
        self.looks_on
    }

    fn tick(&mut self, t: f64) -> Result<(), ReportError> {
        self.calls.borrow_mut().push(format!("tick {t}"));
        Ok(())
    }

    fn finish(&mut self) -> Result<(), ReportError> {
        self.calls.borrow_mut().push("finish".to_owned());
        Ok(())
    }
}

#[test]
fn every_report_gets_every_record_from_when_it_was_added() {
    let [first, second] = [Trace::default(), Trace::default()];
    let records = Job::of(&["a"]).start(1, "a").records.clone();
    let mut reports = Reports::new(vec![Box::new(first.clone())]);
    reports.update(&records[0]);
    reports.add(vec![Box::new(second.clone())]);
    reports.update(&records[1]);
    reports.tick(5.0);
    assert!(reports.finish().is_empty());
    reports.update(&records[0]);
    assert_eq!(*first.calls.borrow(), ["0", "1", "tick 5", "finish"]);
    assert_eq!(*second.calls.borrow(), ["1", "tick 5", "finish"]);
}

#[test]
fn a_report_that_failed_as_a_whole_gets_nothing_more() {
    let fails_at = Some(1);
    let broken = Trace {
        fails_at,
        ..Trace::default()
    };
    let sound = Trace::default();
    let reports: Vec<Box<dyn Report>> = vec![Box::new(broken.clone()), Box::new(sound.clone())];
    let mut reports = Reports::new(reports);
    reports.miss("a line is missing".to_owned());
    let records = job().records.into_iter().take(3);
    let failures = reports.update_all(records);
    let failure = "failed to write the trace: the disk is gone";
    assert_eq!(failures, ["a line is missing", failure]);
    assert_eq!(*broken.calls.borrow(), ["0", "1"]);
    assert_eq!(*sound.calls.borrow(), ["0", "1", "2", "finish"]);
}

#[test]
fn time_is_told_where_one_report_at_least_wants_it() {
    let looks_on = true;
    let watched = Trace {
        looks_on,
        ..Trace::default()
    };
    let tap = || Box::new(Tap::new(io::sink(), None));
    let mut reports = Reports::new(vec![tap()]);
    assert!(!reports.want_ticks());
    reports.add(vec![Box::new(watched), tap()]);
    assert!(reports.want_ticks());
}

#[test]
fn only_a_terminal_that_is_read_wants_to_know_the_time() {
    let (reader, writer) = io::pipe().unwrap();
    let live = true;
    let options = ShowOptions {
        live,
        ..ShowOptions::default()
    };
    let mut terminal = Terminal::new(writer, Path::new("/no/such/job"), options);
    assert!(terminal.wants_ticks());
    drop(reader);
    terminal.record(&job().records[0]).unwrap();
    assert!(!terminal.wants_ticks());
}

#[test]
fn a_job_fails_by_its_outermost_runs_or_as_a_whole() {
    let mut result = JobResult::default();
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a").start_below(2, "c", Some(1));
    job.end(2, Kind::Fail, "it broke").pass(1);
    job.records.iter().for_each(|record| result.record(record));
    assert_eq!((result.failed(), result.has_failed()), (0, false));
    job.records.clear();
    job.start(3, "b").end(3, Kind::Fail, "it broke");
    job.records.iter().for_each(|record| result.record(record));
    assert_eq!((result.failed(), result.has_failed()), (1, true));
}

#[test]
fn a_moment_names_a_directory() {
    let moment = LocalTime::utc(1_700_000_003);
    assert_eq!(moment.in_file_name(), "2023-11-14_22.13.23");
    assert_eq!(moment.in_iso(), "2023-11-14T22:13:23");
}

/// The beginning of what the format with each name writes.
#[test]
fn every_format_has_a_name() {
    let beginnings = [
        ("pretty", "\nrunning 1 test\ntest a ... ok\n"),
        ("terse", "\nrunning 1 test\n.\n"),
        ("json", "{\"type\":\"suite\""),
        ("junit", "<?xml"),
        ("tap", "TAP version 13\n"),
        ("tap14", "TAP version 14\n"),
        ("ktap", "KTAP version 1\n"),
        ("lava", "<LAVA_SIGNAL_"),
        ("json-events", "{\"seq\":0,"),
    ];
    let names: Vec<_> = FORMATS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, beginnings.map(|(name, _)| name));
    for ((name, beginning), (_, format, style)) in beginnings.iter().zip(FORMATS) {
        let home = Home::new();
        home.put("out", "");
        let out = File::create(home.jobdir().join("out")).unwrap();
        let shown = ShowOptions {
            style: style.unwrap_or_default(),
            ..ShowOptions::default()
        };
        let report = format.report(out, &home.jobdir(), &job().journal(), shown);
        let reports = Reports::new(vec![report.unwrap()]);
        assert!(reports.update_all(job().records.into_iter()).is_empty());
        let written = home.read("out");
        assert!(written.starts_with(beginning), "{name}: {written}");
    }
}

#[test]
fn every_tree_has_the_files_of_a_job_and_of_its_tests() {
    let home = Home::new();
    let reports = Reports::new(results_files(&home.tree()));
    assert!(reports.update_all(job().records.into_iter()).is_empty());
    for file in [
        ".autoserv_execute",
        "keyval",
        "status.log",
        "a/keyval",
        "a/results/perf_measurements",
    ] {
        assert!(!home.read(file).is_empty(), "{file}");
    }
}
