//! The output of tests in reports, and the places where a document goes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use autotest_core::{Event, Kind, Verdict};
use autotest_report::{Junit, JunitPlace, LibtestJson, Report};
use rustix::fs::{CWD, FileType, Mode};

use crate::job::Job;
use crate::tree::Home;

fn job() -> Job {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1).end_job();
    job
}

/// What a report that shows the output of passed tests says of it.
#[track_caller]
fn check(home: &Home, expected: Option<&str>) {
    let path = home.elsewhere("lines");
    let out = File::create(&path).unwrap();
    job().report_to(&mut LibtestJson::new(out, &home.jobdir(), true));
    let lines = fs::read_to_string(path).unwrap();
    let line = lines.lines().find(|line| line.contains(r#""event":"ok""#));
    let line: serde_json::Value = serde_json::from_str(line.unwrap()).unwrap();
    assert_eq!(line["stdout"].as_str(), expected);
}

#[test]
fn the_end_of_a_long_output_is_shown() {
    let home = Home::new();
    let shown = "x".repeat(16 << 10);
    home.put("a/debug/stdout", &shown);
    check(&home, Some(&shown));
    home.put("a/debug/stdout", &format!("abc{shown}"));
    check(&home, Some(&format!("[3 bytes before this]\n{shown}")));
    home.put("a/debug/stdout", "");
    check(&home, None);
}

#[test]
fn nothing_is_shown_of_a_link_or_a_pipe_in_place_of_an_output() {
    let home = Home::new();
    home.put("a/debug/stderr", "printed");
    fs::write(home.elsewhere("outside"), "theirs").unwrap();
    let stdout = home.jobdir().join("a/debug/stdout");
    symlink(home.elsewhere("outside"), &stdout).unwrap();
    check(&home, Some("printed"));
    fs::remove_file(&stdout).unwrap();
    rustix::fs::mknodat(CWD, &stdout, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    check(&home, Some("printed"));
}

/// A target can send any link.
#[test]
fn nothing_is_shown_through_a_link_in_place_of_a_directory() {
    let home = Home::new();
    home.put("b/debug/stdout", "that of another test");
    fs::create_dir_all(home.jobdir().join("a")).unwrap();
    symlink("../b/debug", home.jobdir().join("a/debug")).unwrap();
    check(&home, None);
}

fn junit(home: &Home, job: &Job, place: JunitPlace) -> Junit {
    Junit::new(job.journal(), &home.jobdir(), place)
}

/// The document of this job.
fn document(home: &Home, job: &Job) -> String {
    let place = JunitPlace::Tree(home.tree());
    junit(home, job, place).finish().unwrap();
    home.read("junit.xml")
}

#[test]
fn a_case_shows_whichever_stream_its_test_wrote_to() {
    for (stream, element) in [("stdout", "system-out"), ("stderr", "system-err")] {
        let home = Home::new();
        home.put(&format!("a/debug/{stream}"), "printed");
        let text = document(&home, &job());
        let document = roxmltree::Document::parse(&text).unwrap();
        let case = document
            .descendants()
            .find(|node| node.has_tag_name("testcase"));
        let shown = case.unwrap().children().filter(roxmltree::Node::is_element);
        let shown: Vec<_> = shown
            .map(|node| (node.tag_name().name(), node.text()))
            .collect();
        assert_eq!(shown, [(element, Some("printed"))]);
    }
}

/// A runner repeats tests that failed; the case of the last attempt says what the others were.
#[test]
fn a_case_has_the_verdicts_of_failed_attempts() {
    let mut job = Job::of(&["a", "b"]);
    let subdir = |number: u32| format!("a.attempt-{number}");
    job.start(1, "a").attempt(1, &subdir(1));
    for (run, reason) in [(2, "is broken"), (4, "is cracked")] {
        let verdict = Verdict::new(Kind::Fail, reason);
        job.start(run, "a").start_below(run + 1, "b", Some(run));
        let of_subtest = Verdict::new(Kind::Error, "below");
        let subdir = subdir(run);
        job.send(
            run + 1,
            Event::Attempt {
                subdir: subdir.clone() + "/b",
                verdict: of_subtest,
            },
        );
        job.send(run, Event::Attempt { subdir, verdict });
    }
    job.start(6, "a").start_below(7, "a", Some(6));
    job.pass(7).pass(6).start(8, "b").pass(8).end_job();
    let text = document(&Home::new(), &job);
    let document = roxmltree::Document::parse(&text).unwrap();
    let cases = document
        .descendants()
        .filter(|node| node.has_tag_name("testcase"));
    let shown = cases.map(|case| {
        let properties = case
            .descendants()
            .filter(|node| node.has_tag_name("property"));
        let values = properties.map(|it| (it.attribute("name"), it.attribute("value")));
        (case.attribute("name").unwrap(), values.collect::<Vec<_>>())
    });
    let attempt = |verdict| (Some("attempt"), Some(verdict));
    let of_a = vec![attempt("FAIL: is broken"), attempt("FAIL: is cracked")];
    let expected = [("a/a", Vec::new()), ("a", of_a), ("b", Vec::new())];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
}

#[test]
fn a_planned_test_that_did_not_run_is_skipped() {
    let text = document(&Home::new(), Job::of(&["a"]).end_job());
    let case = "<testcase name=\"a\" classname=\"board\">\n            \
                <skipped message=\"did not run\"/>\n";
    assert!(text.contains(case), "{text}");
}

#[test]
fn a_journal_without_a_job_has_an_empty_suite() {
    let mut job = Job::of(&[]);
    job.records.clear();
    let text = document(&Home::new(), &job);
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.root_element().first_element_child().unwrap();
    assert_eq!(suite.tag_name().name(), "testsuite");
    assert!(!suite.has_children());
}

#[test]
fn a_document_is_the_same_wherever_it_goes() {
    let home = Home::new();
    let stream = home.elsewhere("stream.xml");
    let file = home.elsewhere("file.xml");
    fs::write(&file, "what was there before").unwrap();
    let out = Box::new(File::create(&stream).unwrap());
    for place in [
        JunitPlace::Tree(home.tree()),
        JunitPlace::File(file.clone()),
        JunitPlace::Stream(out),
    ] {
        let mut junit = junit(&home, &job(), place);
        junit.finish().unwrap();
        // There is one document only.
        junit.finish().unwrap();
    }
    let document = home.read("junit.xml");
    roxmltree::Document::parse(&document).unwrap();
    assert_eq!(fs::read_to_string(stream).unwrap(), document);
    assert_eq!(fs::read_to_string(&file).unwrap(), document);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode();
    let usual = home.elsewhere("usual");
    fs::write(&usual, "").unwrap();
    assert_eq!(mode(&file), mode(&usual), "others may read it");
}

#[test]
fn a_document_may_go_to_the_working_directory() {
    let name = format!("junit-{}.xml", std::process::id());
    junit(&Home::new(), &job(), JunitPlace::File(name.clone().into()))
        .finish()
        .unwrap();
    let document = fs::read_to_string(&name).unwrap();
    fs::remove_file(name).unwrap();
    assert!(document.ends_with("</testsuites>\n"));
}

#[test]
fn a_document_that_cannot_be_written_leaves_what_was_there() {
    let home = Home::new();
    let dir = home.elsewhere("dir");
    fs::create_dir(&dir).unwrap();
    let mut junit = junit(&home, &job(), JunitPlace::File(dir.clone()));
    let error = junit.finish().unwrap_err();
    let expected = format!("`{}`: ", dir.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
    assert!(dir.is_dir());
    let left = fs::read_dir(home.elsewhere("")).unwrap().count();
    assert_eq!(left, 2, "the job's directory and this one");
}

#[test]
fn a_reader_of_a_document_may_go_away() {
    let (_, writer) = io::pipe().unwrap();
    let place = JunitPlace::Stream(Box::new(writer));
    junit(&Home::new(), &job(), place).finish().unwrap();
}
