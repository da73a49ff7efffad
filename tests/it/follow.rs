//! `--follow`: whoever follows a job has its journal and its files, whatever happens to the job or to the follower.

mod rebuilt;
mod stream;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::binary::fixture_command;
use super::interrupts::wait_until;
use super::random::Random;
use super::resume::kills;

/// A command that follows the job in `results`.
pub(super) fn follow(home: &Path, fixture: &str, from: u64, more: &[&str]) -> Command {
    let mut command = fixture_command(home, fixture);
    let from = from.to_string();
    command.args(["--follow", "results", "--from", &from]);
    command.args(more).stdout(Stdio::piped());
    command
}

/// What a follower printed, and how it ended.
pub(super) fn followed(command: &mut Command) -> (Option<i32>, Vec<u8>) {
    let output = command.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    (output.status.code(), output.stdout)
}

pub(super) fn journal(home: &Path) -> Vec<u8> {
    fs::read(home.join("results/journal.jsonl")).unwrap()
}

pub(super) fn start(home: &Path, fixture: &str, args: &[&str]) -> Child {
    let mut command = fixture_command(home, fixture);
    command.args(args).stdout(Stdio::null());
    command.spawn().unwrap()
}

/// A job that ended.
pub(super) fn job(fixture: &str, args: &[&str]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut job = start(
        home.path(),
        fixture,
        &[&["--results", "results"], args].concat(),
    );
    job.wait().unwrap();
    home
}

/// A job that has begun, with a test that waits until there is a file.
fn waiting_job(home: &Path, args: &[&str]) -> (Child, PathBuf) {
    let until = home.join("until");
    let param = format!("until={}", until.display());
    let place = ["--results", "results", "--param", &param];
    let job = start(home, "followed", &[&place, args].concat());
    wait_until("a journal", || has_journal(home));
    (job, until)
}

fn has_journal(home: &Path) -> bool {
    fs::metadata(home.join("results/journal.jsonl")).is_ok_and(|found| found.len() > 0)
}

#[test]
fn a_job_is_followed_from_each_record_on_until_its_end() {
    let home = job("many", &["a::"]);
    let journal = journal(home.path());
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    for from in 0..lines.len() + 2 {
        let printed = followed(&mut follow(home.path(), "many", from as u64, &[]));
        let rest = lines.get(from..).unwrap_or_default().concat();
        assert_eq!(printed, (Some(0), rest), "from {from}");
    }
}

#[test]
fn a_job_is_followed_while_it_runs_by_as_many_as_want() {
    let home = tempfile::tempdir().unwrap();
    let mut job = start(home.path(), "many", &["--results", "results"]);
    wait_until("a journal", || has_journal(home.path()));
    let followers: Vec<Child> = (0..3)
        .map(|_| follow(home.path(), "many", 0, &[]).spawn().unwrap())
        .collect();
    let outputs: Vec<_> = followers
        .into_iter()
        .map(|follower| follower.wait_with_output().unwrap())
        .collect();
    job.wait().unwrap();
    for output in outputs {
        assert_eq!(output.status.code(), Some(0));
        assert!(output.stdout == journal(home.path()));
    }
}

#[test]
fn a_record_is_printed_as_soon_as_it_is_written() {
    let home = tempfile::tempdir().unwrap();
    let (mut job, until) = waiting_job(home.path(), &["--ignored", "waits"]);
    let mut follower = follow(home.path(), "followed", 0, &[]).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    // The test waits, so nothing more is written: what is printed was not held back.
    let mut before = String::new();
    while !before.contains("\"process\"") {
        before = lines.next().unwrap().unwrap();
    }
    assert!(follower.try_wait().unwrap().is_none());
    fs::write(&until, "").unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert!(rest.last().unwrap().contains("\"job_end\""));
    assert_eq!(follower.wait().unwrap().code(), Some(0));
    job.wait().unwrap();
}

/// Kills the supervisor again and again. A host follows, resumes and asks from the record that it had.
#[test]
fn what_is_followed_across_kills_is_the_journal() {
    let mut random = Random::new();
    let mut killed = 0;
    while killed < kills() {
        let home = tempfile::tempdir().unwrap();
        let mut args = vec!["--results", "results"];
        let mut have: Vec<u8> = Vec::new();
        let mut time = Duration::from_millis(200);
        loop {
            let mut job = start(home.path(), "many", &args);
            wait_until("a journal", || has_journal(home.path()));
            let from = have.iter().filter(|byte| **byte == b'\n').count() as u64;
            let follower = follow(home.path(), "many", from, &[]).spawn().unwrap();
            std::thread::sleep(random.up_to(time));
            let is_over = job.try_wait().unwrap().is_some();
            if !is_over {
                job.kill().unwrap();
                job.wait().unwrap();
                killed += 1;
            }
            let output = follower.wait_with_output().unwrap();
            let (code, stderr) = (
                output.status.code(),
                String::from_utf8(output.stderr).unwrap(),
            );
            have.extend(output.stdout);
            assert!(have.is_empty() || have.ends_with(b"\n"), "half a line");
            assert!(journal(home.path()).starts_with(&have));
            match code {
                Some(0) => break,
                // Killed before its first record.
                Some(2) if have.is_empty() => {
                    fs::remove_dir_all(home.path().join("results")).unwrap();
                }
                // The follower was there before the resumed supervisor, which ended the job.
                Some(6) if has_ended(home.path()) => {
                    let from = have.iter().filter(|byte| **byte == b'\n').count() as u64;
                    let (code, rest) = followed(&mut follow(home.path(), "many", from, &[]));
                    assert_eq!(code, Some(0));
                    have.extend(rest);
                    break;
                }
                Some(6) => args = vec!["--resume", "results", "--attempts", "1000"],
                other => panic!("{other:?}: {stderr}"),
            }
            time += Duration::from_millis(40);
        }
        assert!(have == journal(home.path()));
    }
    eprintln!("killed {killed} times");
}

#[test]
fn a_follower_stays_while_a_resumed_supervisor_writes() {
    let home = interrupted();
    let journal_before = journal(home.path());
    let printed = followed(&mut follow(home.path(), "followed", 0, &[]));
    assert_eq!(printed, (Some(6), journal_before.clone()));
    // Half a line, as a loss of power leaves it.
    let torn = [&journal_before[..], b"{\"seq\":99"].concat();
    fs::write(home.path().join("results/journal.jsonl"), &torn).unwrap();
    let printed = followed(&mut follow(home.path(), "followed", 0, &[]));
    assert_eq!(printed, (Some(6), journal_before));
    let mut resumed = start(home.path(), "followed", &["--resume", "results"]);
    let path = home.path().join("results/journal.jsonl");
    let is_taken = || fs::read(&path).is_ok_and(|journal| contains(&journal, b"\"job_resume\""));
    wait_until("the job is resumed", is_taken);
    let printed = followed(&mut follow(home.path(), "followed", 0, &[]));
    resumed.wait().unwrap();
    assert_eq!(printed, (Some(0), journal(home.path())));
}

pub(super) fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A job whose supervisor a test killed.
pub(super) fn interrupted() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let args = [
        "--results",
        "results",
        "--include-ignored",
        "--skip",
        "waits",
    ];
    let killed = start(home.path(), "followed", &args).wait().unwrap();
    assert_eq!(killed.code(), None);
    wait_until("the guardian ends", || {
        let journal = fs::File::open(home.path().join("results/journal.jsonl")).unwrap();
        journal.try_lock().is_ok()
    });
    home
}

#[test]
fn a_follower_ends_with_its_reader() {
    let home = tempfile::tempdir().unwrap();
    let (mut job, until) = waiting_job(home.path(), &["--ignored", "waits"]);
    for more in [&[][..], &["--files"]] {
        let mut command = follow(home.path(), "followed", 0, more);
        let mut follower = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut stdout = follower.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 100]).unwrap();
        drop(stdout);
        // The job goes on, so only the reader can be why it ends.
        let output = follower.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), &output.stderr[..]),
            (Some(0), &b""[..])
        );
    }
    assert!(job.try_wait().unwrap().is_none());
    fs::write(&until, "").unwrap();
    job.wait().unwrap();
}

/// It is stopped while its reader does not read, and goes on afterwards.
#[test]
fn a_reader_that_rests_gets_everything() {
    let home = job("many", &[]);
    let mut follower = follow(home.path(), "many", 0, &["--files"])
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(100));
    assert!(follower.try_wait().unwrap().is_none());
    let mut stream = Vec::new();
    let mut stdout = follower.stdout.take().unwrap();
    stdout.read_to_end(&mut stream).unwrap();
    assert!(follower.wait().unwrap().success());
    assert!(rebuilt::journal_of(&stream) == journal(home.path()));
}

#[test]
fn waiting_takes_no_processor() {
    let home = tempfile::tempdir().unwrap();
    let (mut job, until) = waiting_job(home.path(), &["--ignored", "waits"]);
    let mut follower = follow(home.path(), "followed", 0, &[]).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(2));
    let stat = fs::read_to_string(format!("/proc/{}/stat", follower.id())).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    assert!(ticks < 20, "{ticks} ticks in 2 s");
    fs::write(&until, "").unwrap();
    job.wait().unwrap();
    follower.wait().unwrap();
}

#[track_caller]
fn check_refused(home: &Path, args: &[&str], expected: &str) {
    let start = Instant::now();
    let output = fixture_command(home, "many").args(args).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        format!("error: {expected}\n")
    );
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn what_is_no_job_is_refused() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join("results")).unwrap();
    let missing = "failed to open the journal `missing/journal.jsonl`: No such file or directory \
                   (os error 2); name the results directory of a job";
    check_refused(home.path(), &["--follow", "missing"], missing);
    fs::write(home.path().join("results/journal.jsonl"), "").unwrap();
    let path = fs::canonicalize(home.path().join("results")).unwrap();
    let no_job = format!("`{}` has no job in its journal", path.display());
    check_refused(home.path(), &["--follow", "results"], &no_job);
    fs::write(home.path().join("results/journal.jsonl"), "{\"seq\":0").unwrap();
    check_refused(home.path(), &["--follow", "results", "--files"], &no_job);
    let requires = "`--from` has an effect only with `--follow`; give both";
    check_refused(home.path(), &["--from", "3"], requires);
    let requires = "`--files` has an effect only with `--follow`; give both";
    check_refused(home.path(), &["--files"], requires);
    let runs = "`--junit` cannot be given with `--follow`: it runs nothing";
    check_refused(home.path(), &["--follow", "results", "--junit"], runs);
    let both = "`--follow` and `--resume` cannot be combined; give one";
    check_refused(home.path(), &["--follow", "x", "--resume", "x"], both);
    let number = "`--from` takes a number from 0, not `-1`";
    check_refused(home.path(), &["--follow", "x", "--from", "-1"], number);
}

#[test]
fn a_job_is_found_by_the_link_to_the_latest() {
    let home = job("many", &["b::t0"]);
    std::os::unix::fs::symlink("results", home.path().join("latest")).unwrap();
    let mut command = fixture_command(home.path(), "many");
    let printed = followed(command.args(["--follow", "latest"]));
    assert_eq!(printed, (Some(0), journal(home.path())));
}

/// Whether the last record of the journal is the end of the job.
pub(super) fn has_ended(home: &Path) -> bool {
    let journal = journal(home);
    let last = journal.split_inclusive(|byte| *byte == b'\n').next_back();
    last.is_some_and(|line| contains(line, b"\"job_end\""))
}
