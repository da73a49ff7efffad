//! A job of a control function that is killed again and again has the reports of one that is not.

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use autotest_core::Event;
use autotest_report::Record;

use super::binary::{Ran, Tree, fixture, fixture_command};
use super::random::Random;
use super::resume::{counted, kills};

/// How the job is run; it goes on in the same way.
const WAYS: &[&[&str]] = &[
    &["--test-threads", "3"],
    &[],
    &["--isolation", "exec"],
    &["--sync", "event", "--test-threads", "2"],
];

/// Which process is killed.
#[derive(Clone, Copy)]
enum Victim {
    Supervisor,
    ControlFunction,
}

/// Starts the job or goes on with it, and kills a process after a while. The exit code if it came to its end
/// before.
fn run_for(home: &Path, args: &[&str], time: Duration, victim: Victim) -> Option<i32> {
    let mut command = fixture_command(home, "controls");
    let mut child = command.args(args).stdout(Stdio::null()).spawn().unwrap();
    std::thread::sleep(time);
    if let Some(status) = child.try_wait().unwrap() {
        return status.code();
    }
    match victim {
        Victim::Supervisor => child.kill().unwrap(),
        Victim::ControlFunction => kill_control_function(home, &child),
    }
    child.wait().unwrap();
    None
}

#[expect(unsafe_code, reason = "kill")]
fn kill_control_function(home: &Path, supervisor: &Child) {
    let journal = fs::read_to_string(home.join("results/journal.jsonl")).unwrap_or_default();
    let records = journal
        .lines()
        .filter_map(|line| serde_json::from_str::<Record>(line).ok());
    let of_job = records.filter(|record| record.run == 0);
    let mut pid = of_job.filter_map(|record| match record.event {
        Event::Process { pid, .. } => Some(pid),
        _ => None,
    });
    // The process of an earlier supervisor has ended, and its number may be somebody else's.
    let is_ours = |pid: &i32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit(')')
            .next()
            .and_then(|rest| rest.split(' ').nth(2));
        parent.and_then(|parent| parent.parse().ok()) == Some(supervisor.id())
    };
    match pid.next_back().filter(is_ours) {
        // SAFETY: it sends a signal to a child of a child of this process.
        Some(pid) => unsafe { libc::kill(pid, libc::SIGKILL) },
        // SAFETY: the same to the child.
        None => unsafe { libc::kill(supervisor.id().cast_signed(), libc::SIGKILL) },
    };
}

#[test]
fn a_control_job_that_is_killed_again_and_again_has_the_reports_of_one_that_is_not() {
    let mut random = Random::new();
    let mut killed = 0;
    for way in WAYS.iter().cycle() {
        if killed >= kills() {
            break;
        }
        let seed = format!("seed={}", random.up_to(Duration::from_secs(1)).as_nanos());
        let job = [&["--control", "random", "--param", &seed], *way].concat();
        let undisturbed = fixture("controls", &job);
        let home = tempfile::tempdir().unwrap();
        let mut args = [&["--results", "results"], &job[..]].concat();
        // Ever longer, so that a slow machine comes to an end, too.
        let mut time = Duration::from_millis(100);
        let code = loop {
            let victim = match killed % 3 {
                0 => Victim::ControlFunction,
                _ => Victim::Supervisor,
            };
            if let Some(code) = run_for(home.path(), &args, random.up_to(time), victim) {
                break code;
            }
            killed += 1;
            super::tko::check_readable(&home.path().join("results"));
            time += Duration::from_millis(15);
            let has_begun = fs::read_to_string(home.path().join("results/journal.jsonl"))
                .is_ok_and(|journal| journal.contains('\n'));
            match has_begun {
                true => args = vec!["--resume", "results", "--attempts", "1000"],
                false => drop(fs::remove_dir_all(home.path().join("results"))),
            }
        };
        assert_eq!(Some(code), undisturbed.code, "{seed}");
        check(&Tree::at(home.path(), "results"), &undisturbed, &seed);
    }
    eprintln!("killed {killed} times");
}

/// `undisturbed` is what a job leaves that nobody kills.
#[track_caller]
fn check(tree: &Tree, undisturbed: &Ran, seed: &str) {
    super::tko::check_tree(&tree.jobdir());
    let (log, expected) = (tree.file("status.log"), undisturbed.file("status.log"));
    assert_eq!(counted(&log), counted(&expected), "{seed}");
    let [own, other] = [tree, undisturbed].map(|tree| tree.file(".autoserv_execute"));
    assert!(
        own.lines().skip(1).eq(other.lines().skip(1)),
        "{seed}: {own} {other}"
    );
    for path in undisturbed.tree() {
        let is_compared = path.ends_with("/keyval") || path.ends_with("/status");
        if is_compared {
            assert_eq!(tree.file(&path), undisturbed.file(&path), "{seed}: {path}");
        }
    }
    assert_eq!(tree.left_in_tmp(), Vec::<String>::new(), "{seed}");
}
