//! What the page reads of files that a test can replace by anything.

use std::fs;
use std::os::unix::fs::symlink;

use autotest_core::{Crash, Event, Kind};
use rustix::fs::{CWD, FileType, Mode};

use super::{page, passed};
use crate::job::Job;
use crate::tree::Home;

#[test]
fn short_output_is_whole_and_of_long_output_both_ends_are_shown() {
    let home = Home::new();
    let line = |n: usize| format!("{n:09}\n");
    let all = |count| (0..count).map(line).collect::<String>();
    home.put("a/debug/stdout", &all(819));
    let read = page(&home, &passed());
    assert_eq!(
        read.texts("section pre"),
        [format!("{}\n", all(819).trim_end())]
    );
    home.put("a/debug/stdout", &all(1000));
    let read = page(&home, &passed());
    let (start, end) = ((0..409).map(line), (591..1000).map(line));
    let expected = format!(
        "{}\n1.8\u{a0}KiB left out{}\n",
        start.collect::<String>().trim_end(),
        end.collect::<String>().trim_end()
    );
    assert_eq!(read.texts("section pre"), [expected]);
    assert_eq!(
        read.attributes("section h3 a", "href"),
        ["./a/debug/stdout"]
    );
    assert_eq!(read.texts("section h3")[0], "stdout 9.8\u{a0}KiB");
}

#[test]
fn more_is_shown_of_a_test_that_failed() {
    let home = Home::new();
    home.put("a/debug/stderr", &"x".repeat(64 << 10));
    let mut job = Job::of(&["a"]);
    job.start(1, "a").end(1, Kind::Fail, "it broke").end_job();
    let read = page(&home, &job);
    assert_eq!(read.elements(".cut").len(), 0);
    home.put("a/debug/stderr", &"x".repeat((64 << 10) + 1));
    let read = page(&home, &job);
    assert_eq!(read.texts(".cut"), ["1\u{a0}bytes left out"]);
}

#[test]
fn a_text_that_scrolls_is_reached_by_the_keyboard() {
    let home = Home::new();
    home.put("a/debug/stdout", &"x".repeat(1500));
    assert_eq!(
        page(&home, &passed()).attributes("pre", "tabindex"),
        ["none"]
    );
    home.put("a/debug/stdout", &"x".repeat(1501));
    let read = page(&home, &passed());
    assert_eq!(read.attributes("pre", "tabindex"), ["0"]);
    assert_eq!(read.attributes("pre", "aria-label"), ["stdout"]);
}

#[test]
fn lines_of_the_log_have_their_level_and_no_colours() {
    let home = Home::new();
    let line =
        |level: &str| format!("11/29 20:35:58.812 {level}|  board:0151| {level} of a test\n");
    let log: String = ["DEBUG", "INFO ", "WARNI", "ERROR"].map(line).concat();
    home.put("a/debug/a.DEBUG", &log);
    home.put("a/debug/a.INFO", "not this one");
    home.put("a/debug/stdout", "\u{1b}[31mred\u{1b}[0m\n");
    let read = page(&home, &passed());
    assert_eq!(read.texts("pre"), [log, "red\n".to_owned()]);
    assert_eq!(read.attributes("pre span", "class"), ["warn", "fail"]);
    assert_eq!(read.texts("pre .fail")[0], line("ERROR").trim_end());
}

#[test]
fn nothing_is_read_through_a_link_or_of_a_pipe() {
    let home = Home::new();
    home.put("a/debug/stderr", "printed");
    fs::write(home.elsewhere("stdout"), "theirs").unwrap();
    let stdout = home.jobdir().join("a/debug/stdout");
    symlink(home.elsewhere("stdout"), &stdout).unwrap();
    assert_eq!(page(&home, &passed()).texts("pre"), ["printed\n"]);
    fs::remove_file(&stdout).unwrap();
    rustix::fs::mknodat(CWD, &stdout, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    assert_eq!(page(&home, &passed()).texts("pre"), ["printed\n"]);
    fs::remove_dir_all(home.jobdir().join("a/debug")).unwrap();
    symlink(home.elsewhere(""), home.jobdir().join("a/debug")).unwrap();
    assert!(page(&home, &passed()).texts("pre").is_empty());
}

#[test]
fn artifacts_are_links_if_they_are_files_of_the_run() {
    let home = Home::new();
    home.put("a/out/javascript:x", "text");
    fs::write(home.elsewhere("outside"), "theirs").unwrap();
    symlink(home.elsewhere("outside"), home.jobdir().join("a/out/link")).unwrap();
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let outside = home.elsewhere("outside").to_str().unwrap().to_owned();
    for path in [
        "out/javascript:x",
        "out",
        "out/link",
        "../../outside",
        &outside,
        "",
        "gone",
    ] {
        let path = path.to_owned();
        job.send(1, Event::Artifact { path });
    }
    job.pass(1).end_job();
    let read = page(&home, &job);
    let shown = read.texts(".body section li");
    assert_eq!(shown[0], "out/javascript:x 4\u{a0}bytes");
    assert_eq!(shown[6], "gone (no such file)");
    assert_eq!(
        read.attributes(".body section li a", "href"),
        ["./a/out/javascript%3Ax"]
    );
    assert_eq!(shown.len(), 7);
}

#[test]
fn pictures_are_in_the_page_and_other_files_are_links() {
    let home = Home::new();
    let svg = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    home.put("a/profiling/iteration.2/proc.svg", svg);
    home.put("a/profiling/iteration.2/cpu.csv", "1,2");
    home.put("a/profiling/a/b/c/shown", "");
    home.put("a/profiling/a/b/c/d/too_deep", "");
    home.put("a/profiling/large.svg", &" ".repeat((512 << 10) + 1));
    let read = page(&home, &passed());
    let source = &read.attributes("img", "src")[0];
    assert!(
        source.starts_with("data:image/svg+xml,%3Csvg%20xmlns%3D%22"),
        "{source}"
    );
    assert_eq!(read.attributes("img", "alt"), ["iteration.2/proc.svg"]);
    assert_eq!(read.elements("script").len(), 1);
    let others = [
        "a/b/c/shown 0\u{a0}bytes",
        "iteration.2/cpu.csv 3\u{a0}bytes",
    ];
    assert_eq!(read.texts(".files .file"), others);
    let links = [
        "iteration.2/proc.svg 71\u{a0}bytes",
        "large.svg 512.0\u{a0}KiB",
    ];
    assert_eq!(read.texts("figcaption .file"), links);
}

#[test]
fn sysinfo_shows_what_an_iteration_changed() {
    let home = Home::new();
    for iteration in [1, 10, 2] {
        let file = |name: &str| format!("a/sysinfo/iteration.{iteration}/{name}");
        home.put(
            &file("meminfo.before"),
            "MemTotal: 1\nMemFree: 5\nCached: 7\n",
        );
        home.put(
            &file("meminfo.after"),
            "MemTotal: 1\nMemFree: 4\nCached: 7\n",
        );
        home.put(&file("same.before"), "1\n");
        home.put(&file("same.after"), "1\n");
        home.put(&file("only.before"), "1\n");
    }
    home.put("a/sysinfo/dmesg", "usb 1-1: reset\n");
    let read = page(&home, &passed());
    let summaries = [
        "dmesg",
        "Iteration 1: meminfo 2 lines differ",
        "Iteration 2: meminfo 2 lines differ",
        "Iteration 10: meminfo 2 lines differ",
    ];
    assert_eq!(read.texts("details.more > summary"), summaries);
    let shown = "@@ -1,3 +1,3 @@\n MemTotal: 1\n-MemFree: 5\n+MemFree: 4\n Cached: 7\n";
    assert_eq!(read.texts("pre"), ["usb 1-1: reset\n", shown, shown, shown]);
    assert_eq!(read.texts("ins")[0], "+MemFree: 4");
    assert_eq!(read.texts("del")[0], "-MemFree: 5");
}

#[test]
fn sysinfo_has_its_share_of_a_page() {
    let home = Home::new();
    let (before, after) = ("a234567\n".repeat(1900), "b234567\n".repeat(1900));
    for iteration in [1, 2] {
        home.put(
            &format!("a/sysinfo/iteration.{iteration}/m.before"),
            &before,
        );
        home.put(&format!("a/sysinfo/iteration.{iteration}/m.after"), &after);
    }
    let read = page(&home, &passed());
    assert_eq!(
        read.texts("details.more p"),
        ["Too long for this page.", "Too long for this page."]
    );
    let large = "a\n".repeat((128 << 10) + 1);
    home.put("a/sysinfo/iteration.1/m.before", &large);
    assert_eq!(page(&home, &passed()).elements("details.more").len(), 1);
}

#[test]
fn of_a_crash_the_backtrace_is_shown_and_other_files_are_links() {
    let home = Home::new();
    home.put("a/crash/worker.7/backtrace.txt", "#0 net::ping");
    home.put("a/crash/worker.7/environ", "TOKEN=1");
    let mut job = Job::of(&["a"]);
    let crash = Crash {
        name: "worker".to_owned(),
        pid: 7,
        signal: "signal 11 (SIGSEGV)".to_owned(),
        place: "in net::ping".to_owned(),
        dir: "crash/worker.7".to_owned(),
        problems: vec!["the core dump is too large".to_owned()],
        ..Crash::default()
    };
    job.start(1, "a");
    let outside = Crash {
        dir: "../a/crash/worker.7".to_owned(),
        ..crash.clone()
    };
    job.send(1, Event::Crash(Box::new(crash)));
    job.send(1, Event::Crash(Box::new(outside)));
    job.end(1, Kind::Fail, "no answer").end_job();
    let read = page(&home, &job);
    let sections = read.texts(".body > section");
    let told = "Process 7 was killed by signal 11 (SIGSEGV) in net::ping.";
    let problem = "the core dump is too large";
    let expected = format!(
        "Crash of worker{told} crash/worker.7{problem}backtrace.txt 12\u{a0}bytes#0 net::ping\nenviron "
    );
    assert_eq!(
        sections,
        [expected, format!("Crash of worker{told}{problem}")]
    );
    assert_eq!(
        read.attributes(".files a", "href"),
        ["./a/crash/worker.7/environ"]
    );
}
