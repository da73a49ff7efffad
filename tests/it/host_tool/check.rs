//! `check`: job files against a binary that is not run.

use expect_test::expect;

use super::{empty, root, run_in, write};
use crate::binary::{fixture, fixture_path};

const GOOD: &str = r#"{
  "runs": [
    { "group": "first", "runs": [
      { "test": "takes_all", "args": { "mb": 4 }, "tag": "x" }
    ] },
    { "test": "write::mb_1::fs_ext4", "timeout": "10s" }
  ]
}"#;

const BAD: &str = r#"{
  "runs": [
    { "test": "takes_al" },
    { "test": "write::mb_1::fs_ext4", "args": { "mb": "many" }, "tga": "x" }
  ]
}"#;

fn check(dir: &std::path::Path, file: &str) -> super::Ran {
    let binary = fixture_path("params").to_str().unwrap();
    run_in(dir, &["check", file, binary])
}

#[test]
fn a_job_that_is_accepted_is_shown_as_by_a_dry_run() {
    let (_dir, dir) = empty();
    write(&dir, &[("job.json", GOOD)]);
    let checked = check(&dir, "job.json").expect_code(0);
    let path = dir.join("job.json");
    let own = fixture("params", &["--job", path.to_str().unwrap(), "--dry-run"]).expect_code(0);
    assert_eq!(checked.stdout, own.printed());
    assert_eq!(checked.stderr, "");
}

#[test]
fn settings_of_services_are_known_to_the_tool() {
    let (_dir, dir) = empty();
    let job = r#"{"settings": {"leaks": "warn", "crash_handler": true, "sysinfo": true}, "runs": [{"test": "takes_all"}]}"#;
    write(&dir, &[("job.json", job)]);
    let checked = check(&dir, "job.json").expect_code(0);
    assert_eq!(checked.stdout, "takes_all\n");
    write(&dir, &[("job.json", &job.replace("warn", "shout"))]);
    let checked = check(&dir, "job.json").expect_code(4);
    expect![[r#"
        error: job.json:1:24: expected "off", "warn" or "fail"
    "#]]
    .assert_eq(&checked.stderr);
}

#[test]
fn all_mistakes_are_told_with_their_places() {
    let (_dir, dir) = empty();
    write(&dir, &[("job.json", BAD)]);
    let checked = check(&dir, "job.json").expect_code(4);
    assert_eq!(checked.stdout, "");
    expect![[r#"
        error: job.json:3:15: takes_al: test does not exist; did you mean `takes_all`?
        job.json:4:49: parameter `mb` takes a value of type `u64`, not `"many"`: invalid type: string "many", expected u64
        job.json:4:65: unknown key `tga`: did you mean `tag`?
    "#]].assert_eq(&checked.stderr);
}

#[test]
fn a_job_file_that_is_missing_or_no_json_is_told() {
    let (_dir, dir) = empty();
    write(&dir, &[("job.json", "{\n  \"runs\": [,]\n}")]);
    let missing = check(&dir, "missing.json").expect_code(2);
    expect![[r#"
        error: failed to read the job file `missing.json`: No such file or directory (os error 2)
    "#]]
    .assert_eq(&missing.stderr);
    let broken = check(&dir, "job.json").expect_code(4);
    expect![[r#"
        error: job.json:2:12: expected value
    "#]]
    .assert_eq(&broken.stderr);
}

#[test]
fn without_a_binary_the_workspace_decides() {
    let fleet = root().join("examples/fleet");
    let (_dir, dir) = empty();
    let checked = run_in(&fleet, &["check", "nightly.json"]).expect_code(0);
    expect![[r#"
        group network
          net_tests::tcp::echoes::bytes_1 timeout=10s
          net_tests::addresses::are_as_in_the_table
        storage_tests::files::survive_a_rename tag=after
    "#]]
    .assert_eq(&checked.stdout);
    assert_eq!(checked.stderr, "accepted by `suite bvt`\n");
    let job = r#"{ "runs": [{ "test": "net_tests::tcp::throughputs" }] }"#;
    write(&dir, &[("job.json", job)]);
    let path = dir.join("job.json").display().to_string();
    let refused = run_in(&fleet, &["check", &path]).expect_code(4);
    let told = refused.stderr.replace(&dir.display().to_string(), "[JOBS]");
    expect![[r#"
        error: none of the 4 test binaries and suites of the workspace accepts the job file; for `net-tests: test all`:
        [JOBS]/job.json:1:22: net_tests::tcp::throughputs: test does not exist; did you mean `net_tests::tcp::throughput`?
    "#]].assert_eq(&told);
}

/// The crates' and the framework's own.
#[test]
fn the_profilers_of_a_suite_are_known() {
    let fleet = root().join("examples/fleet");
    let (_dir, dir) = empty();
    let job = |profiler: &str| {
        let job = format!(
            r#"{{"settings": {{"profilers": ["{profiler}"]}}, "runs": [{{"test": "storage_tests::files::survive_a_rename"}}, {{"test": "net_tests::addresses::are_as_in_the_table"}}]}}"#
        );
        write(&dir, &[("job.json", &job)]);
        run_in(&fleet, &["check", dir.join("job.json").to_str().unwrap()])
    };
    let checked = job("cat:interval=2s").expect_code(0);
    assert_eq!(checked.stderr, "accepted by `suite bvt`\n");
    let refused = job("cat:intervall=2s").expect_code(4);
    assert!(
        refused.stderr.contains("did you mean `interval`?"),
        "{}",
        refused.stderr
    );
}
