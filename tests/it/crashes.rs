//! `--crash-handler`: what is kept of processes that crash, and where their verdicts say that they did.
//!
//! The handler is the whole machine's, so these tests only run with `AUTOTEST_TARGET=1`; but for those of cores that
//! the kernel writes to files anyway.

mod files;
mod job;
mod kills;
mod target;

use std::fs;

use super::binary::{fixture_command, walk};
use job::{Job, create_script, has_gdb, normal, programs_without_gdb};
use target::Target;

#[test]
fn a_verdict_says_where_a_test_crashed() {
    let Some(_target) = Target::take() else {
        return;
    };
    if !has_gdb() {
        return;
    }
    let job = Job::run(&["segfault", "aborts", "overflows", "passes", "survives"]);
    let expected = "
---- aborts stdout ----
ERROR: killed by signal 6 (SIGABRT, an abort) in crashes::aborts at tests/fixtures/crashes.rs:25
    also crash: see crash/crashes.N
    see <root>/results/aborts

---- overflows stdout ----
ERROR: killed by signal 6 (SIGABRT, an abort) in crashes::deeper at tests/fixtures/crashes.rs:37
    also crash: see crash/crashes.N
  stderr:
    
    thread 'main' (.) has overflowed its stack
    fatal runtime error: stack overflow, aborting
    see <root>/results/overflows/debug

---- segfault stdout ----
ERROR: killed by signal 11 (SIGSEGV, a segfault or stack overflow) in crashes::touch_nothing at tests/fixtures/crashes.rs:18
    also crash: see crash/crashes.N
    see <root>/results/segfault

";
    assert_eq!(job.failures(), expected);
    let stdout = normal(&job.tree(), &String::from_utf8_lossy(&job.output.stdout));
    let survived = "
test survives ... ok
    also crash: sh (.) was killed by signal 11 (SIGSEGV, a segfault or stack overflow); see crash/sh.N
test survives_elsewhere ... ok
    also crash: sh (.) was killed by signal 3 (SIGQUIT); see crash/sh.N

";
    assert!(stdout.contains(survived), "{stdout}");
    let files = [
        "crashes.N/",
        "crashes.N/backtrace.txt",
        "crashes.N/cgroup",
        "crashes.N/core.gz",
        "crashes.N/crash.json",
        "crashes.N/environ",
        "crashes.N/limits",
        "crashes.N/maps",
        "crashes.N/status",
    ];
    assert_eq!(job.kept("segfault"), files);
    assert!(job.file("segfault", "maps").contains("[stack]"));
    assert_eq!(job.kept("passes"), Vec::<String>::new());
    // A program has a command line of its own.
    assert_eq!(job.file("survives", "cmdline"), "sh\n-c\nkill -SEGV $$\n");
}

#[test]
fn a_replay_tells_the_same() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::run(&["segfault", "survives", "--tap"]);
    let files = [
        "status.log",
        "status.tap",
        "survives/status",
        "segfault/keyval",
    ];
    let read = || files.map(|file| job.tree().file(file));
    let before = read();
    let mut replay = fixture_command(job.home.path(), "crashes");
    let replayed = replay
        .args(["--replay", "results", "--tap"])
        .output()
        .unwrap();
    assert_eq!(replayed.status.code(), Some(101), "{replayed:?}");
    assert_eq!(read(), before);
}

#[test]
fn a_test_in_a_new_image_is_one_like_any_other() {
    let Some(_target) = Target::take() else {
        return;
    };
    let run = |isolation| Job::run(&["--isolation", isolation, "segfault", "survives"]);
    let (fork, exec) = (run("fork"), run("exec"));
    assert_eq!(fork.failures(), exec.failures());
    let mut kept = exec.kept("segfault");
    // It has a command line of its own.
    kept.retain(|path| path != "crashes.N/cmdline");
    assert_eq!(kept, fork.kept("segfault"));
}

#[test]
fn a_job_file_may_ask_for_the_handler() {
    let Some(_target) = Target::take() else {
        return;
    };
    let home = tempfile::tempdir().unwrap();
    let file = r#"{"settings": {"crash_handler": true}, "runs": [{"test": "survives"}]}"#;
    fs::write(home.path().join("job.json"), file).unwrap();
    let job = Job::without_flag(home, &["--job", "job.json"], &[]);
    assert!(job.kept("survives").contains(&"sh.N/core.gz".to_owned()));
}

#[test]
fn each_of_two_tests_at_once_has_its_own_crash() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::run(&["pair", "--test-threads", "2"]);
    let log = job.tree().log("status.log");
    assert_eq!(log.matches("killed by signal 11").count(), 2, "{log}");
    for run in ["pair.left", "pair.right"] {
        assert!(
            job.kept(run).contains(&"crashes.N/core.gz".to_owned()),
            "{run}"
        );
    }
}

#[test]
fn without_gdb_a_verdict_names_the_function() {
    let Some(_target) = Target::take() else {
        return;
    };
    let programs = programs_without_gdb();
    let path = programs.path().to_str().unwrap();
    let job = Job::with(&["segfault", "aborts", "overflows"], &[("PATH", path)]);
    let failures = job.failures();
    let told: Vec<_> = failures
        .lines()
        .filter(|line| line.starts_with("ERROR") || line.contains("crash:"))
        .collect();
    let note = "    also crash: see crash/crashes.N; the backtrace has no lines of the source: gdb is not installed";
    let expected = [
        "ERROR: killed by signal 6 (SIGABRT, an abort) in crashes::aborts",
        note,
        "ERROR: killed by signal 6 (SIGABRT, an abort) in crashes::deeper",
        note,
        "ERROR: killed by signal 11 (SIGSEGV, a segfault or stack overflow) in crashes::touch_nothing",
        note,
    ];
    assert_eq!(told, expected);
    let backtrace = job.file("segfault", "backtrace.txt");
    let names = backtrace.lines().filter_map(|line| line.split(' ').nth(3));
    let names: Vec<_> = names.take(3).collect();
    assert_eq!(
        names,
        [
            "core::ptr::read_volatile",
            "crashes::touch_nothing",
            "crashes::segfault"
        ]
    );
}

#[test]
fn a_gdb_that_hangs_is_ended() {
    let Some(_target) = Target::take() else {
        return;
    };
    let programs = programs_without_gdb();
    let gdb = programs.path().join("gdb");
    create_script(&gdb, "#!/bin/sh\n/bin/sleep 603\n");
    let path = programs.path().to_str().unwrap();
    let job = Job::with(&["segfault"], &[("PATH", path)]);
    let failures = job.failures();
    let told = "the backtrace has no lines of the source: gdb took more than 20 s\n";
    assert!(failures.contains(told), "{failures}");
    assert_eq!(super::binary::sleepers("603"), 0);
}

#[test]
fn a_large_core_that_is_empty_is_kept_whole_and_small() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::run(&["large"]);
    let failures = job.failures();
    assert!(failures.contains("killed by signal 11"), "{failures}");
    assert!(!failures.contains("the core is"), "{failures}");
    let dir = job.tree().jobdir().join("large/crash");
    let crash = fs::read_dir(dir).unwrap().next().unwrap().unwrap().path();
    let size = fs::metadata(crash.join("core.gz")).unwrap().len();
    assert!(size < 16 << 20, "{size}");
    let unpacked = std::process::Command::new("sh")
        .args(["-c", "zcat \"$1\" | wc -c", "sh"])
        .arg(crash.join("core.gz"))
        .output()
        .unwrap();
    let bytes: u64 = String::from_utf8(unpacked.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap();
    assert!(bytes > 2 << 30, "{bytes}");
}

#[test]
fn of_many_crashes_few_cores_are_kept() {
    let Some(_target) = Target::take() else {
        return;
    };
    let programs = programs_without_gdb();
    let path = programs.path().to_str().unwrap();
    let job = Job::with(&["--exact", "many"], &[("PATH", path)]);
    let kept = job.kept("many");
    let count = |name: &str| kept.iter().filter(|path| path.ends_with(name)).count();
    assert_eq!((count("crash.json"), count("core.gz")), (10, 8), "{kept:?}");
    let stdout = String::from_utf8_lossy(&job.output.stdout);
    let told = "the core was not kept: the run has enough of them";
    assert_eq!(stdout.matches(told).count(), 2, "{stdout}");
}

#[test]
fn a_secret_is_only_in_the_core() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::with(
        &["secretive", "--param", "token=hush-hush"],
        &[("AUTOTEST_PARAM_TOKEN", "hush-hush too")],
    );
    let dir = job.tree().jobdir();
    let mut looked_at = 0;
    for path in walk(&dir)
        .iter()
        .filter(|path| !path.ends_with(['/']) && !path.ends_with(".gz"))
    {
        let content = fs::read(dir.join(path)).unwrap();
        let content = String::from_utf8_lossy(&content);
        assert!(!content.contains("hush"), "{path}: {content}");
        looked_at += usize::from(path.contains("/crash/"));
    }
    assert!(looked_at >= 7, "{looked_at}");
}

#[test]
fn a_test_that_gave_up_its_rights_has_a_core() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::run(&["becomes_nobody"]);
    let failures = job.failures();
    assert!(failures.contains("killed by signal 11"), "{failures}");
    assert!(
        job.kept("becomes_nobody")
            .contains(&"crashes.N/core.gz".to_owned()),
        "{failures}"
    );
}

#[test]
fn the_handler_is_no_change_of_a_test() {
    let Some(_target) = Target::take() else {
        return;
    };
    let job = Job::run(&["--leaks", "warn", "--exact", "passes"]);
    let stdout = String::from_utf8_lossy(&job.output.stdout);
    assert!(stdout.contains("test passes ... ok\n"), "{stdout}");
}

/// Where the kernel would not start the handler, a test only loses its core.
#[test]
fn in_another_namespace_the_handler_is_not_installed_and_that_is_told() {
    let home = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc"]);
    command.arg(super::binary::fixture_path("crashes"));
    command.args(["--crash-handler", "--results", "results", "passes"]);
    let output = command.current_dir(home.path()).output().unwrap();
    if String::from_utf8_lossy(&output.stderr).contains("Operation not permitted") {
        eprintln!("left out: a namespace of its own (not allowed)");
        return;
    }
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let told = "test passes ... ok
    also crash handler: WARN: the crash handler is not installed: the kernel starts it in the initial namespaces, and this job is in others
";
    assert!(stdout.contains(told), "{stdout}");
}
