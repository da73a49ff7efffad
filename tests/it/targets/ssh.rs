//! A target behind a real SSH server.

mod server;

use std::time::Duration;

use super::super::interrupts::wait_until;
use super::Lab;
use super::lab::{SELECTED, assert_same_results, finals, verdicts};
use server::Server;

/// A lab with the target `board` behind a server; `None` where none is installed.
fn lab() -> Option<(Lab, Server)> {
    let lab = Lab::new();
    let server = Server::start(&lab)?;
    lab.add_target("board", &server.address(), &server.options());
    Some((lab, server))
}

#[test]
fn a_run_is_what_it_is_at_home_and_the_suite_is_copied_once() {
    let Some((lab, _server)) = lab() else { return };
    let args = [&["--"], SELECTED].concat();
    let ran = lab.run("faulty", &["board"], &args).expect_code(101);
    assert!(
        ran.stderr.starts_with("note: copied 1 file, "),
        "{}",
        ran.stderr
    );
    assert_same_results(&lab.results(), &lab.at_home("faulty", SELECTED));
    assert_eq!(lab.jobs_on("board"), Vec::<std::path::PathBuf>::new());
    std::fs::remove_dir_all(lab.host().join("results")).unwrap();
    let again = lab.run("faulty", &["board"], &args).expect_code(101);
    assert_eq!(again.stderr, "");
}

/// A job that takes a few seconds.
const LONG: &[&str] = &["--iterations", "15"];

/// The campaign cuts more often.
#[test]
fn a_connection_that_is_cut_again_and_again_loses_nothing() {
    let Some((lab, server)) = lab() else { return };
    let wanted = std::env::var("AUTOTEST_CUTS").map_or(6, |cuts| cuts.parse().unwrap());
    let args = [&["--"], LONG].concat();
    let mut child = lab.command("many", &["board"], &args).spawn().unwrap();
    lab.wait_for("board", "test_start");
    let mut cuts = 0;
    while cuts < wanted && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(fastrand::u64(0..600)));
        cuts += server.cut();
    }
    let ran = lab.end(child);
    println!("{cuts} processes of connections killed");
    let ran = ran.expect_code(101);
    assert!(
        cuts > 0 && ran.stderr.contains("note: connected again"),
        "{}",
        ran.stderr
    );
    let here = lab.at_home("many", LONG);
    assert_same_results(&lab.results(), &here);
    assert_eq!(verdicts(&lab.results().jobdir()), verdicts(&here.jobdir()));
}

#[test]
fn a_supervisor_that_is_killed_is_resumed() {
    let Some((lab, _server)) = lab() else { return };
    let args = [&["--"], LONG].concat();
    let child = lab.command("many", &["board"], &args).spawn().unwrap();
    for count in 1..=3 {
        let text = format!("\"seq\":{},", 400 * count);
        lab.kill_supervisor(&lab.wait_for("board", &text));
    }
    let ran = lab.end(child).expect_code(101);
    assert_eq!(
        ran.stderr
            .matches("the job was interrupted; it goes on")
            .count(),
        3,
        "{}",
        ran.stderr
    );
    let here = lab.at_home("many", LONG);
    assert_eq!(finals(&lab.results()), finals(&here));
}

#[test]
fn a_host_that_is_killed_leaves_no_connection() {
    let Some((lab, _server)) = lab() else { return };
    let args = [&["--"], LONG].concat();
    let mut command = lab.command("many", &["board"], &args);
    let temporary = lab.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let mut host = command.env("TMPDIR", &temporary).spawn().unwrap();
    lab.wait_for("board", "test_end");
    let connection = |(_, line): &(u32, String)| line.starts_with("ssh ") && line.contains(" -M ");
    assert_eq!(
        lab.processes_of_host()
            .iter()
            .filter(|it| connection(it))
            .count(),
        1
    );
    host.kill().unwrap();
    host.wait().unwrap();
    wait_until("no connection", || {
        !lab.processes_of_host().iter().any(connection)
    });
    wait_until("no socket", || {
        std::fs::read_dir(&temporary).unwrap().count() == 0
    });
    let mut attach = lab.tool();
    lab.end(attach.args(["attach", "results"]).spawn().unwrap())
        .expect_code(101);
    let here = lab.at_home("many", LONG);
    assert_eq!(finals(&lab.results()), finals(&here));
}

#[test]
fn what_is_wrong_with_a_connection_is_told_at_once() {
    let lab = Lab::new();
    let Some(server) = Server::start(&lab) else {
        return;
    };
    let told = |name: &str, address: &str, options: &str| {
        lab.add_target(name, address, options);
        let ran = lab.run("faulty", &[name], &["--", "parts"]).expect_code(1);
        assert!(!lab.host().join("results").exists());
        ran.stderr
    };
    let address = server.address();
    let user = address.split(['@', ':']).nth(1).unwrap();
    let key = told("key", &address, &server.options_with_key("other"));
    assert_eq!(
        key,
        format!("error: key: {user}@127.0.0.1: Permission denied (publickey).\n")
    );
    let known = lab.path("sshd/known");
    std::fs::write(&known, "").unwrap();
    let unknown = told("unknown", &address, &server.options());
    assert_eq!(unknown, "error: unknown: Host key verification failed.\n");
    let refused = told("refused", "ssh:127.0.0.1:1", "");
    assert_eq!(
        refused,
        "error: refused: ssh: connect to host 127.0.0.1 port 1: Connection refused\n"
    );
}

#[test]
fn a_target_without_a_shell_is_told() {
    let lab = Lab::new();
    let force = "ForceCommand echo This account is currently not available.; exit 1";
    let Some(server) = Server::start_with(&lab, force) else {
        return;
    };
    lab.add_target("board", &server.address(), &server.options());
    let ran = lab
        .run("faulty", &["board"], &["--", "parts"])
        .expect_code(1);
    let expected =
        "error: board: the target did not answer: This account is currently not available.\n";
    assert_eq!(ran.stderr, expected);
}

#[test]
fn a_connection_that_is_cut_while_the_suite_is_copied_is_made_again() {
    let Some((lab, server)) = lab() else { return };
    let mut child = lab
        .command("many", &["board"], &["--", "a::"])
        .spawn()
        .unwrap();
    let start = std::time::Instant::now();
    let is_copying = || {
        let store = std::fs::read_dir(lab.path("board/store"));
        store.is_ok_and(|mut files| files.next().is_some())
    };
    while !is_copying() {
        assert!(start.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(1));
    }
    for _ in 0..3 {
        server.cut();
        std::thread::sleep(Duration::from_millis(fastrand::u64(20..400)));
    }
    let _ = child.try_wait();
    lab.end(child).expect_code(101);
    assert_eq!(verdicts(&lab.results().jobdir()).len(), 20);
}

/// A shell at login that says something to everybody.
#[test]
fn a_greeting_is_no_answer() {
    let lab = Lab::new();
    let greeting = "ForceCommand echo Welcome; echo to all; eval \"$SSH_ORIGINAL_COMMAND\"";
    let Some(server) = Server::start_with(&lab, greeting) else {
        return;
    };
    lab.add_target("board", &server.address(), &server.options());
    lab.run("many", &["board"], &["--", "a::"]).expect_code(101);
    assert_eq!(verdicts(&lab.results().jobdir()).len(), 20);
}
