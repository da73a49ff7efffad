//! Rows that a job or a test adds.

use expect_test::expect;
use serde_json::json;

use super::job::Job;

#[test]
fn a_test_has_rows_of_its_own_and_needs_no_flag() {
    for isolation in ["fork", "exec", "none"] {
        let args = ["asks", "quiet", "--exact", "--isolation", isolation];
        let job = Job::new().without_flag().run(&args, 0);
        assert_eq!(job.file("asks/sysinfo/echo_the_test"), "the test\n");
        assert_eq!(job.file("asks/sysinfo/ostype"), "Linux\n");
        assert!(!job.path("quiet/sysinfo").exists());
        expect![[r#"
            INFO asks sysinfo: the command of `echo_not_found_>&2;_exit_3` exited with 3
        "#]]
        .assert_eq(&job.notes());
    }
}

#[test]
fn a_job_file_says_when_rows_are_collected() {
    let job = Job::new().with_rows(
        json!([
            "echo each",
            {"command": "echo boot", "when": "boot", "name": "at boot"},
            {"command": "echo failed", "when": "failure"},
        ]),
        &json!([{"file": "<root>/log", "when": "boot", "name": "log"}, "/proc/sys/kernel/ostype"]),
    );
    let job = job.without_flag().run_file(&["quiet", "fails"], &[], 101);
    expect![[r#"
        quiet
        quiet/sysinfo/echo_each
        quiet/sysinfo/iteration.1/
        quiet/sysinfo/ostype
        quiet/sysinfo/reboot_current -> ../../sysinfo
        fails
        fails/sysinfo/echo_each
        fails/sysinfo/echo_failed
        fails/sysinfo/iteration.1/
        fails/sysinfo/meminfo
        fails/sysinfo/ostype
        fails/sysinfo/proc_mounts
        fails/sysinfo/ps
        fails/sysinfo/reboot_current -> ../../sysinfo
    "#]]
    .assert_eq(&job.of_tests(&["quiet", "fails"]));
    assert_eq!(job.file("sysinfo/at_boot"), "boot\n");
    assert_eq!(job.file("sysinfo/log"), "from before\n");
    assert_eq!(job.notes(), "");
}

#[test]
fn a_control_function_adds_rows_for_its_later_runs() {
    let job = Job::new();
    let log = format!("log={}", job.home().join("log").display());
    let job = job
        .without_flag()
        .run(&["--control", "adds_rows", "--param", &log], 0);
    assert!(!job.path("quiet.before/sysinfo").exists());
    assert_eq!(job.log_of("logs"), "a line\n");
    assert_eq!(job.file("logs/sysinfo/echo_each"), "each\n");
    assert_eq!(job.file("quiet.after/sysinfo/echo_each"), "each\n");
    assert_eq!(job.file("sysinfo/once"), "once\n");
    assert!(!job.path("logs/sysinfo/once").exists());
}

#[test]
fn the_mistakes_of_a_job_file_are_told_with_their_places() {
    let home = tempfile::tempdir().unwrap();
    let text = r#"{"settings": {"sysinfo": {"commands": [{"name": "x"}, 3], "files": "a", "file": 1}},
"runs": [{"test": "passes"}]}"#;
    let output = crate::job_files::run(home.path(), text, &[]);
    assert_eq!(output.status.code(), Some(2));
    expect![[r#"
        error: job.json:1:40: it has no `command`
        job.json:1:55: expected a text, or an object with `command`, not `3`
        job.json:1:68: expected a list of paths
        job.json:1:73: unknown key `file`: did you mean `files`?
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
    let text =
        r#"{"settings": {"sysinfo": {"files": [{"file": "a", "when": "now"}]}}, "runs": []}"#;
    let output = crate::job_files::run(home.path(), text, &[]);
    expect![[r#"
        error: job.json:1:59: expected "boot", "test" or "failure"
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
}
