//! A journal tells everything again: whole, and cut off anywhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use autotest::{Code, Status};
use autotest_core::Event;
use autotest_report::{JobFiles, KeyvalFiles, PerfFiles, StatusLog, Tree as ReportTree};
use autotest_report::{Record, Replay, Report};

use super::binary::{self, Ran, example, fixture};

/// Makes the reports of a job again, and compares each file and what is printed.
#[track_caller]
pub(crate) fn check_replay(ran: &Ran, again: impl Fn(&[&str]) -> Ran) {
    let jobdir = ran.jobdir();
    let args = ["--replay", jobdir.to_str().unwrap(), "--junit", "--tap"];
    // As the job itself, which passed or failed.
    let replayed = again(&args).expect_code(ran.code.unwrap());
    let made_by_tests = |path: &str| path.contains("/debug/") || path.ends_with('/');
    let reports: Vec<_> = replayed.tree();
    for path in reports.iter().filter(|path| !made_by_tests(path)) {
        let read = |ran: &Ran| fs::read(ran.jobdir().join(path)).unwrap();
        assert!(
            read(ran) == read(&replayed),
            "{path} differs:\n{}\n---\n{}",
            ran.file(path),
            replayed.file(path)
        );
    }
    for path in ran.tree() {
        let is_report = path.ends_with("keyval")
            || path.ends_with("status")
            || path.ends_with("status.log")
            || path.ends_with("perf_measurements")
            || path.ends_with("results-chart.json");
        assert!(!is_report || reports.contains(&path), "{path} is missing");
    }
    let printed = |ran: &Ran| ran.printed().replace(jobdir.to_str().unwrap(), "<jobdir>");
    assert_eq!(printed(&replayed), printed(ran));
}

#[track_caller]
fn check_example(name: &str, args: &[&str]) {
    let ran = example(name, &[&["--junit", "--tap"], args].concat());
    check_replay(&ran, |args| example(name, args));
}

#[test]
fn the_reports_of_every_example_can_be_made_again() {
    check_example("hello", &[]);
    check_example("lifecycle", &[]);
    check_example("params", &["--param", "mb=1"]);
    check_example("disk", &["--param", "mb=1", "--iterations", "3"]);
}

#[test]
fn a_report_that_can_not_be_made_again_is_told_once() {
    let ran = example("params", &["--param", "mb=1"]);
    let jobdir = ran.jobdir();
    let args = [
        "--replay",
        jobdir.to_str().unwrap(),
        "--logfile",
        "/dev/full",
    ];
    let told = example("params", &args).expect_code(5).stderr();
    assert_eq!(
        told,
        "error: failed to write the log file: No space left on device (os error 28)\n"
    );
}

#[test]
fn the_reports_of_tests_that_misbehave_can_be_made_again() {
    let args = [
        "--skip",
        "attacks::",
        "--param",
        "need=1",
        "--junit",
        "--tap",
    ];
    let ran = fixture("faulty", &args).expect_code(101);
    check_replay(&ran, |args| fixture("faulty", args));
    let args = [
        "--junit",
        "--tap",
        "--test-threads",
        "4",
        "says::",
        "nests::",
        "parts",
        "raises::",
    ];
    let ran = fixture("faulty", &args).expect_code(101);
    check_replay(&ran, |args| fixture("faulty", args));
}

#[test]
fn a_job_whose_directory_a_test_removed_is_whole_again() {
    let ran = fixture(
        "faulty",
        &[
            "--include-ignored",
            "--junit",
            "--tap",
            "--exact",
            "says::warn",
            "vandal",
        ],
    );
    let ran = ran.expect_code(0);
    assert!(
        ran.stderr()
            .contains("note: the results were removed; made again from the journal\n"),
        "{}",
        ran.stderr()
    );
    check_replay(&ran, |args| fixture("faulty", args));
    assert_eq!(ran.file("says.warn/status").lines().count(), 4);
}

#[test]
fn a_replay_exits_as_the_job_would() {
    let replayed = |ran: &Ran, args: &[&str]| {
        let jobdir = ran.jobdir();
        let args = [&["--replay", jobdir.to_str().unwrap()], args].concat();
        fixture("faulty", &args).code
    };
    let code_of = |args: &[&str]| {
        let ran = fixture("faulty", args);
        assert_eq!(replayed(&ran, &[]), ran.code, "{args:?}");
        ran.code
    };
    assert_eq!(code_of(&["parts"]), Some(0));
    assert_eq!(code_of(&["says::fail"]), Some(101));
    assert_eq!(code_of(&["says::warn"]), Some(0));
    assert_eq!(code_of(&["--strict", "says::warn"]), Some(101));
    assert_eq!(code_of(&["says::not_applicable"]), Some(0));
    assert_eq!(code_of(&["no such test"]), Some(0));
}

#[test]
fn a_replay_of_an_interrupted_job_fails() {
    let ran = fixture("faulty", &["parts"]).expect_code(0);
    let jobdir = ran.jobdir();
    let journal = jobdir.join("journal.jsonl");
    let text = fs::read_to_string(&journal).unwrap();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    fs::write(&journal, lines[..lines.len() - 1].concat()).unwrap();
    let args = ["--replay", jobdir.to_str().unwrap()];
    let replayed = fixture("faulty", &args).expect_code(101);
    let stdout = replayed.stdout();
    assert!(stdout.contains("test parts ... ok\n"), "{stdout}");
    assert!(stdout.contains("test result: FAILED. 1 passed"), "{stdout}");
}

/// Spoils the files of a job in each way that there is.
fn spoil(jobdir: &Path) -> [&'static str; 6] {
    let [cut, longer, changed, gone, linked, log] = [
        "a.t00/status",
        "a.t01/keyval",
        "a.t02/results/results-chart.json",
        "a.t03/results/perf_measurements",
        "a.t04/keyval",
        "status.log",
    ];
    let text = |path| fs::read_to_string(jobdir.join(path)).unwrap();
    let write = |path, text: &str| fs::write(jobdir.join(path), text).unwrap();
    let status = text(cut);
    write(cut, &status[..status.len() - 5]);
    write(longer, &(text(longer) + "more=1\n"));
    write(changed, &text(changed).replace("2.0", "3.0"));
    fs::remove_file(jobdir.join(gone)).unwrap();
    fs::rename(jobdir.join(linked), jobdir.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", jobdir.join(linked)).unwrap();
    write(log, &(text(log) + "\tINFO\t----\t----\n"));
    [cut, longer, changed, gone, linked, log]
}

#[test]
fn only_what_is_wrong_in_place_is_made_again() {
    let ran = fixture("many", &["a::"]).expect_code(101);
    let jobdir = ran.jobdir();
    let paths = binary::walk(&jobdir).into_iter();
    let paths: Vec<_> = paths.filter(|path| !path.ends_with('/')).collect();
    let state = |path: &String| {
        let path = jobdir.join(path);
        let inode = fs::symlink_metadata(&path).unwrap().ino();
        (fs::read_to_string(path).unwrap(), inode)
    };
    let before: Vec<_> = paths.iter().map(state).collect();
    let spoilt = spoil(&jobdir);
    let mut replay = binary::fixture_command(&jobdir, "many");
    let replayed = replay.args(["--replay", "."]).output().unwrap();
    assert_eq!(replayed.status.code(), Some(101));
    for (path, (text, inode)) in paths.iter().zip(before) {
        let (text_now, inode_now) = state(path);
        assert_eq!(text_now, text, "{path}");
        // It says something else while the job is on.
        let is_made_again = spoilt.contains(&path.as_str()) || path == ".autoserv_execute";
        assert_eq!(inode_now != inode, is_made_again, "{path}");
    }
}

/// The records of a real job with subtests, failures, attempts and all kinds of events.
fn journal() -> String {
    let faulty = fixture("faulty", &["nests::", "says::", "records::", "raises::"]);
    fs::read_to_string(faulty.jobdir().join("journal.jsonl")).unwrap()
}

/// A test is unfinished if the journal does not have its end.
fn unfinished(records: &[Record]) -> BTreeSet<String> {
    let mut open = BTreeMap::new();
    for record in records {
        match &record.event {
            Event::TestStart(start) => drop(open.insert(record.run, start.subdir.clone())),
            Event::TestEnd { .. } => drop(open.remove(&record.run)),
            _ => {}
        }
    }
    open.into_values().collect()
}

/// Every START has its END, and an unfinished test is ABORT.
fn check_status_log(tree: &Path, unfinished: &BTreeSet<String>) {
    let log = fs::read_to_string(tree.join("status.log")).unwrap();
    let mut open = Vec::new();
    let mut aborted = BTreeSet::new();
    for (indent, entry) in autotest::status::parse_log(&log).unwrap() {
        let place = (indent, entry.subdir().map(str::to_owned));
        match entry.code() {
            Code::Start => open.push(place),
            Code::End(status) => {
                if status == Status::Abort && indent > 0 {
                    aborted.insert(place.1.clone().unwrap_or_default());
                }
                assert_eq!(open.pop(), Some(place));
            }
            Code::Info | Code::Status(_) => {}
        }
    }
    assert_eq!(open, []);
    assert_eq!(aborted, *unfinished, "{log}");
}

/// Every file of a tree is one that its readers take.
#[track_caller]
pub(crate) fn check_well_formed(tree: &Path) {
    let log = fs::read_to_string(tree.join("status.log")).unwrap();
    autotest::status::parse_log(&log).unwrap();
    check_files(tree);
}

fn check_files(tree: &Path) {
    let execute = fs::read_to_string(tree.join(".autoserv_execute")).unwrap();
    assert_eq!(execute.lines().count(), 3, "{execute}");
    autotest::keyval::parse(&fs::read_to_string(tree.join("keyval")).unwrap(), None).unwrap();
    for path in binary::walk(tree) {
        let text = || fs::read_to_string(tree.join(&path)).unwrap();
        if path.ends_with("results/keyval") {
            assert!(
                autotest::keyval::parse_iterations(&text())
                    .skipped
                    .is_empty()
            );
        } else if path.ends_with("/keyval") {
            autotest::keyval::parse(&text(), None).unwrap();
        } else if path.ends_with("results-chart.json") {
            serde_json::from_str::<serde_json::Value>(&text()).unwrap();
        }
    }
}

fn replay_into(journal: File, jobdir: &Path) {
    let tree = ReportTree::open(jobdir).unwrap();
    let mut reports: Vec<Box<dyn Report>> = vec![
        Box::new(StatusLog::new(&tree)),
        Box::new(KeyvalFiles::new(&tree)),
        Box::new(PerfFiles::new(&tree)),
        Box::new(JobFiles::new(&tree)),
    ];
    for record in Replay::new(journal).unwrap() {
        for report in &mut reports {
            report.record(&record).unwrap();
        }
    }
    for report in &mut reports {
        report.finish().unwrap();
    }
}

fn file_of(text: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    file
}

#[test]
fn each_prefix_of_a_journal_is_a_whole_tree_in_which_nothing_unfinished_passes() {
    let journal = journal();
    let lines: Vec<&str> = journal.split_inclusive('\n').collect();
    for count in 1..=lines.len() {
        let records: Vec<Record> = lines[..count]
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let home = tempfile::tempdir().unwrap();
        replay_into(file_of(lines[..count].concat().as_bytes()), home.path());
        check_status_log(home.path(), &unfinished(&records));
        check_files(home.path());
    }
}

/// What is behind the last whole line says nothing, wherever it is cut and whatever stands there.
#[test]
fn a_journal_cut_within_a_line_is_one_cut_before_it() {
    let ran = fixture("faulty", &["nests::parent"]).expect_code(0);
    let journal = fs::read(ran.jobdir().join("journal.jsonl")).unwrap();
    let file = file_of(&journal);
    let told = |file: &File| Replay::new(file.try_clone().unwrap()).unwrap().count();
    let (mut whole_lines, mut expected) = (usize::MAX, 0);
    for length in (0..journal.len()).rev() {
        file.set_len(length as u64).unwrap();
        let lines = journal[..length]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        if lines != whole_lines {
            let end = journal[..length].iter().rposition(|byte| *byte == b'\n');
            let cut = file_of(&journal[..end.map_or(0, |end| end + 1)]);
            (whole_lines, expected) = (lines, told(&cut));
        }
        assert_eq!(told(&file), expected, "cut at {length}");
    }
    let garbage = [&journal[..], b"\0\0\0\0\n", &journal[..]].concat();
    assert_eq!(told(&file_of(&garbage)), told(&file_of(&journal)));
}
