//! A command line that is wrong: a clear error, exit code 2, nothing run, nothing left.

use std::fs;

use expect_test::{Expect, expect};

use super::binary::{Ran, example, fixture, fixture_command};

#[track_caller]
pub(super) fn check(ran: Ran, expected: &Expect) {
    let ran = ran.expect_code(2);
    expected.assert_eq(&ran.stderr());
    assert_eq!(ran.stdout(), "");
    assert!(!ran.jobdir().exists(), "a results directory was made");
}

#[test]
fn an_unknown_parameter_names_the_nearest_and_all_known() {
    check(
        example("disk", &["--param", "mn=64"]),
        &expect![[r#"
            error: unknown parameter `mn` of `SequentialWrite`: did you mean `mb`? it takes `dir` (initialize), `mb` (run_once)
        "#]],
    );
    check(
        fixture("faulty", &["--param", "depth=1", "says::fail"]),
        &expect![[r#"
            error: unknown parameter `depth` of `says::fail`: the test takes no parameters
        "#]],
    );
}

#[test]
fn a_value_of_the_wrong_type_names_parameter_type_and_text() {
    check(
        example("disk", &["--param", "mb=many"]),
        &expect![[r#"
            error: SequentialWrite: parameter `mb` takes a value of type `u64`, not `many`: invalid type: string "many", expected u64
        "#]],
    );
}

#[test]
fn a_value_out_of_range_names_the_range() {
    check(
        example("disk", &["--param", "mb=0"]),
        &expect![[r#"
            error: SequentialWrite: parameter `mb` (`u64`) must be in `1..=65536`, not `0`
        "#]],
    );
    check(
        fixture("faulty", &["--param", "level=10", "takes::ranged"]),
        &expect![[r#"
            error: takes::ranged: parameter `level` (`u8`) must be in `1..10`, not `10`
        "#]],
    );
}

#[test]
fn a_value_that_is_no_choice_names_the_choices() {
    check(
        example("params", &["--param", "pattern=stripes", "copy::small"]),
        &expect![[r#"
            error: copy::small: parameter `pattern` (`&str`) must be one of "zeros", "random", not `"stripes"`
        "#]],
    );
}

#[test]
fn a_missing_parameter_says_how_to_give_it() {
    check(
        fixture("faulty", &["takes::required"]),
        &expect![[r#"
            error: takes::required: parameter `need` (`u32`) has no default: give it with `--param need=…`
        "#]],
    );
}

#[test]
fn a_constraint_that_does_not_parse_points_at_the_place() {
    check(
        example("disk", &["--constraint", "throughput > > 1"]),
        &expect![[r#"
            error: constraint `throughput > > 1` does not parse: expected a value after `>`, found `>` at column 14
                throughput > > 1
                             ^
        "#]],
    );
}

#[test]
fn unknown_options_and_bad_values_are_named() {
    check(
        example("hello", &["--iterationz", "3"]),
        &expect![[r#"
            error: unknown option `--iterationz`, did you mean `--iterations`?; see `--help`
        "#]],
    );
    check(
        example("hello", &["--results-dir", "x"]),
        &expect![[r#"
        error: unknown option `--results-dir`, did you mean `--results`?; see `--help`
    "#]],
    );
    check(
        example("hello", &["--test-thread", "2"]),
        &expect![[r#"
        error: unknown option `--test-thread`, did you mean `--test-threads` or `--test`?; see `--help`
    "#]],
    );
    check(
        example("hello", &["--verbose"]),
        &expect![[r#"
        error: unknown option `--verbose`; see `--help`
    "#]],
    );
    check(
        example("hello", &["--test-length", "soon"]),
        &expect![[r#"
            error: `--test-length` takes a length of time such as `90`, `1.5s`, `2m` or `1h`, not `soon`
        "#]],
    );
    check(
        example("hello", &["--format", "yaml"]),
        &expect![[r#"
            error: `--format` takes `pretty`, `terse`, `json`, `junit`, `tap`, `tap14`, `ktap`, `lava` or `json-events`, not `yaml`
        "#]],
    );
    check(
        example("hello", &["--logfile", "/proc/none/log"]),
        &expect![[r#"
            error: failed to create the log file `/proc/none/log`: No such file or directory (os error 2); name another with `--logfile`
        "#]],
    );
    check(
        example("hello", &["--param", "mb"]),
        &expect![[r#"
            error: `--param` takes NAME=VALUE, not `mb`
        "#]],
    );
    check(
        example("hello", &["--tag", "../up"]),
        &expect![[r#"
            error: `--tag` takes a text without `/` and control characters, not `../up`
        "#]],
    );
    check(
        example("hello", &["--ignored", "--include-ignored"]),
        &expect![[r#"
            error: `--ignored` and `--include-ignored` cannot be combined; give one
        "#]],
    );
}

#[test]
fn flags_of_which_one_would_count_for_nothing_are_refused() {
    let refused = |args: &[&str], expected| {
        check(example("hello", args), &expected);
    };
    refused(
        &["--list", "--describe", "kernel_has_a_name"],
        expect![[r#"
            error: `--list` and `--describe` cannot be combined; give one
        "#]],
    );
    refused(
        &["--list", "--resume", "job"],
        expect![[r#"
            error: `--list` and `--resume` cannot be combined; give one
        "#]],
    );
    refused(
        &["--attempts", "3"],
        expect![[r#"
            error: `--attempts` has an effect only with `--resume`; give both
        "#]],
    );
    refused(
        &["--replay", "job", "--iterations", "3"],
        expect![[r#"
            error: `--iterations` cannot be given with `--replay`: it runs nothing
        "#]],
    );
    refused(
        &["--replay", "job", "kernel"],
        expect![[r#"
            error: `kernel` cannot be given with `--replay`: it runs nothing
        "#]],
    );
}

#[test]
fn a_timeout_that_is_over_at_once_is_refused() {
    for flag in ["--timeout", "--job-timeout"] {
        let ran = example("hello", &[flag, "0s"]).expect_code(2);
        let expected = format!("error: `{flag}` takes a length of time above 0, not `0s`\n");
        assert_eq!(ran.stderr(), expected);
    }
}

#[test]
fn a_job_to_replay_must_have_begun() {
    let home = tempfile::tempdir().unwrap();
    let refused = |expected: &str| {
        let mut command = fixture_command(home.path(), "many");
        let output = command.args(["--replay", "job"]).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        let path = home.path().canonicalize().unwrap();
        assert_eq!(
            stderr.replace(path.to_str().unwrap(), "<home>"),
            format!("error: {expected}\n")
        );
    };
    refused(
        "failed to open the journal `job/journal.jsonl`: No such file or directory (os error 2); \
         name the results directory of a job",
    );
    fs::create_dir(home.path().join("job")).unwrap();
    fs::write(home.path().join("job/journal.jsonl"), "no record\n").unwrap();
    refused("`<home>/job` has no job in its journal");
    let left = fs::read_dir(home.path().join("job")).unwrap().count();
    assert_eq!(left, 1, "a refused command left something");
}

#[test]
fn an_unknown_test_names_the_nearest() {
    check(
        fixture("faulty", &["--describe", "says::fial"]),
        &expect![[r#"
            error: no test is called `says::fial`; did you mean `says::fail`?
        "#]],
    );
}

#[test]
fn framework_arguments_are_checked_like_the_others() {
    check(
        fixture("faulty", &["--param", "constraints=[\"a >\"]", "parts"]),
        &expect![[r#"
            error: parts: constraint `a >` does not parse: expected a value after `>` at column 4
                a >
                   ^
        "#]],
    );
    check(
        fixture("faulty", &["--param", "profile_only=no", "parts"]),
        &expect![[r#"
            error: parts: parameter `profile_only` takes a value of type `true or false`, not `no`: it is 'no'
        "#]],
    );
    check(
        fixture("faulty", &["--param", "test_attributes=5", "parts"]),
        &expect![[r#"
            error: parts: parameter `test_attributes` takes a value of type `object`, not `5`: it is 5
        "#]],
    );
    check(
        example("params", &["--param", "a b=1", "Free"]),
        &expect![[r#"
            error: Free: `a b` cannot be a parameter: Invalid key: a b; use only letters, digits, `_`, `.` and `-`
        "#]],
    );
}

#[test]
fn a_filter_that_matches_nothing_runs_nothing_and_says_so() {
    let ran = fixture("faulty", &["says::fial"]).expect_code(0);
    expect![[r#"
        note: no test is called `says::fial`; did you mean `says::fail`?
    "#]]
    .assert_eq(&ran.stderr());
    let ran = fixture("faulty", &["--exact", "says::warn", "says::fial"]).expect_code(0);
    assert_eq!(
        ran.stderr(),
        "note: no test is called `says::fial`; did you mean `says::fail`?\n"
    );
    let ran = fixture("faulty", &["says::fial"]).expect_code(0);
    assert!(
        ran.stdout().contains("running 0 tests\n"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn nothing_selected_can_be_a_failure() {
    let ran = fixture("faulty", &["--no-tests", "fail", "nonesuch"]).expect_code(4);
    assert_eq!(ran.stderr(), "error: no test is selected; see `--list`\n");
}

#[test]
fn a_results_directory_must_be_usable() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, "precious").unwrap();
    let check = |path: &std::path::Path, expected: &str| {
        let ran = example("hello", &["--results", path.to_str().unwrap()]).expect_code(2);
        let stderr = ran.stderr().replace(root.path().to_str().unwrap(), "<dir>");
        assert_eq!(stderr, expected);
        assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    };
    check(
        root.path(),
        "error: the results directory `<dir>` is not empty: name another one, or remove it\n",
    );
    check(
        &file,
        "error: `<dir>/file` is a file: name a directory for the results\n",
    );
    if let Some(sealed) = unwritable(root.path()) {
        check(
            &sealed,
            "error: failed to create the results directory `<dir>/sealed`: Permission denied (os error 13); name another with `--results`\n",
        );
    }
    check(
        "/proc/results".as_ref(),
        "error: failed to create the results directory `/proc/results`: No such file or directory \
         (os error 2); name another with `--results`\n",
    );
}

/// A directory in which this process cannot make a file; root can make one anywhere.
fn unwritable(dir: &std::path::Path) -> Option<std::path::PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let sealed = dir.join("sealed");
    fs::create_dir(&sealed).unwrap();
    fs::set_permissions(&sealed, fs::Permissions::from_mode(0o500)).unwrap();
    fs::write(sealed.join("probe"), "")
        .is_err()
        .then_some(sealed)
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    use std::process::{Command, Stdio};
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_faulty"));
    command
        .current_dir(home.path())
        .args(["says::warn", "parts", "--results", "results"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let log = std::fs::read_to_string(home.path().join("results/status.log")).unwrap();
    assert!(log.contains("\tGOOD\tparts\tparts\t"), "{log}");
}
