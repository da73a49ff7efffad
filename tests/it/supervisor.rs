//! What stands in the supervisor's way: limits, stops, debuggers, readers that do not read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use super::binary::{Tree, fixture_command};
use super::interrupts::{send, stat_of, tests_of, wait_until};

const FAULTY: &str = env!("CARGO_BIN_EXE_faulty");

/// Runs a line of shell in which `$FAULTY` is the fixture.
fn shell(home: &Path, script: &str) -> Output {
    let mut command = Command::new("sh");
    command
        .current_dir(home)
        .env("TMPDIR", home)
        .env("FAULTY", FAULTY);
    command.args(["-c", script]).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn is_installed(tool: &str) -> bool {
    let found = shell(Path::new("/"), &format!("command -v {tool}"));
    if !found.status.success() {
        eprintln!("left out: {tool} is not installed");
    }
    found.status.success()
}

#[test]
fn a_run_in_a_new_image_is_one_like_any_other() {
    let select = [
        "says::",
        "raises::",
        "nests::",
        "parts",
        "records::",
        "own_execute",
    ];
    let run = |isolation| {
        let args = [&["--isolation", isolation], &select[..]].concat();
        super::binary::fixture("faulty", &args).expect_code(101)
    };
    let (fork, exec) = (run("fork"), run("exec"));
    assert_eq!(fork.stdout(), exec.stdout());
    assert_eq!(fork.log("status.log"), exec.log("status.log"));
}

#[test]
fn what_can_not_be_removed_is_told() {
    let home = tempfile::tempdir().unwrap();
    let script = "ulimit -n 128; exec $FAULTY --results results --ignored --exact digs_deep";
    let output = shell(home.path(), script);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(
        told.contains("also end: WARN: failed to remove `"),
        "{told}"
    );
}

#[test]
fn what_a_run_in_place_can_not_do_is_told() {
    let args = ["--isolation", "none", "--timeout", "1s", "says::warn"];
    let ran = super::binary::fixture("faulty", &args).expect_code(0);
    assert_eq!(
        ran.stderr(),
        "note: `--timeout` has no effect with `--isolation none`: tests run one at a time in this \
         process, and none is ended early\n"
    );
}

#[test]
fn a_supervisor_with_threads_executes_itself_again() {
    let ran = super::binary::fixture("threaded", &[]).expect_code(101);
    let stdout = ran.stdout();
    assert!(
        stdout.contains("test crashes ... FAILED (ERROR)\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("test is_another_process ... ok\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("test waits_for_another ... ok\n"),
        "{stdout}"
    );
    assert!(
        ran.file("is_another_process/keyval")
            .ends_with("recorded=yes\n")
    );
}

#[test]
fn a_supervisor_with_threads_hears_signals() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "threaded");
    command.args(["--results", "results", "--ignored", "sleeps"]);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("a test runs", || !tests_of(child.id()).is_empty());
    send("-TERM", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    let log = Tree::at(home.path(), "results").log("status.log");
    assert!(log.contains("→END ABORT→sleeps→"), "{log}");
}

#[test]
fn nobody_can_be_a_run_without_a_supervisor() {
    let home = tempfile::tempdir().unwrap();
    let output = shell(home.path(), "exec $FAULTY --autotest-supervised-run");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(
        text(&output).contains("is only for the supervisor"),
        "{output:?}"
    );
}

#[test]
fn few_descriptors_are_enough_and_none_is_told() {
    let home = tempfile::tempdir().unwrap();
    let select = "says:: nests::parent pairs:: parts";
    let script = format!("ulimit -n 32; exec $FAULTY --test-threads 8 --results few {select}");
    let output = shell(home.path(), &script);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let ok = text(&output);
    assert!(ok.contains("test parts ... ok\n"), "{ok}");
    assert!(ok.contains("test nests::parent ... ok\n"), "{ok}");
    let script = format!("ulimit -n 15; exec $FAULTY --results none {select}");
    let output = shell(home.path(), &script);
    let told = text(&output);
    assert!(matches!(output.status.code(), Some(101 | 5)), "{output:?}");
    assert!(told.contains("Too many open files"), "{told}");
}

#[test]
fn a_fork_that_fails_is_an_error_of_its_test_alone() {
    if !is_installed("setpriv") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = "chmod 777 . && exec setpriv --reuid=65533 --clear-groups \
                  prlimit --nproc=1 $FAULTY --results results says::warn parts";
    let output = shell(home.path(), script);
    let told = text(&output);
    if told.contains("setpriv:") {
        eprintln!("left out: another user takes root");
        return;
    }
    assert_eq!(output.status.code(), Some(101), "{told}");
    assert_eq!(
        told.matches("failed to start a process: ").count(),
        2,
        "{told}"
    );
}

#[test]
fn a_reader_that_does_not_read_stops_neither_tests_nor_timeouts() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "faulty");
    command.args(["--results", "results", "--nocapture", "--timeout", "1s"]);
    command.args(["--ignored", "--exact", "prints_much", "sleeps"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let status_log = home.path().join("results/status.log");
    wait_until("the job ends though nobody reads", || {
        fs::read_to_string(&status_log).is_ok_and(|log| log.contains("END GOOD\t----"))
    });
    let log = Tree::at(home.path(), "results").log("status.log");
    assert!(log.contains("→END GOOD→prints_much→"), "{log}");
    assert!(log.contains("timed out after 1s"), "{log}");
    let mut shown = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut shown)
        .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(101));
    assert!(
        shown.contains(" bytes were not shown]\n"),
        "nothing was dropped"
    );
    assert!(
        shown.contains("test sleeps ... FAILED (ERROR)\n"),
        "{}",
        &shown[shown.len() - 2000..]
    );
    assert!(shown.len() < 4 << 20, "{} bytes", shown.len());
}

/// A command that reboots may do so after the job has ended.
#[test]
fn what_the_command_at_the_end_starts_outlives_the_job() {
    let home = tempfile::tempdir().unwrap();
    let mut command = fixture_command(home.path(), "faulty");
    command.args(["--results", "results", "--exact", "parts"]);
    let later = "(sleep 2; touch later) >/dev/null 2>&1 &";
    let output = command.args(["--end-command", later]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    wait_until("the command goes on", || home.path().join("later").exists());
}

/// A terminal, unlike a pipe, is writable before everything that is written has room.
#[test]
fn a_terminal_that_is_not_read_stops_neither_tests_nor_timeouts() {
    let home = tempfile::tempdir().unwrap();
    let (ours, theirs) = super::live::terminal();
    let mut command = fixture_command(home.path(), "faulty");
    command.args(["--results", "results", "--nocapture", "--timeout", "1s"]);
    command.args(["--ignored", "--exact", "prints_much", "sleeps"]);
    let mut child = command.stdout(theirs).spawn().unwrap();
    drop(command);
    let status_log = home.path().join("results/status.log");
    wait_until("the job ends though nobody reads", || {
        fs::read_to_string(&status_log).is_ok_and(|log| log.contains("END GOOD\t----"))
    });
    let shown = super::live::read_to_end(ours);
    assert_eq!(child.wait().unwrap().code(), Some(101));
    assert!(
        shown.contains(" bytes were not shown]"),
        "nothing was dropped"
    );
}

/// Starts a test and waits until it is on.
fn start(home: &Path, test: &str) -> Child {
    let mut command = fixture_command(home, "faulty");
    command.args(["--results", "results", "--ignored", "--exact", test]);
    let child = command.stdout(Stdio::null()).spawn().unwrap();
    wait_until("a test runs", || !tests_of(child.id()).is_empty());
    child
}

fn state(pid: u32) -> String {
    stat_of(pid).swap_remove(0)
}

#[test]
fn what_a_stopped_job_does_not_do_takes_no_time() {
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path(), "takes_a_second");
    let test = tests_of(child.id())[0];
    send("-TSTP", child.id());
    wait_until("both are stopped", || {
        state(child.id()) == "T" && state(test) == "T"
    });
    std::thread::sleep(Duration::from_millis(2500));
    send("-CONT", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_test_that_a_debugger_has_is_not_timed_out() {
    if !is_installed("gdb") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let mut child = start(home.path(), "takes_a_second");
    let test = tests_of(child.id())[0].to_string();
    let mut gdb = Command::new("gdb");
    gdb.args([
        "--batch",
        "-nx",
        "-p",
        &test,
        "-ex",
        "shell sleep 3",
        "-ex",
        "detach",
    ]);
    let gdb = gdb.stdin(Stdio::null()).output().unwrap();
    let code = child.wait().unwrap().code();
    if text(&gdb).contains("not permitted") {
        eprintln!("left out: this machine lets nobody attach");
        return;
    }
    assert_eq!(code, Some(0), "{}", text(&gdb));
}

#[test]
fn a_test_that_reads_the_terminal_is_ended_at_once() {
    if !is_installed("script") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let script = "script -qec '$FAULTY --results results --ignored --exact reads_the_terminal' \
                  /dev/null </dev/null";
    let output = shell(home.path(), script);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(101), "{told}");
    assert!(told.contains("ERROR: tried to use the terminal"), "{told}");
}

#[test]
fn the_time_of_a_job_ends_its_tests_and_writes_all_reports() {
    let args = [
        "--job-timeout",
        "1s",
        "--include-ignored",
        "--exact",
        "sleeps",
        "takes_a_second",
    ];
    let ran = super::binary::fixture("faulty", &args).expect_code(101);
    let log = ran.log("status.log");
    assert!(
        log.contains("ended: the job exceeded its time limit of 1s"),
        "{log}"
    );
    let end = "END ABORT→----→----→timestamp=.→localtime=.→the job exceeded its time limit of 1s\n";
    assert!(log.ends_with(end), "{log}");
    assert!(
        ran.stdout().contains("tests that did not run: 1\n"),
        "{}",
        ran.stdout()
    );
}

/// A shell that executes the binary may have started others before.
#[test]
fn a_process_that_was_there_before_the_job_is_no_tests() {
    let home = tempfile::tempdir().unwrap();
    let script = "sleep 606 >/dev/null 2>&1 & echo $! >before; exec $FAULTY --results results --exact says::warn";
    let output = shell(home.path(), script);
    let before = fs::read_to_string(home.path().join("before")).unwrap();
    let ended = Command::new("kill").arg(before.trim()).status().unwrap();
    let told = text(&output);
    assert!(ended.success(), "it was ended: {told}");
    assert!(!told.contains("left processes behind"), "{told}");
}

#[test]
fn a_command_is_called_once_the_job_has_ended() {
    let home = tempfile::tempdir().unwrap();
    let script = "$FAULTY --results results --exact says::warn --end-command \
                  'cp results/status.log at_the_end'";
    let output = shell(home.path(), script);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let log = fs::read_to_string(home.path().join("at_the_end")).unwrap();
    assert!(log.contains("\nEND GOOD\t----"), "{log}");
    let script = "$FAULTY --results others --exact says::warn --end-command 'exit 7'";
    let output = shell(home.path(), script);
    assert_eq!(output.status.code(), Some(101), "{}", text(&output));
    let told = "error: the command of `--end-command` failed: `exit 7`: exit status: 7\n";
    assert_eq!(String::from_utf8_lossy(&output.stderr), told);
}

/// The control group of a job, where it has one.
fn control_group_of(pid: u32) -> Option<PathBuf> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let mounts = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
    let mut groups = mounts.iter().map(|mount| Path::new(mount).join(group));
    groups.find(|path| group.contains("autotest-") && path.is_dir())
}

/// A job inside of a test has a group there, as programs that a test starts may.
#[test]
fn control_groups_in_that_of_a_job_end_with_it() {
    for signal in ["-TERM", "-KILL"] {
        let home = tempfile::tempdir().unwrap();
        let mut job = start(home.path(), "takes_a_second");
        let Some(group) = control_group_of(job.id()) else {
            println!("left out: no job has a control group here");
            job.wait().unwrap();
            return;
        };
        let innermost = group.join("inner/innermost");
        fs::create_dir_all(&innermost).unwrap();
        let mut member = Command::new("sleep").arg("607").spawn().unwrap();
        fs::write(innermost.join("cgroup.procs"), member.id().to_string()).unwrap();
        send(signal, job.id());
        job.wait().unwrap();
        member.wait().unwrap();
        wait_until("the group is removed", || !group.exists());
    }
}
