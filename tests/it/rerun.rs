//! `--rerun DIR`: what failed or has no verdict runs again, as it ran.

mod kinds;
mod lab;
mod refused;

use std::fs;
use std::process::Stdio;

use autotest_core::PlannedTest;

use super::interrupts::wait_until;
use lab::{Lab, check_refused};

const FAILED: [&str; 4] = [
    "b_fails.v1",
    "c_errors.v1",
    "d_needs_a_secret.v1",
    "g_aborts.v1",
];

#[test]
fn what_failed_or_never_ran_runs_again_as_it_ran() {
    let lab = Lab::new();
    lab.first();
    lab.mend();
    let args = [
        "--rerun",
        "one",
        "--results",
        "two",
        "--param",
        "token=other",
    ];
    lab.mended(&args, 0);
    let expected = [&FAILED[..], &["h_is_last.v1"]].concat();
    assert_eq!(lab.plan("two"), expected);
    assert_eq!(lab.file("two/b_fails.v1/debug/stdout"), "took 3\n");
    let (one, two) = (lab.start("one"), lab.start("two"));
    assert_eq!((&two.rerun_of, two.label), (&one.id, one.label));
    assert_eq!(one.rerun_of, "");
    assert_eq!(two.filtered_out, 4);
    let runs = |runs: Vec<PlannedTest>| {
        let kept = runs
            .into_iter()
            .filter(|run| expected.contains(&&*run.operation));
        kept.collect::<Vec<_>>()
    };
    assert_eq!(runs(one.plan), two.plan);
    let args = ["--param=token=(secret)", "--param=mb=3", "--tag=v1"];
    assert!(
        args.iter()
            .all(|arg| two.argv.iter().any(|there| there == arg))
    );
    let journal = lab.file("two/journal.jsonl");
    assert!(!journal.contains("other") && !journal.contains("s3cret"));
    // Everything passed now.
    let again = lab.mended(&["--rerun", "two"], 0);
    let path = fs::canonicalize(lab.home().join("two")).unwrap();
    let nothing = format!(
        "nothing to run again: every test passed in the job in `{}`\n",
        path.display()
    );
    assert_eq!(String::from_utf8(again.stdout).unwrap(), nothing);
    assert!(!lab.home().join("autotest-results").exists());
}

#[test]
fn what_failed_and_what_is_unfinished_can_be_told_apart() {
    let lab = Lab::new();
    lab.first();
    let failed = ["--rerun-only", "failed", "--param", "token=x"];
    lab.mended(
        &[&["--rerun", "one", "--results", "two"], &failed[..]].concat(),
        101,
    );
    assert_eq!(lab.plan("two"), FAILED);
    lab.mended(
        &[
            "--rerun",
            "one",
            "--rerun-only",
            "unfinished",
            "--results",
            "three",
        ],
        0,
    );
    assert_eq!(lab.plan("three"), ["h_is_last.v1"]);
    let done = lab.mended(&["--rerun", "three", "--rerun-only", "failed"], 0);
    assert!(
        String::from_utf8(done.stdout)
            .unwrap()
            .contains("no test failed")
    );
    let done = lab.mended(&["--rerun", "three", "--rerun-only", "unfinished"], 0);
    assert!(
        String::from_utf8(done.stdout)
            .unwrap()
            .contains("every test has a verdict")
    );
}

#[test]
fn flags_given_now_win() {
    let lab = Lab::new();
    lab.first();
    lab.mend();
    let args = ["--param", "mb=64", "--tag", "v2", "--strict", "b_fails"];
    lab.mended(
        &[&["--rerun", "one", "--results", "two"], &args[..]].concat(),
        0,
    );
    assert_eq!(lab.plan("two"), ["b_fails.v2"]);
    assert_eq!(lab.file("two/b_fails.v2/debug/stdout"), "took 64\n");
    assert!(lab.start("two").is_strict);
    let skipped = ["--skip", "secret", "--skip", "b_", "--attr", "!suite:net"];
    lab.mended(
        &[&["--rerun", "one", "--results", "three"], &skipped[..]].concat(),
        0,
    );
    assert_eq!(
        lab.plan("three"),
        ["c_errors.v1", "g_aborts.v1", "h_is_last.v1"]
    );
    let unknown = lab.run("mended", &["--rerun", "one", "c_errors", "--param", "mb=1"]);
    let stderr = String::from_utf8(unknown.stderr).unwrap();
    assert!(
        stderr.starts_with("error: unknown parameter `mb` of `c_errors`"),
        "{stderr}"
    );
}

/// WARN counts as failed where it failed the job.
#[test]
fn a_warning_runs_again_in_a_strict_job() {
    let lab = Lab::new();
    lab.mended(
        &["--results", "one", "--strict", "e_warns", "f_is_skipped"],
        101,
    );
    lab.mended(&["--rerun", "one", "--results", "two"], 101);
    assert_eq!(lab.plan("two"), ["e_warns"]);
}

#[test]
fn secrets_must_be_given_again() {
    let lab = Lab::new();
    lab.first();
    let refused = lab.run("mended", &["--rerun", "one"]);
    let stderr = String::from_utf8(refused.stderr).unwrap();
    let expected = "error: d_needs_a_secret: parameter `token` (`Option<String>`) is secret, so its value is not on \
                    record: give it again, with `--param token=…`\n";
    assert_eq!(
        (refused.status.code(), stderr.as_str()),
        (Some(2), expected)
    );
    let mut command = lab.command("mended", &["--rerun", "one", "--results", "two"]);
    command.env("AUTOTEST_PARAM_TOKEN", "four");
    assert_eq!(command.output().unwrap().status.code(), Some(101));
    let stdout = lab.file("two/d_needs_a_secret.v1/debug/stdout");
    assert_eq!(stdout, "has a token of 4 bytes\n");
    // Nothing that runs takes it.
    lab.mended(&["--rerun", "one", "--results", "three", "b_fails"], 101);
}

/// An interrupted job is another matter than a job with failures: both can be repeated.
#[test]
fn an_interrupted_job_and_an_interrupted_rerun_go_on() {
    let lab = Lab::new();
    let mended = format!("mended={}", lab.home().join("mended").display());
    let args = [
        "--results",
        "one",
        "--include-ignored",
        "b_fails",
        "i_waits",
        "h_is",
        "--param",
    ];
    let mut job = lab.command("mended", &[&args[..], &[&mended]].concat());
    let mut job = job.stdout(Stdio::null()).spawn().unwrap();
    let is_begun = |job: &'static str| {
        let path = lab.home().join(job).join("journal.jsonl");
        move || {
            let journal = fs::read_to_string(&path).unwrap_or_default();
            journal.contains("\"subdir\":\"i_waits\"")
        }
    };
    wait_until("the test waits", is_begun("one"));
    let busy = lab.run("mended", &["--rerun", "one"]);
    check_refused(
        &busy,
        "another process writes the journal of this job; wait for its end",
    );
    job.kill().unwrap();
    job.wait().unwrap();
    let mut rerun = lab.command("mended", &["--rerun", "one", "--results", "two"]);
    let mut rerun = rerun.stdout(Stdio::null()).spawn().unwrap();
    wait_until("the test waits again", is_begun("two"));
    rerun.kill().unwrap();
    rerun.wait().unwrap();
    assert_eq!(lab.plan("two"), ["b_fails", "i_waits"]);
    lab.mend();
    // The first job is not needed any more.
    fs::remove_dir_all(lab.home().join("one")).unwrap();
    lab.mended(&["--resume", "two"], 101);
    assert_eq!(lab.verdicts("two").len(), 4);
    lab.mended(&["--rerun", "two", "--results", "three"], 0);
    assert_eq!(lab.plan("three"), ["b_fails"]);
}

#[test]
fn the_binary_may_be_another_build() {
    let lab = Lab::new();
    lab.first();
    let refused = lab.run("mended_next", &["--rerun", "one"]);
    check_refused(
        &refused,
        "not in this binary, but in the earlier job: `c_errors`, `d_needs_a_secret`, `g_aborts`, `h_is_last`; leave \
         out such tests with `--skip`, or use a binary that has them",
    );
    let args = ["--rerun", "one", "--results", "two", "b_fails"];
    let passed = lab.run("mended_next", &args);
    let note = |name: &str| {
        format!(
            "note: `b_fails` does not take the argument `{name}` any more, which it had in the earlier job\n"
        )
    };
    assert_eq!(
        String::from_utf8(passed.stderr).unwrap(),
        note("mb") + &note("mended")
    );
    assert_eq!(passed.status.code(), Some(0));
    assert_eq!(lab.start("two").label, "mended");
}

#[test]
fn the_shard_of_a_job_does_not_matter_any_more() {
    let lab = Lab::new();
    let mended = format!("mended={}", lab.home().join("mended").display());
    for shard in ["1/2", "2/2"] {
        let dir = shard.replace('/', "-of-");
        let args = ["--results", &dir, "--shard", shard, "--param", &mended];
        let code = lab.run("mended", &args).status.code();
        let failed = lab.plan(&dir).len() > 1;
        assert!(code == Some(101) || !failed);
        let again = format!("{dir}-again");
        let rerun = lab.run("mended", &["--rerun", &dir, "--results", &again]);
        assert_eq!(rerun.status.code(), code);
        assert_eq!(lab.start(&again).shard, None);
    }
}
