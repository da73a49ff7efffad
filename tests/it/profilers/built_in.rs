//! The built-in profilers, with the tools that there are.

use std::fs;
use std::time::{Duration, Instant};

use expect_test::expect;

use super::{NOTES, check, verdicts};
use crate::binary::{Ran, fixture, fixture_with};

/// The tools that the profilers start, each with arguments that make it measure something in a second.
const TOOLS: [(&str, &str); 8] = [
    ("vmstat", "vmstat"),
    ("top", "top:interval=1"),
    ("strace", "strace:options=-y"),
    ("perf_record", "perf_record:keep=true"),
    ("mpstat", "mpstat"),
    ("iostat", "iostat:options=-x"),
    ("sar", "sar"),
    (
        "ftrace",
        "ftrace:events=[\"sched\",\"signal:signal_generate\"]",
    ),
];

/// The profilers whose tool is here and may be used.
fn usable() -> Vec<&'static str> {
    let usable = TOOLS.into_iter().filter(|(tool, profiler)| {
        let ran = fixture(
            "profiled",
            &["--profiler", profiler, "--exact", "passes_too"],
        );
        let told = verdicts(&ran);
        let hindrances = [
            "is not installed",
            "does not measure",
            "tracefs is not there",
            "run as root",
        ];
        let is_usable = !hindrances.iter().any(|it| told.contains(it));
        if !is_usable {
            eprintln!("left out: the profiler {tool} ({})", told.trim());
        }
        is_usable
    });
    usable.map(|(_, profiler)| profiler).collect()
}

/// Waits until no process names the job's directory on its command line, as the job's guardian does for a moment.
#[track_caller]
fn assert_nothing_is_left(ran: &Ran) {
    let jobdir = ran.jobdir();
    let jobdir = jobdir.to_str().unwrap().as_bytes();
    let is_left = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let lines = processes.filter_map(|entry| fs::read(entry.path().join("cmdline")).ok());
        let mut lines = lines.filter(|line| line.windows(jobdir.len()).any(|part| part == jobdir));
        lines.next()
    };
    let begin = Instant::now();
    while let Some(left) = is_left() {
        let left = String::from_utf8_lossy(&left).replace('\0', " ");
        assert!(begin.elapsed() < Duration::from_secs(20), "{left}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn profiled(ran: &Ran, test: &str, file: &str) -> String {
    let path = ran
        .jobdir()
        .join(test)
        .join("profiling/iteration.2")
        .join(file);
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn cat_copies_files_again_and_again() {
    let profiler =
        r#"cat:filenames=["/proc/self/comm","/nonexistent"],interval=10ms,outfile=copies"#;
    let ran = check(
        &[
            "--profiler",
            profiler,
            "--param",
            "time=100ms",
            "--exact",
            "works",
        ],
        expect![[r#"
            test works ... ok
            works/profiling/iteration.2/copies
        "#]],
    );
    let text = profiled(&ran, "works", "copies");
    let samples: Vec<_> = text
        .split_inclusive("=========================\n")
        .collect();
    assert!(samples.len() > 1, "{text}");
    for sample in samples {
        let (time, rest) = sample.split_once('\n').unwrap();
        assert_eq!(time.split(' ').count(), 5, "{time}");
        assert_eq!(
            rest,
            "----- /proc/self/comm -----\nprofiled\n----- /nonexistent -----\n(failed to read it: No such file \
             or directory (os error 2))\n\n=========================\n"
        );
    }
}

#[test]
fn cmd_runs_commands_and_ends_those_that_are_left() {
    let profiler =
        r#"cmd:cmds=["echo one; exit 3","echo two; exec sleep 1000"],outputfiles=["a","b"]"#;
    let ran = check(
        &[
            "--profiler",
            profiler,
            "--param",
            "time=500ms",
            "--exact",
            "works",
        ],
        expect![[r#"
            test works ... ok
            works/profiling/iteration.2/a
            works/profiling/iteration.2/b
        "#]],
    );
    let lines = |file| -> Vec<String> {
        let text = profiled(&ran, "works", file);
        text.lines().skip(1).map(str::to_owned).collect()
    };
    assert_eq!(lines("a"), ["one", "(exit status: 3)"]);
    assert_eq!(lines("b"), ["two", "(ended with the profiled iteration)"]);
}

#[test]
fn what_the_built_in_profilers_cannot_use_is_a_warning() {
    let mut table = String::new();
    for profiler in [
        "vmstat",
        "perf_record",
        "strace",
        "sar",
        r#"cat:filenames=["/nonexistent"]"#,
        "cat:outfile=a/b",
        r#"cmd:outputfiles=["a","b"]"#,
    ] {
        let args = [
            "--profiler",
            profiler,
            NOTES[0],
            NOTES[1],
            "--exact",
            "passes",
        ];
        let ran = fixture_with(&[("PATH", "/nonexistent")], "profiled", &args);
        table += &verdicts(&ran);
    }
    expect![[r#"
        test passes ... ok (WARN: the profiler `vmstat` failed in `start`: `vmstat` is not installed: install the package `procps`, or leave the profiler out)
        test passes ... ok (WARN: the profiler `perf_record` failed in `start`: `perf` is not installed: install the package `linux-perf`, or leave the profiler out)
        test passes ... ok (WARN: the profiler `strace` failed in `start`: `strace` is not installed: install the package `strace`, or leave the profiler out)
        test passes ... ok (WARN: the profiler `sar` failed in `start`: `sar` is not installed: install the package `sysstat`, or leave the profiler out)
        test passes ... ok (WARN: the profiler `cat` failed in `initialize`: cannot read any of `/nonexistent`: run as root, or choose other `filenames`)
        test passes ... ok (WARN: the profiler `cat` failed in `initialize`: `outfile` is the name of a file: it is empty, or has a `/`, a control character, or a leading dot or blank)
        test passes ... ok (WARN: the profiler `cmd` failed in `initialize`: 2 `outputfiles` for 1 `cmds`: give a file for each command)
    "#]].assert_eq(&table);
}

#[test]
fn tools_measure() {
    let mut args = vec!["--exact", "works"];
    let profilers = usable();
    for profiler in &profilers {
        args.extend(["--profiler", profiler]);
    }
    let ran = fixture("profiled", &args);
    assert_eq!(verdicts(&ran), "test works ... ok\n");
    let has = |file: &str, text: &str| {
        let found = profiled(&ran, "works", file);
        assert!(found.contains(text), "{file}: {found}");
    };
    for profiler in profilers {
        match profiler.split(':').next().unwrap() {
            "vmstat" => has("vmstat", "swpd"),
            "top" => has("top", "%CPU"),
            "strace" => has("strace", "= 0 <"),
            "perf_record" => has("comm.comm", "Command"),
            "mpstat" => has("mpstat", "%idle"),
            "iostat" => has("iostat", "Device"),
            "sar" => has("sar", "%idle"),
            "ftrace" => has("ftrace", "sched_switch"),
            other => panic!("{other}"),
        }
    }
    assert_nothing_is_left(&ran);
}

#[test]
fn built_in_profilers_survive_whatever_the_test_does() {
    let profilers = usable();
    for test in ["crashes", "is_killed", "hangs", "leaves_a_process"] {
        let mut args = vec![
            "--exact",
            test,
            "--profiler",
            "cat",
            "--profiler",
            "cmd:cmds=[\"sleep 1000\"]",
        ];
        for profiler in &profilers {
            args.extend(["--profiler", profiler]);
        }
        let ran = fixture("profiled", &args);
        assert!(profiled(&ran, test, "monitor").ends_with("=========================\n"));
        assert!(
            profiled(&ran, test, "cmdprofile").ends_with("(ended with the profiled iteration)\n")
        );
        if profilers.contains(&"vmstat") {
            assert!(profiled(&ran, test, "vmstat").contains("swpd"));
        }
        assert_nothing_is_left(&ran);
    }
}
