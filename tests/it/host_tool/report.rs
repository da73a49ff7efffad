//! `cargo autotest report`: what becomes of several jobs.

mod contradictions;
mod damage;
mod files;
mod page;
mod reruns;
mod since;
mod targets;
mod trace;

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use autotest_report::{FORMATS, Replay, Reports, ShowOptions, Tree, results_files};
use expect_test::expect;

use super::{Ran, empty, root, run_in};
use crate::binary::{fixture_command, walk};
use crate::tko::check_tree;

/// Runs a fixture whose results go to a directory in `home`.
fn job(home: &Path, name: &str, fixture: &str, args: &[&str]) {
    let mut command = fixture_command(home, fixture);
    command.arg("--results").arg(home.join(name)).args(args);
    let output = command.output().unwrap();
    let is_over = matches!(output.status.code(), Some(0 | 101));
    assert!(is_over, "{output:?}");
}

/// Runs all shards of a fixture, each with its own directory.
fn shards(home: &Path, names: &[&str]) {
    for (at, name) in names.iter().enumerate() {
        let shard = format!("{}/{}", at + 1, names.len());
        job(home, name, "selected", &["--shard", &shard]);
    }
}

/// Changes a text in the journal of a job.
#[track_caller]
fn edit(home: &Path, job: &str, from: &str, to: &str) {
    let path = home.join(job).join("journal.jsonl");
    let journal = fs::read_to_string(&path).unwrap();
    assert!(journal.contains(from), "no {from} in {journal}");
    fs::write(path, journal.replace(from, to)).unwrap();
}

/// Says that a job ran on another host.
fn move_to(home: &Path, job: &str, host: &str) {
    let path = home.join(job).join("journal.jsonl");
    let journal = fs::read_to_string(&path).unwrap();
    let (_, rest) = journal.split_once("\"hostname\":\"").unwrap();
    let (before, _) = rest.split_once('"').unwrap();
    let from = format!("\"hostname\":\"{before}\"");
    edit(home, job, &from, &format!("\"hostname\":\"{host}\""));
}

fn report(home: &Path, args: &[&str]) -> Ran {
    run_in(home, &[&["report"], args].concat())
}

#[test]
fn shards_become_one_job() {
    let (_dir, home) = empty();
    shards(&home, &["one", "two", "three"]);
    let args = ["one", "two", "three", "--format", "tap"];
    let in_place = report(&home, &args).expect_code(101);
    assert_eq!(in_place.stderr, "");
    let ran = report(&home, &[&args[..], &["--results", "merged"]].concat()).expect_code(101);
    expect![[r#"
        TAP version 13
        1..10
        ok 1 - disk::write # SKIP wears it out
        ok 2 - disk::format::ext4
        ok 3 - disk::read
        ok 4 - net::ping
        not ok 5 - fails
          ---
          status: FAIL
          reason: "broken"
          at: "tests/fixtures/selected.rs:37:5"
          debug: "fails/debug"
          ...
        ok 6 - disk::format::fat
        ok 7 - net::tcp
        ok 8 - net::udp
        ok 9 - warns
          ---
          status: WARN
          reason: "slow, but it works"
          at: "tests/fixtures/selected.rs:42:9"
          debug: "warns/debug"
          ...
        ok 10 - where_is_tmp
        # results: [DIR]/merged
    "#]]
    .assert_eq(&ran.stdout);
    let shown = in_place.stdout.replace("two/", "").replace("three/", "");
    assert_eq!(shown.replace("[DIR]", "[DIR]/merged"), ran.stdout);
    let again = report(&home, &["merged", "--format", "tap"]).expect_code(101);
    assert_eq!(again.stdout, ran.stdout);
    check_tree(&home.join("merged"));
}

/// What a merged tree has of the jobs, the binary itself reads, too.
#[test]
fn the_binary_replays_a_merged_tree_and_does_not_resume_it() {
    let (_dir, home) = empty();
    shards(&home, &["one", "two"]);
    let args = ["one", "two", "--results", "merged", "--junit", "junit.xml"];
    report(&home, &args).expect_code(101);
    let replay = |args: &[&str]| {
        let mut command = fixture_command(&home, "selected");
        command.args(args).output().unwrap()
    };
    let replayed = replay(&["--replay", "merged", "--junit"]);
    assert_eq!(replayed.status.code(), Some(101));
    let junit = |path: &str| fs::read_to_string(home.join(path)).unwrap();
    assert_eq!(junit("merged/junit.xml"), junit("junit.xml"));
    let resumed = replay(&["--resume", "merged"]);
    assert_eq!(resumed.status.code(), Some(2));
    expect![[r#"
        error: these results were merged of several jobs: resume the one that was interrupted
    "#]]
    .assert_eq(&String::from_utf8(resumed.stderr).unwrap());
}

#[test]
fn the_files_of_tests_are_copied_and_links_stay_links() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["where_is_tmp", "warns"]);
    let test = home.join("job/where_is_tmp");
    std::os::unix::fs::symlink("/nowhere", test.join("link")).unwrap();
    fs::create_dir_all(test.join("results/deep")).unwrap();
    fs::write(test.join("results/deep/data"), [0, 255]).unwrap();
    fs::create_dir_all(home.join("job/sysinfo")).unwrap();
    fs::write(home.join("job/sysinfo/uname"), "Linux").unwrap();
    report(&home, &["job", "--results", "a/b/merged"]).expect_code(0);
    let merged = home.join("a/b/merged");
    let mut before = walk(&home.join("job"));
    let after = walk(&merged);
    before.retain(|path| !after.contains(path));
    assert!(before.is_empty(), "{before:?} are missing");
    assert_eq!(
        fs::read(merged.join("where_is_tmp/results/deep/data")).unwrap(),
        [0, 255]
    );
    assert_eq!(
        fs::read_link(merged.join("where_is_tmp/link")).unwrap(),
        Path::new("/nowhere")
    );
    assert_eq!(
        fs::read_to_string(merged.join("sysinfo/uname")).unwrap(),
        "Linux"
    );
    assert_eq!(
        walk(&home.join("a/b"))
            .iter()
            .filter(|path| path.starts_with('.'))
            .count(),
        0
    );
}

/// A job of one attempt of one test, as cargo-nextest starts it.
fn member(home: &Path, attempt: &str, args: &[&str]) {
    let mut command = fixture_command(home, "packaged");
    command.env("AUTOTEST_RESULTS", home.join("results"));
    command.envs([
        ("NEXTEST", "1"),
        ("NEXTEST_RUN_ID", "one"),
        ("NEXTEST_ATTEMPT", attempt),
    ]);
    command.args(["--exact", "--nocapture"]).args(args);
    command.output().unwrap();
}

#[test]
fn the_last_attempt_of_a_runner_is_final() {
    let (_dir, home) = empty();
    member(&home, "1", &["takes"]);
    member(&home, "1", &["may_fail", "--param", "broken=true"]);
    member(&home, "2", &["may_fail", "--param", "broken=true"]);
    member(&home, "3", &["may_fail"]);
    let args = ["results/packaged/latest", "--results", "merged"];
    let ran = report(&home, &args).expect_code(0);
    assert_eq!(ran.stderr, "");
    let stdout: Vec<_> = ran
        .stdout
        .lines()
        .filter(|line| line.starts_with("test "))
        .collect();
    let found = |text: &str| stdout.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!(
        found("test may_fail ... failed (is broken), runs again; see "),
        2
    );
    assert_eq!(found("test may_fail ... ok"), 1);
    assert_eq!(found("test result: ok. 2 passed; 0 failed;"), 1);
    for dir in [
        "may_fail",
        "may_fail.attempt-1",
        "may_fail.attempt-2",
        "takes",
    ] {
        assert!(home.join("merged").join(dir).is_dir(), "{dir}");
    }
    check_tree(&home.join("merged"));
    let again = report(&home, &["merged"]).expect_code(0);
    assert_eq!(again.stdout, ran.stdout);
}

/// The journals of the reports' own tests: groups, branches, reboots, packages, attempts, hostile texts.
#[test]
fn one_job_alone_is_reported_as_by_its_binary() {
    let golden = root().join("autotest-report/tests/golden");
    for case in fs::read_dir(golden).unwrap() {
        let case = case.unwrap().path();
        if case.join("events.jsonl").exists() {
            check_alone(&case);
        }
    }
}

#[track_caller]
fn check_alone(case: &Path) {
    let (_dir, home) = empty();
    fs::create_dir(home.join("job")).unwrap();
    fs::copy(case.join("events.jsonl"), home.join("job/journal.jsonl")).unwrap();
    if case.join("printed").exists() {
        copy_files(&case.join("printed"), &home.join("job"));
    }
    let case = case.file_name().unwrap().to_string_lossy();
    for format in ["tap", "ktap", "junit", "json", "lava"] {
        let expected = replayed(&home, format);
        let ran = report(&home, &["job", "--format", format]);
        // The runs of a control function are known by now, and their number with them.
        let is_count = |line: &&str| !line.contains("\"test_count\":");
        let without_count = |text: &str| text.lines().filter(is_count).map(str::to_owned).collect();
        let (got, expected): (Vec<_>, Vec<_>) =
            (without_count(&ran.stdout), without_count(&expected));
        assert_eq!(got, expected, "{case} as {format}");
    }
    report(&home, &["job", "--results", "merged"]);
    let log = |dir: &str| fs::read_to_string(home.join(dir).join("status.log")).unwrap();
    replay_files(&home.join("job"));
    assert_eq!(log("merged"), log("job"), "{case}");
}

/// Makes the files of a job, as its binary does.
fn replay_files(jobdir: &Path) {
    let journal = File::open(jobdir.join("journal.jsonl")).unwrap();
    let reports = Reports::new(results_files(&Tree::open(jobdir).unwrap()));
    let failures = reports.update_all(Replay::new(journal).unwrap());
    assert!(failures.is_empty(), "{failures:?}");
}

fn copy_files(from: &Path, to: &Path) {
    for path in walk(from) {
        match path.ends_with('/') {
            true => fs::create_dir_all(to.join(path)).unwrap(),
            false => drop(fs::copy(from.join(&path), to.join(&path)).unwrap()),
        }
    }
}

/// The report of a job, as its binary makes it.
fn replayed(home: &Path, format: &str) -> String {
    let out = home.join("expected");
    let jobdir = home.join("job");
    let journal = File::open(jobdir.join("journal.jsonl")).unwrap();
    let (_, kind, _) = FORMATS.iter().find(|(name, ..)| *name == format).unwrap();
    let file = File::create(&out).unwrap();
    let report = kind
        .report(file, &jobdir, &journal, ShowOptions::default())
        .unwrap();
    let failures = Reports::new(vec![report]).update_all(Replay::new(journal).unwrap());
    assert!(failures.is_empty(), "{failures:?}");
    let text = String::from_utf8(fs::read(out).unwrap()).unwrap();
    text.replace(&home.display().to_string(), "[DIR]")
}

/// A path that does not exist yet.
fn absent(home: &Path, name: &str) -> PathBuf {
    let path = home.join(name);
    assert!(!path.exists(), "{}", path.display());
    path
}
