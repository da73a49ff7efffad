//! Parameters with values, and parameters from the environment.

use std::fs;

use expect_test::expect;

use super::binary::{fixture, fixture_command, fixture_with};

#[test]
fn each_value_is_a_test() {
    let ran = fixture("params", &["--list", "write", "disk"]).expect_code(0);
    expect![[r"
        disk::Phases::level_-1: test
        disk::Phases::level_0: test
        disk::format::case_2::mode_Fast: test
        disk::format::case_2::mode_Slow: test
        disk::format::case_2::mode_value_3: test
        disk::format::fat::mode_Fast: test
        disk::format::fat::mode_Slow: test
        disk::format::fat::mode_value_3: test
        write::mb_1::fs_dev_sda_1: test
        write::mb_1::fs_ext4: test
        write::mb_4::fs_dev_sda_1: test
        write::mb_4::fs_ext4: test
        write::mb_LARGE::fs_dev_sda_1: test
        write::mb_LARGE::fs_ext4: test

        14 tests, 0 benchmarks
    "]]
    .assert_eq(ran.printed());
}

#[test]
fn a_test_of_a_value_has_a_directory_and_gets_the_value() {
    let ran = fixture("params", &["--exact", "write::mb_4::fs_dev_sda_1"]).expect_code(0);
    assert_eq!(
        ran.file("write.mb_4.fs_dev_sda_1/keyval"),
        "param-fs='/dev/sda 1'\nparam-mb='4_u64'\nversion=0\ngot=4 /dev/sda 1\n"
    );
    let ran = fixture("params", &["fat::mode_value_3", "level_-1"]).expect_code(0);
    let got = |dir: &str| {
        ran.file(&format!("{dir}/keyval"))
            .lines()
            .next_back()
            .map(str::to_owned)
    };
    assert_eq!(
        got("disk.format.fat.mode_value_3").as_deref(),
        Some("got=fat Slow 3")
    );
    assert_eq!(got("disk.Phases.level_-1").as_deref(), Some("run_once=-1"));
}

#[test]
fn a_test_of_a_value_is_described_with_it() {
    let ran = fixture("params", &["--describe", "disk::format::fat::mode_Slow"]).expect_code(0);
    let (_, params) = ran.printed().rsplit_once("\n\n").unwrap();
    expect![[r#"
        parameters:
          kind: &str = "fat" (this case)
              declared by run_once
          mode: Mode = Mode::Slow (this case)
              declared by run_once
          rounds: u8 = 3
              declared by run_once
    "#]]
    .assert_eq(params);
}

/// What the test says that it got.
#[track_caller]
fn check_got(variables: &[(&str, &str)], args: &[&str], expected: &str) {
    let test = ["--exact", "disk::format::fat::mode_Fast"];
    let ran = fixture_with(variables, "params", &[&test[..], args].concat()).expect_code(0);
    let keyval = ran.file("disk.format.fat.mode_Fast/keyval");
    let got = keyval.lines().find_map(|line| line.strip_prefix("got="));
    assert_eq!(got, Some(expected));
    assert_eq!(ran.stderr(), "");
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_case_and_default() {
    check_got(&[], &[], "fat Fast 3");
    let variables = [
        ("AUTOTEST_PARAM_KIND", "xfs"),
        ("AUTOTEST_PARAM_ROUNDS", "9"),
    ];
    check_got(&variables, &[], "xfs Fast 9");
    check_got(&variables, &["--param", "rounds=4"], "xfs Fast 4");
    check_got(
        &[("AUTOTEST_PARAM_MODE", "Slow")],
        &["--param", "kind=a b"],
        "a b Slow 3",
    );
    // An empty one is as good as none.
    check_got(&[("AUTOTEST_PARAM_ROUNDS", "")], &[], "fat Fast 3");
}

#[test]
fn a_wrong_value_in_a_variable_is_found_before_anything_runs() {
    let variables = [
        ("AUTOTEST_PARAM_ROUNDS", "many"),
        ("AUTOTEST_PARAM_MB", "5000"),
    ];
    let args = ["fat::mode_Fast", "mb_1::fs_ext4"];
    let ran = fixture_with(&variables, "params", &args).expect_code(2);
    expect![[r#"
        error: disk::format::fat::mode_Fast: parameter `rounds` takes a value of type `u8`, not `many`: invalid type: string "many", expected u8 (it is from `AUTOTEST_PARAM_ROUNDS`)
        write::mb_1::fs_ext4: parameter `mb` (`u64`) must be in `1..=LARGE`, not `5000` (it is from `AUTOTEST_PARAM_MB`)
    "#]]
    .assert_eq(&ran.stderr());
    assert!(!ran.jobdir().exists());
    // The flag that wins is to blame.
    let args = ["mb_1::fs_ext4", "--param", "mb=6000"];
    let ran = fixture_with(&variables, "params", &args).expect_code(2);
    assert!(ran.stderr().ends_with("not `6000`\n"), "{}", ran.stderr());
}

#[test]
fn a_variable_of_another_binary_is_none_of_ours() {
    let variables = [
        ("AUTOTEST_PARAM_ROUND", "9"),
        ("AUTOTEST_PARAM_COLOUR", "red"),
        ("AUTOTEST_PARAM_ROUNDS", "2"),
    ];
    // Not even the test that takes all gets what it does not declare.
    let ran = fixture_with(&variables, "params", &["takes_all"]).expect_code(0);
    assert!(ran.file("takes_all/keyval").ends_with("\nrest=\n"));
    assert_eq!(
        ran.stderr(),
        "note: `AUTOTEST_PARAM_ROUND` is no parameter of this binary; did you mean \
         `AUTOTEST_PARAM_ROUNDS`?\n"
    );
}

#[test]
fn variables_count_under_nextest_too() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "params");
    command
        .args(["--exact", "disk::format::fat::mode_Fast", "--nocapture"])
        .envs([
            ("NEXTEST", "1"),
            ("NEXTEST_RUN_ID", "one"),
            ("NEXTEST_EXECUTION_MODE", "process-per-test"),
            ("AUTOTEST_PARAM_ROUNDS", "7"),
            ("AUTOTEST_OPTIONS", "--param kind='a b' --tag t"),
        ]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let group = home.path().join("autotest-results/params/nextest-one");
    let run = "disk.format.fat.mode_Fast.t";
    let keyval = fs::read_to_string(group.join(run).join(run).join("keyval")).unwrap();
    assert!(keyval.ends_with("got=a b Fast 7\n"), "{keyval}");
}

#[test]
fn a_resumed_job_has_the_variables_of_its_beginning() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str], rounds: &str| {
        let mut command = fixture_command(home.path(), "params");
        let output = command
            .args(args)
            .env("AUTOTEST_PARAM_ROUNDS", rounds)
            .output();
        output.unwrap()
    };
    let begun = run(&["--results", "results", "fat::mode_Fast"], "5");
    assert!(begun.status.success(), "{begun:?}");
    // Cut off behind its first line, the job has run nothing yet.
    let results = home.path().join("results");
    let journal = fs::read_to_string(results.join("journal.jsonl")).unwrap();
    let first = journal.lines().next().unwrap();
    assert!(
        first.contains(r#""environment":{"rounds":{"text":"5"}}"#),
        "{first}"
    );
    fs::write(results.join("journal.jsonl"), format!("{first}\n")).unwrap();
    let resumed = run(&["--resume", "results"], "6");
    assert!(resumed.status.success(), "{resumed:?}");
    let keyval = fs::read_to_string(results.join("disk.format.fat.mode_Fast/keyval")).unwrap();
    assert!(keyval.ends_with("got=fat Fast 5\n"), "{keyval}");
    let refused = run(&["--resume", "results", "--param", "rounds=7"], "6");
    assert_eq!(refused.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(refused.stderr).unwrap(),
        "error: `--param rounds` cannot be given with `--resume`: a resumed job keeps its parameters, \
         except for secrets, which are not on record\n"
    );
}

#[test]
fn a_run_of_a_job_file_wins_over_the_file_and_both_lose_to_a_variable() {
    let home = tempfile::tempdir().unwrap();
    let file = r#"{"params": {"rounds": 5, "kind": "xfs"},
                   "runs": [{"test": "disk::format::fat::mode_Fast", "args": {"rounds": 6}}]}"#;
    fs::write(home.path().join("job.json"), file).unwrap();
    let got = |results: &str, variables: &[(&str, &str)], args: &[&str]| {
        let mut command = fixture_command(home.path(), "params");
        command.args(["--job", "job.json", "--results", results]);
        let ran = command.args(args).envs(variables.iter().copied()).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{ran:?}");
        let keyval = home
            .path()
            .join(results)
            .join("disk.format.fat.mode_Fast/keyval");
        let keyval = fs::read_to_string(keyval).unwrap();
        keyval
            .lines()
            .next_back()
            .map(str::to_owned)
            .unwrap_or_default()
    };
    let variable = [("AUTOTEST_PARAM_ROUNDS", "7")];
    assert_eq!(got("a", &[], &[]), "got=xfs Fast 6");
    assert_eq!(got("b", &variable, &[]), "got=xfs Fast 7");
    assert_eq!(
        got("c", &variable, &["--param", "rounds=8"]),
        "got=xfs Fast 8"
    );
}
