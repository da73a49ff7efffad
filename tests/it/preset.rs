//! `AUTOTEST_OPTIONS`.

use std::fs;

use expect_test::expect;

use super::binary::{Ran, fixture_command, fixture_with};

fn with(options: &str, args: &[&str]) -> Ran {
    fixture_with(&[("AUTOTEST_OPTIONS", options)], "params", args)
}

#[track_caller]
fn check_refused(options: &str, args: &[&str], expected: &str) {
    let ran = with(options, args).expect_code(2);
    assert_eq!(ran.stderr(), format!("error: {expected}\n"));
    assert!(!ran.jobdir().exists());
}

#[test]
fn its_words_are_those_of_a_shell() {
    let options = r#" --param 'kind=a "b"' --tag=t\ 1 --param "rounds=$HOME" --param rounds=4
        --skip nothing "#;
    let ran = with(options, &["fat::mode_Fast"]).expect_code(0);
    let keyval = ran.file("disk.format.fat.mode_Fast.t 1/keyval");
    assert!(keyval.ends_with("got=a \"b\" Fast 4\n"), "{keyval}");
    let journal = ran.file("journal.jsonl");
    let words = r#""options":["--param","kind=a \"b\"","--tag=t 1","--param","rounds=$HOME","--param","rounds=4","--skip","nothing"]"#;
    assert!(journal.contains(words), "{journal}");
}

#[test]
fn the_command_line_wins() {
    let ran = with(
        "--tag env --param rounds=4",
        &["fat::mode_Fast", "--tag", "line"],
    );
    let ran = ran.expect_code(0);
    assert!(
        ran.file("disk.format.fat.mode_Fast.line/keyval")
            .ends_with("got=fat Fast 4\n")
    );
    let ran = with(
        "--param rounds=4",
        &["fat::mode_Fast", "--param", "rounds=5"],
    )
    .expect_code(0);
    assert!(
        ran.file("disk.format.fat.mode_Fast/keyval")
            .ends_with("got=fat Fast 5\n")
    );
    // Both sorts of ignored tests are a contradiction in one line only.
    with("--ignored", &["takes_all", "--include-ignored"]).expect_code(0);
    let ran = with("--ignored", &["takes_all"]).expect_code(0);
    assert!(ran.stdout().contains("running 0 tests"), "{}", ran.stdout());
    // A list may be narrowed as well.
    let ran = with("--skip fat --skip case", &["--list", "disk"]).expect_code(0);
    assert!(
        ran.printed().ends_with("\n\n2 tests, 0 benchmarks\n"),
        "{}",
        ran.printed()
    );
}

#[test]
fn a_mistake_in_it_names_it() {
    check_refused(
        "--iterations none",
        &[],
        "`AUTOTEST_OPTIONS`: `--iterations` takes a number from 1, not `none`",
    );
    check_refused(
        "--iterations 1 --tga x",
        &[],
        "`AUTOTEST_OPTIONS`: unknown option `--tga`, did you mean `--tag`?; see `--help`",
    );
    check_refused(
        "--param 'kind=a",
        &[],
        "`AUTOTEST_OPTIONS`: its quotes are not closed, or it ends with a backslash",
    );
    check_refused(
        "--param token = s3cret",
        &[],
        "`AUTOTEST_OPTIONS`: `--param` takes NAME=VALUE, not `token`",
    );
    check_refused(
        "--strict -- s3cret",
        &[],
        "`AUTOTEST_OPTIONS`: its word 3 is neither a flag nor the value of one",
    );
    check_refused(
        "--tag",
        &["x"],
        "`AUTOTEST_OPTIONS`: missing argument for option '--tag'; see `--help`",
    );
    check_refused(
        "--nocapture",
        &["--format", "tap"],
        "`--format tap` needs standard output to itself, but `--nocapture` puts the output of tests \
         there; leave one out (`AUTOTEST_OPTIONS` has flags, too)",
    );
}

#[test]
fn it_concerns_tests_only() {
    let broken = "'not closed";
    for args in [
        &["--help"][..],
        &["--describe", "takes_all"],
        &["--list-controls"],
    ] {
        with(broken, args).expect_code(0);
    }
    with(broken, &["--list"]).expect_code(2);
}

#[test]
fn it_is_applied_once() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str], options: &str| {
        let mut command = fixture_command(home.path(), "params");
        let output = command.args(args).env("AUTOTEST_OPTIONS", options).output();
        output.unwrap()
    };
    // A second `--shuffle` or `--isolation` would be refused in the process of a test.
    let options = "--isolation exec --timeout 20s --param rounds=2 --tag t";
    let begun = run(&["--results", "results", "fat::mode_Fast"], options);
    assert!(begun.status.success(), "{begun:?}");
    let results = home.path().join("results");
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    let journal = fs::read_to_string(results.join("journal.jsonl")).unwrap();
    fs::write(results.join("journal.jsonl"), first(&journal) + "\n").unwrap();
    // A resumed job keeps its options: those of now do not count.
    let resumed = run(&["--resume", "results"], "--tag other --param rounds=9");
    assert!(resumed.status.success(), "{resumed:?}");
    let keyval = results.join("disk.format.fat.mode_Fast.t/keyval");
    let keyval = fs::read_to_string(keyval).unwrap();
    expect![[r"
        param-kind='fat'
        param-mode='Mode::Fast'
        param-rounds=2
        version=0
        got=fat Fast 2
    "]]
    .assert_eq(&keyval);
}
