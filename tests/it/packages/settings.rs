//! The settings of a job that runs a package: which of them its tests have, too.

use std::fs;
use std::path::Path;

use expect_test::{Expect, expect};

use super::packed::{package, package_of_example};
use crate::binary::{Ran, fixture, fixture_with};

/// The flags of the package's job beside those that it always has.
fn flags(ran: &Ran, run: &str) -> String {
    let journal = ran.file(&format!("{run}/job/journal.jsonl"));
    let start: serde_json::Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    let argv = start["event"]["job_start"]["argv"].as_array();
    let argv = argv.unwrap_or_else(|| panic!("{journal}"));
    let always = ["--results", "<root>/<results>/", "--color", "never"];
    let is_always = |arg: &&str| always.iter().any(|it| arg.starts_with(it));
    let args = argv.iter().map(|arg| arg.as_str().unwrap());
    args.filter(|arg| !is_always(arg))
        .collect::<Vec<_>>()
        .join(" ")
}

fn run(package: &Path, args: &[&str]) -> Ran {
    let package = package.to_str().unwrap();
    fixture("packaged", &[&["--package", package], args].concat())
}

/// Checks the flags of the package's job.
#[track_caller]
fn check(args: &[&str], expected: &str) -> Ran {
    let ran = run(&package("packaged"), args);
    assert_eq!(flags(&ran, "packaged"), expected);
    ran
}

#[test]
fn its_tests_are_measured_and_collected_for_as_those_of_the_job() {
    let ran = check(
        &["--sysinfo", "--profiler", "cat:interval=1s,outfile=copies"],
        "--sysinfo --profiler cat:interval=1s,outfile=copies",
    )
    .expect_code(0);
    let tree = ran.tree();
    for file in ["takes/sysinfo/", "takes/profiling/iteration.2/copies"] {
        let path = format!("packaged/job/{file}");
        assert!(tree.contains(&path), "{path}: {tree:#?}");
    }
    let stdout = ran.stdout();
    assert!(stdout.contains("(packaged) ... ok\n"), "{stdout}");
}

#[test]
fn what_is_to_happen_around_tests_happens_around_its_tests() {
    // Other programs of this machine change it meanwhile, so the verdicts are not compared.
    check(
        &[
            "--leaks",
            "warn",
            "--retry",
            "2",
            "--no-cleanup",
            "--max-disk-usage",
            "100",
        ],
        "--retry 2 --no-cleanup --max-disk-usage 100 --leaks warn",
    );
    check(&["--leaks", "off", "--fast"], "");
}

#[test]
fn a_job_file_has_settings_for_its_tests() {
    let dir = tempfile::tempdir().unwrap();
    let job = dir.path().join("job.json");
    let text = serde_json::json!({
        "settings": {
            "default_profile_only": true,
            "run_test_cleanup": false,
            "profilers": ["cat"],
            "sysinfo": {"commands": ["true"]}
        },
        "runs": [
            {"test": package("packaged").to_str().unwrap(), "tag": "as_the_job"},
            {
                "test": package("packaged").to_str().unwrap(),
                "tag": "otherwise",
                "args": {"profile_only": false, "run_cleanup": true}
            }
        ]
    });
    fs::write(&job, text.to_string()).unwrap();
    let ran = fixture("packaged", &["--job", job.to_str().unwrap()]).expect_code(0);
    assert_eq!(
        [
            flags(&ran, "packaged.as_the_job"),
            flags(&ran, "packaged.otherwise")
        ],
        [
            "--profile-only --no-cleanup --sysinfo --profiler cat",
            "--sysinfo --profiler cat"
        ]
    );
    told(
        &ran,
        expect![[r#"
        WARN→packaged.as_the_job→packaged.as_the_job→the package's tests ran without what the job adds to the table of sysinfo
        WARN→packaged.otherwise→packaged.otherwise→the package's tests ran without what the job adds to the table of sysinfo
    "#]],
    );
}

#[test]
fn the_framework_s_arguments_mean_the_same_as_to_any_test() {
    let all = [
        "run_cleanup=true",
        "profile_only=null",
        "iterations=2",
        "test_length=0.25",
        r#"constraints=["a > 1", "b > 2"]"#,
    ];
    for (args, expected) in [
        (
            &["run_cleanup=False", "profile_only=1"][..],
            "--profile-only --no-cleanup",
        ),
        (&["run_cleanup=0", "profile_only=false"], "--no-cleanup"),
        (
            &all,
            "--iterations 2 --test-length 0.25s --constraint a > 1 --constraint b > 2",
        ),
    ] {
        let args: Vec<_> = args.iter().flat_map(|arg| ["--param", arg]).collect();
        check(&args, expected);
    }
}

#[test]
fn an_empty_argument_is_passed_or_told() {
    let args = ["--param", "trace=", "--param", "absent="];
    let ran = check(
        &[&args[..], &["--allow-unknown-params"]].concat(),
        "--param=trace=",
    );
    let reason = "the package's tests ran without `--param=absent=` (";
    let stdout = ran.stdout();
    assert!(stdout.contains(reason), "{stdout}");
}

/// Checks the reasons of the packages' verdicts.
#[track_caller]
fn told(ran: &Ran, expected: Expect) {
    let log = ran.log("status.log");
    let lines = log.lines().filter(|line| line.contains("ran without"));
    let reasons = lines.map(|line| {
        line.trim_start_matches('→')
            .replace("timestamp=.→localtime=.→", "")
    });
    expected.assert_eq(&reasons.map(|line| line + "\n").collect::<String>());
}

#[test]
fn what_its_suite_does_not_have_is_left_out_and_told() {
    let args = [
        "--sysinfo",
        "--profiler",
        "perf",
        "--profiler",
        "cat",
        "--retry",
        "1",
    ];
    let ran = run(&package_of_example("hello"), &args).expect_code(0);
    assert_eq!(flags(&ran, "hello"), "--retry 1 --profiler cat");
    told(
        &ran,
        expect![[r#"
        WARN→hello→hello→the package's tests ran without `--sysinfo` (unknown option `--sysinfo`; see `--help`), `--profiler perf` (no profiler is called `perf`; `--list-profilers` lists all)
    "#]],
    );
}

/// The tests that fail decide the verdict.
#[test]
fn what_is_left_out_changes_no_worse_verdict() {
    let package = package_of_example("lifecycle");
    let args = ["--package", package.to_str().unwrap(), "--sysinfo"];
    let ran = fixture_with(&[("AUTOTEST_PARAM_FAIL", "true")], "packaged", &args);
    let ran = ran.expect_code(101);
    let stdout = ran.stdout();
    let lines = stdout.lines().filter(|line| line.contains("also "));
    let notes: String = lines.map(|line| line.trim().to_owned() + "\n").collect();
    expect![[r#"
        also settings: WARN: the package's tests ran without `--sysinfo` (unknown option `--sysinfo`; see `--help`)
    "#]].assert_eq(&notes);
    told(&ran, expect![[""]]);
}
