//! `--follow --files`: the tree that a host makes of the stream is the job's.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::time::Duration;

use autotest_report::wire::End;
use expect_test::expect;

use super::rebuilt::{Host, check_same};
use super::{follow, followed, has_journal, interrupted, job, journal, start, waiting_job};
use crate::interrupts::wait_until;
use crate::random::Random;
use crate::resume::kills;

/// Follows a job that has ended, and makes its tree.
#[track_caller]
fn rebuild(home: &Path, fixture: &str, expected: End) -> Host {
    let mut host = Host::new(&home.join("host"));
    let (_, stream) = followed(&mut follow(home, fixture, 0, &["--files"]));
    assert_eq!(host.take(&stream), Some(expected));
    host
}

#[test]
fn the_tree_is_the_jobs_whatever_tests_put_into_it() {
    let home = job("followed", &["--sysinfo", "--junit", "--tap", "--html"]);
    let host = rebuild(home.path(), "followed", End::Ended);
    check_same(&home.path().join("results"), &host);
    assert_eq!(host.journal, journal(home.path()));
    let mut told = String::new();
    for (path, reason) in &host.left_out {
        let path = path.to_string_lossy().replace("/d/d/d/d", "/…");
        let path = path.replace("/…/…/…/…/…/…", "");
        told.push_str(&format!("{path}: {reason}\n"));
    }
    expect![[r#"
        b_no_files/results/fifo: it is a named pipe
        b_no_files/results/socket: it is a socket
        d_deep/results/…/d/d/d: what is in it is nested too deeply
    "#]]
    .assert_eq(&told);
    let often: BTreeMap<_, _> = host.sent.iter().filter(|(_, times)| **times > 1).collect();
    assert_eq!(often, BTreeMap::new());
}

#[test]
fn the_tree_of_a_job_that_is_followed_while_it_runs_is_the_jobs() {
    for args in [
        &[][..],
        &["--test-threads", "4", "--tap", "--junit", "--html"],
    ] {
        let home = tempfile::tempdir().unwrap();
        let args = [&["--results", "results"], args].concat();
        let mut job = start(home.path(), "many", &args);
        wait_until("a journal", || has_journal(home.path()));
        let host = rebuild(home.path(), "many", End::Ended);
        job.wait().unwrap();
        check_same(&home.path().join("results"), &host);
    }
}

#[test]
fn files_are_sent_before_the_record_that_they_belong_to_and_not_after_it() {
    let home = job("followed", &["--ignored", "slow"]);
    let journal = journal(home.path());
    let lines: Vec<&[u8]> = journal.split_inclusive(|byte| *byte == b'\n').collect();
    for from in 0..=lines.len() {
        let mut host = Host::new(&home.path().join(format!("host-{from}")));
        let stream = followed(&mut follow(
            home.path(),
            "followed",
            from as u64,
            &["--files"],
        ))
        .1;
        // A reader that has the records before has their files, too.
        for line in &lines[..from] {
            host.take(line);
        }
        assert_eq!(host.take(&stream), Some(End::Ended));
        let stdout = |path: &&std::path::PathBuf| path.ends_with("debug/stdout");
        let sent = host.sent.keys().filter(stdout).count();
        let is_end = |line: &&&[u8]| super::contains(line, b"\"test_end\"");
        let left = lines[from..].iter().filter(is_end).count();
        assert_eq!(sent, left, "from {from}");
        let is_last = from == lines.len();
        assert_eq!(host.sent.contains_key(Path::new("status.log")), !is_last);
    }
}

#[test]
fn an_interrupted_job_has_the_files_of_its_attempts_once_it_is_resumed() {
    let home = interrupted();
    let mut host = Host::new(&home.path().join("host"));
    let (code, stream) = followed(&mut follow(home.path(), "followed", 0, &["--files"]));
    assert_eq!(
        (code, host.take(&stream)),
        (Some(6), Some(End::Interrupted))
    );
    let mut resumed = start(home.path(), "followed", &["--resume", "results"]);
    resumed.wait().unwrap();
    let from = host.next_seq();
    let (code, stream) = followed(&mut follow(home.path(), "followed", from, &["--files"]));
    assert_eq!((code, host.take(&stream)), (Some(0), Some(End::Ended)));
    check_same(&home.path().join("results"), &host);
    let attempt = home
        .path()
        .join("host/kills_the_supervisor_once.attempt-1/results/attempt");
    assert!(attempt.exists());
}

/// The supervisor and the follower are killed again and again; streams are cut anywhere.
#[test]
fn the_tree_is_the_jobs_however_often_everything_is_killed() {
    let mut random = Random::new();
    let mut killed = 0;
    while killed < kills() / 2 {
        let home = tempfile::tempdir().unwrap();
        let mut host = Host::new(&home.path().join("host"));
        let mut args = vec!["--results", "results"];
        let mut time = Duration::from_millis(300);
        loop {
            let mut job = start(home.path(), "many", &args);
            wait_until("a journal", || has_journal(home.path()));
            let mut command = follow(home.path(), "many", host.next_seq(), &["--files"]);
            let follower = command.spawn().unwrap();
            std::thread::sleep(random.up_to(time));
            let is_cut = random.below(2) == 0;
            if job.try_wait().unwrap().is_none() {
                job.kill().unwrap();
                killed += 1;
            }
            job.wait().unwrap();
            let mut stream = follower.wait_with_output().unwrap().stdout;
            if is_cut {
                stream.truncate(random.below(stream.len() as u64 + 1) as usize);
            }
            match host.take(&stream) {
                Some(End::Ended) => break,
                Some(End::Interrupted) => {}
                None if stream.is_empty() && host.next_seq() == 0 => {
                    if super::contains(&journal(home.path()), b"\n") {
                        args = vec!["--resume", "results", "--attempts", "1000"];
                    } else {
                        fs::remove_dir_all(home.path().join("results")).unwrap();
                    }
                    continue;
                }
                None => {}
            }
            args = vec!["--resume", "results", "--attempts", "1000"];
            if super::has_ended(home.path()) {
                // The supervisor has nothing more to do; the reader asks for what it does not have.
                let from = host.next_seq();
                let stream = followed(&mut follow(home.path(), "many", from, &["--files"])).1;
                assert_eq!(host.take(&stream), Some(End::Ended));
                break;
            }
            time += Duration::from_millis(60);
        }
        assert!(host.journal == journal(home.path()));
        check_same(&home.path().join("results"), &host);
    }
    eprintln!("killed {killed} times");
}

#[test]
fn a_host_that_hears_nothing_else_gets_signs_of_life() {
    let home = tempfile::tempdir().unwrap();
    let (mut job, until) = waiting_job(home.path(), &["--ignored", "waits"]);
    let mut command = follow(home.path(), "followed", 0, &["--files"]);
    let mut follower = command.spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    for _ in 0..2 {
        let mut lines = lines.by_ref().map(Result::unwrap);
        assert!(lines.any(|line| line == "{\"alive\":{}}"));
    }
    std::fs::write(until, "").unwrap();
    assert!(job.wait().unwrap().success());
    let last = lines.last().unwrap().unwrap();
    assert_eq!(last, "{\"end\":\"ended\"}");
    assert!(follower.wait().unwrap().success());
}

#[test]
fn a_file_that_is_written_while_it_is_sent_is_sent_again_at_the_end() {
    let home = tempfile::tempdir().unwrap();
    let args = ["--include-ignored", "waits", "a_odd", "--test-threads", "2"];
    let (mut job, until) = waiting_job(home.path(), &args);
    let command = &mut follow(home.path(), "followed", 0, &["--files"]);
    let follower = command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(200));
    fs::write(&until, "").unwrap();
    let stream = follower.wait_with_output().unwrap().stdout;
    job.wait().unwrap();
    let mut host = Host::new(&home.path().join("host"));
    assert_eq!(host.take(&stream), Some(End::Ended));
    check_same(&home.path().join("results"), &host);
}
