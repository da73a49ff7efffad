//! A interrupted job goes on, and every test has one verdict.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use autotest_core::Event;
use autotest_report::Record;
use expect_test::expect;

use super::binary::{Tree, fixture, fixture_command};
use super::random::Random;

/// How often the supervisor is killed: few times here, often in a campaign.
pub(super) fn kills() -> usize {
    let kills = std::env::var("AUTOTEST_KILLS").ok();
    kills.map_or(24, |kills| kills.parse().unwrap())
}

fn start(home: &Path, args: &[&str]) -> Child {
    let mut command = fixture_command(home, "many");
    command.args(args).stdout(Stdio::null());
    command.spawn().unwrap()
}

/// Starts the job or goes on with it, and kills the supervisor after a while. True once it came to
/// its end before.
fn run_for(home: &Path, args: &[&str], time: Duration) -> bool {
    let mut child = start(home, args);
    std::thread::sleep(time);
    match child.try_wait().unwrap() {
        Some(status) => {
            assert_eq!(status.code(), Some(101));
            true
        }
        None => {
            child.kill().unwrap();
            child.wait().unwrap();
            false
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Verdicts {
    pub(super) starts: u32,
    pub(super) attempts: u32,
    pub(super) ends: u32,
}

/// What the journal says of each planned test.
pub(super) fn verdicts(journal: &str) -> BTreeMap<String, Verdicts> {
    let mut operations = BTreeMap::new();
    let mut verdicts: BTreeMap<String, Verdicts> = BTreeMap::new();
    for line in journal.lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        if let Event::TestStart(start) = &record.event
            && start.parent.is_none()
        {
            operations.insert(record.run, start.operation.clone());
        }
        let Some(operation) = operations.get(&record.run) else {
            continue;
        };
        let of_test = verdicts.entry(operation.clone()).or_default();
        match record.event {
            Event::TestStart(_) => {
                assert_eq!(of_test.ends, 0, "{operation} ran after its verdict");
                of_test.starts += 1;
            }
            Event::Attempt { .. } => {
                of_test.attempts += 1;
                // That of a run which a signal ended does not count either.
                of_test.ends = 0;
            }
            Event::TestEnd { .. } => of_test.ends += 1,
            _ => {}
        }
    }
    verdicts
}

/// The status log without the runs that do not count, and without times.
pub(super) fn counted(log: &str) -> String {
    let is_counted = |line: &&str| !line.contains(".attempt-");
    let mut text = String::new();
    let mut is_behind_counted = true;
    for line in log.lines() {
        // A reason's continuation lines belong to the line before.
        if !line.starts_with("  ") {
            is_behind_counted = is_counted(&line);
        }
        if is_behind_counted {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// How the job is run; it goes on in the same way.
const WAYS: &[&[&str]] = &[
    &[],
    &["--isolation", "exec"],
    &["--sync", "event"],
    &["--test-threads", "3"],
];

/// The blocks of a log's tests in the order of their names: tests that run at once end in any.
fn sorted(log: &str) -> Vec<&str> {
    let mut blocks: Vec<_> = log.split("\n\tSTART").collect();
    let end = blocks.pop().map(|last| last.split("\nEND").next().unwrap());
    blocks.extend(end);
    blocks.sort_unstable();
    blocks
}

#[test]
fn a_job_that_is_killed_again_and_again_has_the_reports_of_one_that_is_not() {
    let undisturbed = fixture("many", &[]).expect_code(101);
    let expected = counted(&undisturbed.file("status.log"));
    let mut random = Random::new();
    let mut killed = 0;
    for way in WAYS.iter().cycle() {
        if killed >= kills() {
            break;
        }
        let home = tempfile::tempdir().unwrap();
        let mut args = [&["--results", "results"], *way].concat();
        // Ever longer, so that a slow machine comes to an end, too.
        let mut time = Duration::from_millis(300);
        while !run_for(home.path(), &args, random.up_to(time)) {
            killed += 1;
            super::tko::check_readable(&home.path().join("results"));
            time += Duration::from_millis(40);
            let has_begun = fs::read_to_string(home.path().join("results/journal.jsonl"))
                .is_ok_and(|journal| journal.contains('\n'));
            match has_begun {
                true => args = vec!["--resume", "results", "--attempts", "1000"],
                false => drop(fs::remove_dir_all(home.path().join("results"))),
            }
        }
        check(&Tree::at(home.path(), "results"), &undisturbed, &expected);
    }
    eprintln!("killed {killed} times");
}

/// `UNDISTURBED` is what a job leaves that nobody kills.
#[track_caller]
fn check(tree: &Tree, undisturbed: &super::binary::Ran, expected: &str) {
    let verdicts = verdicts(&tree.file("journal.jsonl"));
    assert_eq!(verdicts.len(), 200);
    for (operation, of_test) in &verdicts {
        let Verdicts {
            starts,
            attempts,
            ends,
        } = of_test;
        assert_eq!((*ends, *starts), (1, attempts + 1), "{operation}");
    }
    assert_eq!(sorted(&counted(&tree.file("status.log"))), sorted(expected));
    super::tko::check_tree(&tree.jobdir());
    let executed = tree.file(".autoserv_execute");
    assert_eq!(executed.lines().skip(1).collect::<Vec<_>>(), ["256", "10"]);
    for path in undisturbed.tree() {
        let is_compared = path.ends_with("keyval")
            || path.ends_with("status")
            || path.contains("/results/")
            || path.ends_with("/debug/stdout");
        if is_compared && !path.ends_with('/') && path != "keyval" {
            assert_eq!(tree.file(&path), undisturbed.file(&path), "{path}");
        }
    }
    let left = tree.left_in_tmp();
    assert_eq!(
        left,
        Vec::<String>::new(),
        "temporary directories were left"
    );
}

/// Otherwise a few typos would count as attempts.
#[test]
fn a_resume_with_a_wrong_log_file_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = fixture_command(home.path(), "fatal");
        command.args(args).output().unwrap()
    };
    assert_eq!(run(&["--results", "results"]).status.code(), None);
    let journal = || fs::read(home.path().join("results/journal.jsonl")).unwrap();
    let before = journal();
    let wrong = ["--resume", "results", "--logfile", "/no/such/log"];
    assert_eq!(run(&wrong).status.code(), Some(2));
    assert_eq!(journal(), before);
    let wrong = ["--replay", "results", "--logfile", "/no/such/log"];
    assert_eq!(run(&wrong).status.code(), Some(2));
    assert!(!home.path().join("results/.rebuilt").exists());
}

#[test]
fn a_test_that_brings_the_job_down_twice_is_given_up() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = fixture_command(home.path(), "fatal");
        command.args(args).output().unwrap()
    };
    assert_eq!(run(&["--results", "results"]).status.code(), None);
    assert_eq!(run(&["--resume", "results"]).status.code(), None);
    let output = run(&["--resume", "results"]);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let tree = Tree::at(home.path(), "results");
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→a_first→a_first→timestamp=.→localtime=.→
        →→GOOD→a_first→a_first→timestamp=.→localtime=.→completed successfully
        →END GOOD→a_first→a_first→timestamp=.→localtime=.→
        →START→b_kills.attempt-1→b_kills→timestamp=.→localtime=.→
        →→ABORT→b_kills.attempt-1→b_kills→timestamp=.→localtime=.→crashed: the job was interrupted while this test ran
        →END ABORT→b_kills.attempt-1→b_kills→timestamp=.→localtime=.→
        →START→b_kills→b_kills→timestamp=.→localtime=.→
        →→ABORT→b_kills→b_kills→timestamp=.→localtime=.→crashed: the job was interrupted while this test ran; given up after 2 attempts
        →END ABORT→b_kills→b_kills→timestamp=.→localtime=.→
        →START→c_last→c_last→timestamp=.→localtime=.→
        →→GOOD→c_last→c_last→timestamp=.→localtime=.→completed successfully
        →END GOOD→c_last→c_last→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&tree.log("status.log"));
    super::tko::check_tree(&tree.jobdir());
    for attempt in ["b_kills.attempt-1", "b_kills"] {
        assert_eq!(
            tree.file(&format!("{attempt}/keyval")),
            "version=0\nreleased=7\n",
            "it was not cleaned up after {attempt}"
        );
    }
    assert_eq!(
        super::binary::sleepers("601"),
        0,
        "processes were left behind"
    );
    assert_eq!(tree.left_in_tmp(), Vec::<String>::new());
}

#[test]
fn a_job_that_a_signal_ended_runs_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path(), &["--results", "results"]);
    std::thread::sleep(Duration::from_millis(150));
    let script = format!("kill -INT {}", child.id());
    Command::new("sh").args(["-c", &script]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let status = start(home.path(), &["--resume", "results"]).wait().unwrap();
    assert_eq!(status.code(), Some(101));
    let undisturbed = fixture("many", &[]).expect_code(101);
    let expected = counted(&undisturbed.file("status.log"));
    check(&Tree::at(home.path(), "results"), &undisturbed, &expected);
}

#[track_caller]
fn check_refused(home: &Path, name: &str, args: &[&str], expected: &str) {
    let output = fixture_command(home, name).args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    let home = home.to_str().unwrap();
    assert_eq!(stderr.replace(home, "<home>"), expected);
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
}

#[test]
fn what_can_not_go_on_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--results", "results", "c_last"];
    let mut command = fixture_command(home.path(), "fatal");
    assert!(command.args(args).output().unwrap().status.success());
    let before = fs::read(home.path().join("results/journal.jsonl")).unwrap();
    let refused = |args, expected| check_refused(home.path(), "fatal", args, expected);
    refused(
        &["--resume", "results", "--fast"],
        "error: `--fast` cannot be given with `--resume`: a resumed job keeps its options\n",
    );
    refused(
        &["--resume", "results", "c_last"],
        "error: `c_last` cannot be given with `--resume`: a resumed job keeps its options\n",
    );
    refused(
        &["--resume", "nowhere"],
        "error: failed to open the journal `nowhere/journal.jsonl`: No such file or directory (os error 2); \
         name the results directory of a job\n",
    );
    fs::create_dir(home.path().join("empty")).unwrap();
    fs::write(home.path().join("empty/journal.jsonl"), "no record\n").unwrap();
    refused(
        &["--resume", "empty"],
        "error: `<home>/empty` has no job in its journal\n",
    );
    refused(
        &["--replay", "empty"],
        "error: `<home>/empty` has no job in its journal\n",
    );
    let mut other = fixture_command(home.path(), "many");
    let output = other.args(["--resume", "results"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.starts_with("error: the job was started by another build of this binary ("),
        "{stderr}"
    );
    let after = fs::read(home.path().join("results/journal.jsonl")).unwrap();
    assert_eq!(before, after, "a refused command changed the journal");
}

#[test]
fn a_second_supervisor_is_kept_out() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path(), &["--results", "results"]);
    std::thread::sleep(Duration::from_millis(150));
    let pid = child.id().to_string();
    let signal = |signal: &str| {
        let sent = Command::new("kill").args([signal, pid.as_str()]).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    for flag in ["--resume", "--replay"] {
        check_refused(
            home.path(),
            "many",
            &[flag, "results"],
            "error: another process writes the journal of this job; wait for its end\n",
        );
    }
    signal("-CONT");
    assert_eq!(child.wait().unwrap().code(), Some(101));
}

#[test]
fn a_job_that_came_to_its_end_has_nothing_left_to_run() {
    let home = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = fixture_command(home.path(), "fatal");
        command.args(args).output().unwrap()
    };
    assert!(run(&["--results", "results", "c_last"]).status.success());
    let before = Tree::at(home.path(), "results").log("status.log");
    let output = run(&["--resume", "results"]);
    assert!(output.status.success(), "{output:?}");
    let tree = Tree::at(home.path(), "results");
    assert_eq!(tree.log("status.log"), before);
    assert_eq!(verdicts(&tree.file("journal.jsonl"))["c_last"].starts, 1);
}

/// The files of runs that ended before are compared with the journal once the next test has its turn, and
/// are right when the job ends, also if it was killed in between.
#[test]
fn what_became_of_finished_runs_files_is_mended_before_the_job_ends() {
    let whole = fixture("many", &["a::"]).expect_code(101);
    let home = tempfile::tempdir().unwrap();
    let args = ["--results", "results", "a::"];
    let journal = home.path().join("results/journal.jsonl");
    let ended = || fs::read_to_string(&journal).map_or(0, |text| text.matches("test_end").count());
    let mut job = start(home.path(), &args);
    while ended() < 8 {
        std::thread::sleep(Duration::from_millis(1));
    }
    job.kill().unwrap();
    job.wait().unwrap();
    let file = |path: &str| home.path().join("results").join(path);
    let torn = fs::read_to_string(file("a.t00/status")).unwrap();
    fs::write(file("a.t00/status"), &torn[..torn.len() - 3]).unwrap();
    fs::remove_file(file("a.t01/keyval")).unwrap();
    fs::write(file("a.t02/status"), "nothing of ours\n").unwrap();
    let resume = ["--resume", "results"];
    run_for(home.path(), &resume, Duration::from_millis(20));
    let code = start(home.path(), &resume).wait().unwrap().code();
    assert_eq!(code, Some(101));
    let tree = Tree::at(home.path(), "results");
    for path in ["a.t00/status", "a.t01/keyval", "a.t02/status"] {
        let of = |tree: &Tree| match path.ends_with("status") {
            true => tree.log(path),
            false => tree.file(path),
        };
        assert_eq!(of(&tree), of(&whole), "{path}");
    }
}
