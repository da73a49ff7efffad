//! The time line: read strictly, by the rules of the Trace Event Format.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::{empty, job, move_to, report};

/// A slice: process, thread, beginning and end in microseconds, name.
type Slice = (u64, u64, u64, u64, String);

/// A document that was read.
#[derive(Debug, Default)]
struct Trace {
    slices: Vec<Slice>,
    instants: Vec<String>,
    /// Each counter with its values.
    counters: BTreeMap<String, Vec<f64>>,
    /// The names of processes and threads.
    names: BTreeMap<(u64, Option<u64>), String>,
}

#[track_caller]
fn read(path: &Path) -> Trace {
    let text = fs::read_to_string(path).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let document = document.as_object().unwrap();
    assert!(
        document
            .keys()
            .all(|key| ["displayTimeUnit", "traceEvents"].contains(&key.as_str()))
    );
    assert_eq!(document["displayTimeUnit"], "ms");
    let mut trace = Trace::default();
    for event in document["traceEvents"].as_array().unwrap() {
        trace.add(event);
    }
    trace.check_nesting();
    trace.check_names();
    trace
}

impl Trace {
    #[track_caller]
    fn add(&mut self, event: &Value) {
        let fields: BTreeSet<_> = event
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let number = |key: &str| {
            event[key]
                .as_u64()
                .unwrap_or_else(|| panic!("{key} in {event}"))
        };
        let text = |key: &str| {
            event[key]
                .as_str()
                .unwrap_or_else(|| panic!("{key} in {event}"))
        };
        let (pid, tid, name) = (number("pid"), number("tid"), text("name").to_owned());
        let expect = |more: &[&str]| {
            let all = ["ph", "pid", "tid", "name"].iter().chain(more);
            assert_eq!(fields, all.copied().collect(), "{event}");
        };
        match text("ph") {
            "X" => {
                expect(&["ts", "dur", "cat", "args"]);
                let from = number("ts");
                self.slices
                    .push((pid, tid, from, from + number("dur"), name));
            }
            "i" => {
                expect(&["ts", "s", "cat"]);
                assert_eq!(text("s"), "t");
                self.instants.push(name);
            }
            "C" => {
                expect(&["ts", "args"]);
                let series = event["args"].as_object().unwrap().values();
                let values = series.map(|value| value.as_f64().unwrap());
                self.counters.entry(name).or_default().extend(values);
            }
            "M" => {
                expect(&["args"]);
                let thread = (name == "thread_name").then_some(tid);
                assert!(thread.is_some() || name == "process_name", "{event}");
                let given = event["args"]["name"].as_str().unwrap().to_owned();
                assert_eq!(self.names.insert((pid, thread), given), None, "{event}");
            }
            other => panic!("{other}: {event}"),
        }
    }

    /// Slices of a thread nest: none ends in another one.
    #[track_caller]
    fn check_nesting(&self) {
        for (at, a) in self.slices.iter().enumerate() {
            for b in &self.slices[at + 1..] {
                let is_apart = (a.0, a.1) != (b.0, b.1) || a.3 <= b.2 || b.3 <= a.2;
                let is_nested = (a.2 <= b.2 && b.3 <= a.3) || (b.2 <= a.2 && a.3 <= b.3);
                assert!(is_apart || is_nested, "{a:?} and {b:?}");
            }
        }
    }

    #[track_caller]
    fn check_names(&self) {
        for (pid, tid, ..) in &self.slices {
            assert!(self.names.contains_key(&(*pid, None)), "process {pid}");
            assert!(self.names.contains_key(&(*pid, Some(*tid))), "thread {tid}");
        }
    }

    fn has(&self, name: &str) -> bool {
        self.slices.iter().any(|slice| slice.4 == name)
    }
}

#[test]
fn targets_are_processes_and_tests_that_overlap_have_lanes() {
    let (_dir, home) = empty();
    for lab in ["lab1", "lab2"] {
        let args = [
            "--test-threads",
            "2",
            "takes_steps",
            "is_slow",
            "several_lines",
        ];
        job(
            &home,
            lab,
            "steps",
            &[&args[..], &["--iterations", "3"]].concat(),
        );
        move_to(&home, lab, lab);
    }
    report(&home, &["lab1", "lab2", "--trace", "trace.json"]);
    let trace = read(&home.join("trace.json"));
    let name = |pid, thread| trace.names.get(&(pid, thread)).map(String::as_str);
    assert_eq!((name(1, None), name(2, None)), (Some("lab1"), Some("lab2")));
    let lanes = (
        name(1, Some(0)),
        name(1, Some(1)),
        name(1, Some(2)),
        name(1, Some(3)),
    );
    assert_eq!(
        lanes,
        (Some("job steps"), Some("slot 1"), Some("slot 2"), None)
    );
    for slice in ["steps", "takes_steps", "is_slow", "records::several_lines"] {
        assert!(trace.has(slice), "{slice}: {trace:#?}");
    }
    assert!(
        trace
            .instants
            .iter()
            .any(|text| text == "INFO: one\ntwo\nthree"),
        "{trace:#?}"
    );
}

/// Somebody else's program moves slices that overlap, which no viewer can show: there are none.
#[test]
fn no_slice_has_to_be_moved() {
    let (_dir, home) = empty();
    for (name, fixture) in [
        ("jobs/one", "steps"),
        ("jobs/two", "steps"),
        ("jobs/three", "many"),
    ] {
        job(&home, name, fixture, &["--test-threads", "3"]);
    }
    move_to(&home, "jobs/two", "lab2");
    report(
        &home,
        &["jobs", "--trace", "trace.json", "--format", "terse"],
    );
    let before = read(&home.join("trace.json"));
    let mut tool = Command::new("trace-lanefix");
    tool.current_dir(&home)
        .args(["trace.json", "fixed.json", "--snap-threshold-us", "0"]);
    match tool.output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(error) => {
            println!("left out: trace-lanefix cannot be run: {error}");
            return;
        }
    }
    let sorted = |mut slices: Vec<Slice>| {
        slices.sort();
        slices
    };
    let after = read(&home.join("fixed.json"));
    assert_eq!(sorted(before.slices), sorted(after.slices));
}

/// Every journal of the reports' own tests: reboots, packages, hostile texts, times that do not fit.
#[test]
fn every_job_has_a_time_line() {
    let golden = super::root().join("autotest-report/tests/golden");
    for case in fs::read_dir(golden).unwrap() {
        let events = case.unwrap().path().join("events.jsonl");
        if !events.exists() {
            continue;
        }
        let (_dir, home) = empty();
        fs::create_dir(home.join("job")).unwrap();
        fs::copy(events, home.join("job/journal.jsonl")).unwrap();
        let ran = report(
            &home,
            &["job", "--trace", "trace.json", "--format", "terse"],
        );
        let trace = read(&home.join("trace.json"));
        let jobs = trace.slices.iter().filter(|slice| slice.1 == 0);
        assert!(jobs.count() > 0, "{}{trace:?}", ran.stderr);
    }
}
