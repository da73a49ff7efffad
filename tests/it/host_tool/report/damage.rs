//! Input that is no result, or only some of it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use expect_test::{Expect, expect};

use super::{absent, edit, empty, job, report};

/// Checks what is said of a directory, and that nothing is written.
#[track_caller]
fn check_refused(home: &Path, dirs: &[&str], code: i32, expected: Expect) {
    let files = [
        "--results",
        "merged",
        "--junit",
        "junit.xml",
        "--trace",
        "trace.json",
    ];
    let ran = report(home, &[dirs, &files].concat()).expect_code(code);
    expected.assert_eq(&ran.stderr);
    assert_eq!(ran.stdout, "");
    for name in ["merged", "junit.xml", "trace.json"] {
        absent(home, name);
    }
    let left: Vec<_> = fs::read_dir(home)
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    let hidden = left
        .iter()
        .filter(|name| name.to_string_lossy().starts_with('.'));
    assert_eq!(hidden.count(), 0, "{left:?}");
}

#[test]
fn a_directory_has_no_results() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    fs::create_dir(home.join("nothing")).unwrap();
    fs::write(home.join("file"), "").unwrap();
    check_refused(
        &home,
        &["job", "nothing"],
        2,
        expect![[r#"
        error: `nothing` has no results: name the directory of a job, which has a `journal.jsonl`, or one with several
    "#]],
    );
    check_refused(
        &home,
        &["job", "absent"],
        2,
        expect![[r#"
        error: failed to read the directory `absent`: No such file or directory (os error 2)
    "#]],
    );
    check_refused(
        &home,
        &["file"],
        2,
        expect![[r#"
        error: failed to read the directory `[DIR]/file`: Not a directory (os error 20)
    "#]],
    );
}

#[test]
fn a_journal_is_of_a_newer_version() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    job(&home, "newer", "selected", &["disk"]);
    edit(
        &home,
        "newer",
        "{\"job_start\":{",
        "{\"job_start\":{\"version\":2,",
    );
    check_refused(
        &home,
        &["job", "newer"],
        1,
        expect![[r#"
        error: `[DIR]/newer/journal.jsonl` has version 2 of the journal's format, and this program reads up to version 1: use the version of autotest that wrote it, or a newer one
    "#]],
    );
}

#[test]
fn a_job_is_still_running() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    let journal = fs::File::open(home.join("job/journal.jsonl")).unwrap();
    journal.lock().unwrap();
    check_refused(
        &home,
        &["job"],
        1,
        expect![[r#"
            error: `[DIR]/job`: another process writes the journal of this job; wait for its end
        "#]],
    );
    journal.unlock().unwrap();
    journal.lock_shared().unwrap();
    report(&home, &["job"]).expect_code(0);
}

#[test]
fn a_journal_may_not_be_read() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    let journal = home.join("job/journal.jsonl");
    fs::set_permissions(&journal, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&journal).is_ok() {
        println!("left out: root may read everything");
        return;
    }
    check_refused(
        &home,
        &["job"],
        1,
        expect![[r#"
        error: failed to open the journal `[DIR]/job/journal.jsonl`: Permission denied (os error 13); name the results directory of a job
    "#]],
    );
}

#[test]
fn results_go_where_nothing_is() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    let ran = report(&home, &["job", "--results", "job"]).expect_code(2);
    expect![[r#"
        error: the results directory `job` is not empty: name another one, or remove it
    "#]]
    .assert_eq(&ran.stderr);
    fs::write(home.join("file"), "").unwrap();
    let ran = report(&home, &["job", "--results", "file"]).expect_code(2);
    expect![[r#"
        error: `file` is a file: name a directory for the results
    "#]]
    .assert_eq(&ran.stderr);
    fs::create_dir(home.join("empty")).unwrap();
    report(&home, &["job", "--results", "empty"]).expect_code(0);
    assert!(home.join("empty/status.log").exists());
}

#[test]
fn a_file_cannot_be_written() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    let ran = report(&home, &["job", "--trace", "no/such/trace.json"]).expect_code(1);
    expect![[r#"
        error: failed to write `no/such/trace.json`: No such file or directory (os error 2) at path "[DIR]/no/such/[NAME]"
    "#]]
    .assert_eq(&without_name(&ran.stderr));
    let ran = report(&home, &["job", "--junit", "no/such/junit.xml"]).expect_code(1);
    assert!(
        ran.stdout.contains("test result: ok. 3 passed;"),
        "{}",
        ran.stdout
    );
    let begin = "error: failed to write the JUnit report: `[DIR]/no/such/junit.xml`: ";
    assert!(ran.stderr.starts_with(begin), "{}", ran.stderr);
}

/// The name of a temporary file is random.
fn without_name(text: &str) -> String {
    match text.rsplit_once("/.tmp") {
        Some((before, rest)) => {
            let (_, after) = rest.split_once('"').unwrap();
            format!("{before}/[NAME]\"{after}")
        }
        None => text.to_owned(),
    }
}

/// A job with tests before the damage.
fn damaged(home: &Path, damage: impl FnOnce(Vec<String>) -> String) {
    job(home, "job", "selected", &["net"]);
    let path = home.join("job/journal.jsonl");
    let journal = fs::read_to_string(&path).unwrap();
    let lines = journal.lines().map(|line| format!("{line}\n")).collect();
    fs::write(path, damage(lines)).unwrap();
}

#[test]
fn what_is_before_a_damaged_line_is_reported() {
    let (_dir, home) = empty();
    damaged(&home, |mut lines| {
        lines[6] = "{}\n".to_owned();
        lines.concat()
    });
    let ran = report(&home, &["job"]).expect_code(1);
    expect![[r#"
        error: `[DIR]/job/journal.jsonl` is damaged: line 7 is not a record, and nothing after it can be trusted; only the 6 before it are shown
    "#]]
    .assert_eq(&ran.stderr);
    assert!(
        ran.stdout
            .contains("the job was aborted: the job was interrupted; "),
        "{}",
        ran.stdout
    );
}

/// An interrupted job: its last line was not written to the end.
#[test]
fn a_torn_last_line_is_normal() {
    let (_dir, home) = empty();
    damaged(&home, |lines| {
        let text = lines.concat();
        text[..text.len() - 20].to_owned()
    });
    let ran = report(&home, &["job"]).expect_code(101);
    assert_eq!(ran.stderr, "");
    assert!(
        ran.stdout
            .contains("the job was aborted: the job was interrupted; tests that did not run: 0"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_journal_without_a_job_is_named_and_the_rest_is_reported() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net"]);
    for (name, text) in [("empty", ""), ("other", "{\"a\":1}\n")] {
        fs::create_dir(home.join(name)).unwrap();
        fs::write(home.join(name).join("journal.jsonl"), text).unwrap();
    }
    let ran = report(&home, &["."]).expect_code(1);
    expect![[r#"
        error: `[DIR]/empty/journal.jsonl` is empty: the job ended before it began; run it again
        error: `[DIR]/other/journal.jsonl` has no job: its first line does not begin one
    "#]]
    .assert_eq(&ran.stderr);
    assert!(
        ran.stdout.contains("test result: ok. 3 passed;"),
        "{}",
        ran.stdout
    );
    check_refused(
        &home,
        &["empty"],
        1,
        expect![[r#"
        error: `[DIR]/empty/journal.jsonl` is empty: the job ended before it began; run it again
    "#]],
    );
}

/// A journal may be written by anybody.
#[test]
fn no_file_outside_of_a_job_is_copied() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net::ping"]);
    fs::create_dir(home.join("secret")).unwrap();
    fs::write(home.join("secret/key"), "x").unwrap();
    edit(
        &home,
        "job",
        "\"subdir\":\"net.ping\"",
        "\"subdir\":\"../secret\"",
    );
    let ran = report(&home, &["job", "--results", "merged"]).expect_code(1);
    expect![[r#"
        error: the journal in `[DIR]/job` names the directory `../secret` of a run, which is none of this job: its files are left out
    "#]]
    .assert_eq(&ran.stderr);
    absent(&home, "merged/key");
    absent(&home, "merged/secret");
}

#[test]
fn nothing_that_a_journal_names_reaches_the_terminal_as_it_is() {
    let (_dir, home) = empty();
    job(&home, "job", "selected", &["net", "--shard", "1/2"]);
    let label = r#""label":"\u001b[31mred\nerror: forged""#;
    edit(&home, "job", r#""label":"selected""#, label);
    let ran = report(&home, &["job", "--format", "terse"]).expect_code(1);
    expect![[r#"
        error: shard 2/2 of `?[31mred error: forged` is missing: name its results, too, or run it with `--shard 2/2`
    "#]]
    .assert_eq(&ran.stderr);
}
