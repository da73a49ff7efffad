//! The results tree.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use expect_test::expect;

use super::binary::{example, example_at_home, fixture};

#[test]
fn the_disk_example_leaves_the_tree_that_the_readme_explains() {
    let args = [
        "--param",
        "mb=2",
        "--iterations",
        "3",
        "--constraint",
        "throughput > 0.001",
    ];
    let ran = example("disk", &args).expect_code(0);
    expect![[r#"
        .autoserv_execute
        SequentialWrite/
        SequentialWrite/debug/
        SequentialWrite/debug/SequentialWrite.DEBUG
        SequentialWrite/debug/SequentialWrite.INFO
        SequentialWrite/keyval
        SequentialWrite/profiling/
        SequentialWrite/results/
        SequentialWrite/results/keyval
        SequentialWrite/results/perf_measurements
        SequentialWrite/results/results-chart.json
        SequentialWrite/status
        journal.jsonl
        keyval
        status.log"#]]
    .assert_eq(&ran.tree().join("\n"));
    expect![[r#"
        param-constraints=['throughput > 0.001']
        param-iterations=3
        param-mb=2
        version=0
    "#]]
    .assert_eq(&ran.file("SequentialWrite/keyval"));
    let keyvals = ran.file("SequentialWrite/results/keyval");
    let iterations = autotest::keyval::parse_iterations(&keyvals);
    assert_eq!(
        (iterations.iterations.len(), iterations.skipped.len()),
        (3, 0),
        "{keyvals}"
    );
    for iteration in iterations.iterations {
        assert!(iteration.perf.contains_key("throughput"), "{keyvals}");
        assert!(iteration.perf.contains_key("latency_ms"), "{keyvals}");
    }
    let chart = ran.file("SequentialWrite/results/results-chart.json");
    let chart: serde_json::Value = serde_json::from_str(&chart).unwrap();
    assert_eq!(
        chart["throughput"]["summary"]["values"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
}

#[test]
fn the_job_has_what_the_original_parser_needs() {
    let ran = example("hello", &[]).expect_code(0);
    expect![[r#"
        hostname=.
        job_started=.
        label=hello
        status_version=1
        user=.
        job_finished=.
    "#]]
    .assert_eq(&ran.file("keyval"));
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→kernel_has_a_name→kernel_has_a_name→timestamp=.→localtime=.→
        →→GOOD→kernel_has_a_name→kernel_has_a_name→timestamp=.→localtime=.→completed successfully
        →END GOOD→kernel_has_a_name→kernel_has_a_name→timestamp=.→localtime=.→
        →START→null_device_exists→null_device_exists→timestamp=.→localtime=.→
        →→GOOD→null_device_exists→null_device_exists→timestamp=.→localtime=.→completed successfully
        →END GOOD→null_device_exists→null_device_exists→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&ran.log("status.log"));
    assert_eq!(
        ran.file(".autoserv_execute")
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        ["0", "0"]
    );
    let entries = autotest::status::parse_log(&ran.file("status.log").replace("=.", "=5")).unwrap();
    assert_eq!(entries.len(), 8);
}

#[test]
fn only_the_results_of_a_test_are_open_to_others() {
    let ran = example("hello", &["null"]).expect_code(0);
    let mode = |path: &str| {
        let metadata = fs::metadata(ran.jobdir().join(path)).unwrap();
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!(mode("null_device_exists/results"), 0o757);
    assert_eq!(mode("null_device_exists/debug"), 0o755);
    assert_eq!(mode("null_device_exists"), 0o755);
}

#[test]
fn a_constraint_that_does_not_hold_fails_the_test() {
    let ran = example(
        "disk",
        &["--param", "mb=1", "--constraint", "throughput > 1e12"],
    );
    let ran = ran.expect_code(101);
    let status = ran.file("SequentialWrite/status");
    assert!(
        status.contains("iteration 0:throughput > 1e12: constraint was not met  \n"),
        "{status}"
    );
}

#[test]
fn a_tag_names_the_run() {
    let ran = example("hello", &["--tag", "nightly", "null"]).expect_code(0);
    let status = ran.file("null_device_exists.nightly/status");
    assert!(status.contains("\tSTART\tnull_device_exists.nightly\tnull_device_exists.nightly\t"));
    assert!(
        ran.stdout()
            .contains("test null_device_exists (null_device_exists.nightly) ... ok")
    );
}

#[test]
fn setup_runs_once_per_version() {
    let home = tempfile::tempdir().unwrap();
    let run = || example_at_home(home.path(), "lifecycle", &["--nocapture", "AllPhases"]);
    assert!(run().contains("\nsetup "));
    assert!(!run().contains("\nsetup "));
    let installed = home
        .path()
        .join("autotest-results/lifecycle/installed/AllPhases/src");
    assert_eq!(
        fs::read_to_string(installed.join(".version")).unwrap(),
        "I1\n."
    );
    fs::write(installed.join(".version"), "I0\n.").unwrap();
    assert!(run().contains("\nsetup "));
}

#[test]
fn each_job_has_a_directory_and_the_latest_a_link() {
    let home = tempfile::tempdir().unwrap();
    let runs: Vec<_> = (0..2)
        .map(|_| example_at_home(home.path(), "hello", &[]))
        .collect();
    let results = |printed: &str| {
        let path = printed
            .lines()
            .find_map(|line| line.strip_prefix("results: "));
        fs::canonicalize(path.unwrap()).unwrap()
    };
    assert_ne!(results(&runs[0]), results(&runs[1]));
    let latest = home.path().join("autotest-results/hello/latest");
    assert_eq!(fs::canonicalize(latest).unwrap(), results(&runs[1]));
}

#[test]
fn the_link_names_a_job_to_replay_and_to_resume() {
    let home = tempfile::tempdir().unwrap();
    let first = example_at_home(home.path(), "hello", &[]);
    for flag in ["--replay", "--resume"] {
        let args = [flag, "autotest-results/hello/latest"];
        let again = example_at_home(home.path(), "hello", &args);
        assert_eq!(again.lines().last(), first.lines().last());
    }
}

#[test]
fn the_journal_is_one_event_a_line() {
    let ran = fixture("faulty", &["nests::parent"]).expect_code(0);
    let journal = ran.file("journal.jsonl");
    for (i, line) in journal.lines().enumerate() {
        let record: autotest_report::Record = serde_json::from_str(line).unwrap();
        assert_eq!(record.seq, i as u64);
    }
}
