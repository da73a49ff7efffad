//! Whatever a test does, the job continues and reports it.

use expect_test::expect;

use super::binary::{Ran, example, sleepers};

/// What `fills_a_disk` comes to where it can have a tmpfs, which takes root.
const NO_SPACE: &str = "changes::fills_a_disk: FAILED (FAIL) FAIL: Unhandled io::Error: \
                        No space left on device (os error 28)\n";

/// The line of each test, and the reason of each that failed.
fn verdicts(ran: &Ran) -> String {
    // A process may be caught between fork and exec, when it still has its parent's name.
    let caught = ["sh (.)", "setsid (.)"];
    let stdout = caught.iter().fold(ran.stdout(), |text, name| {
        text.replace(&format!(": {name}"), ": sleep (.)")
    });
    // Nobody knows how many copies of itself a process makes before it is caught.
    let stdout = stdout.replace(", hostile (.)", "");
    let mut text = String::new();
    for line in stdout
        .lines()
        .filter(|line| line.starts_with("test ") && line.contains(" ... "))
    {
        let (name, word) = line["test ".len()..].split_once(" ... ").unwrap();
        let reason = stdout
            .split_once(&format!("---- {name} stdout ----\n"))
            .map_or("", |(_, rest)| rest.lines().next().unwrap_or_default());
        if word.contains("no tmpfs of its own can be had") {
            eprintln!("left out: fills_a_disk, since a tmpfs takes root");
            text.push_str(NO_SPACE);
            continue;
        }
        text.push_str(format!("{name}: {word} {reason}").trim_end());
        text.push('\n');
    }
    text
}

#[test]
fn hostile_tests_get_true_verdicts_and_harm_no_other() {
    let ran = example("hostile", &["--junit", "--tap"]).expect_code(101);
    expect![[r#"
        a_innocent: ok
        changes::a_million_keyvals: ok
        changes::directory_umask_and_environment: ok
        changes::fills_a_disk: FAILED (FAIL) FAIL: Unhandled io::Error: No space left on device (os error 28)
        changes::its_output_directory_away: ok
        changes::limits_of_files: ok
        crashes::abort: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        crashes::exit_0: FAILED (ERROR) ERROR: ended without an outcome: exit status 0
        crashes::exit_3: FAILED (ERROR) ERROR: ended without an outcome: exit status 3
        crashes::kills_its_group: FAILED (ERROR) ERROR: killed by signal 9 (SIGKILL)
        crashes::kills_itself: FAILED (ERROR) ERROR: killed by signal 9 (SIGKILL)
        crashes::null_dereference: FAILED (ERROR) ERROR: killed by signal 11 (SIGSEGV, a segfault or stack overflow)
        crashes::out_of_memory: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        crashes::panics_in_a_thread: FAILED (FAIL) FAIL: Unhandled panic: called `Result::unwrap()` on an `Err` value: Any { .. }
        crashes::panics_while_panicking: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        crashes::stack_overflow: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        crashes::with_cleanup: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        disconnects::a_copy_speaks_for_it: FAILED (ERROR) ERROR: ended without an outcome: exit status 0
        disconnects::closes_everything: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        disconnects::closes_the_event_pipe: FAILED (ERROR) ERROR: killed by signal 6 (SIGABRT, an abort)
        disconnects::writes_garbage: FAILED (ERROR) ERROR: ended without an outcome: exit status 0
        leaves::a_child: ok (WARN: left processes behind: sleep (.))
        leaves::a_daemon: ok (WARN: left processes behind: sleep (.))
        leaves::a_daemon_that_starts_itself_again: ok (WARN: left processes behind: hostile (.))
        leaves::a_grandchild: ok (WARN: left processes behind: sleep (.))
        loops::blocks_all_signals: FAILED (ERROR) ERROR: timed out after 1s
        loops::endless: FAILED (ERROR) ERROR: timed out after 1s
        loops::ignores_sigterm: FAILED (ERROR) ERROR: timed out after 1s
        loops::leaves_its_group: FAILED (ERROR) ERROR: timed out after 1s
        loops::makes_the_supervisor_its_tracer: FAILED (ERROR) ERROR: timed out after 1s
        loops::stops_itself: FAILED (ERROR) ERROR: was stopped by signal 19 (SIGSTOP)
        loops_innocent: ok
        prints::no_text: FAILED (FAIL) FAIL: ?[31mred?[0m
        prints::too_much: ok
        z_innocent: ok
    "#]].assert_eq(&verdicts(&ran));
    check_log(&ran);
    super::tko::check_tree(&ran.jobdir());
    assert_eq!(ran.left_in_tmp(), Vec::<String>::new());
    assert_eq!(sleepers("600"), 0, "processes were left behind");
    let output = std::fs::metadata(ran.jobdir().join("prints.too_much/debug/stdout")).unwrap();
    assert!(
        output.len() < 9 << 20,
        "{} bytes of output were kept",
        output.len()
    );
    assert_eq!(
        ran.file("crashes.with_cleanup/debug/stdout"),
        "going down\nreleased \"/dev/ttyUSB0\" after execute, recovery: true\n"
    );
    let keyval = ran.file("changes.its_output_directory_away/keyval");
    assert!(
        keyval.ends_with(
            "after=removal
"
        ),
        "{keyval}"
    );
    assert!(
        ran.file("changes.limits_of_files/keyval")
            .contains("still=recorded\n")
    );
    super::replay::check_replay(&ran, |args| example("hostile", args));
    let keyvals = ran.file("changes.a_million_keyvals/keyval");
    assert_eq!(keyvals.lines().count(), 1_000_001);
}

/// Every START has its END, and a test's END is where its START was.
fn check_log(ran: &Ran) {
    let log = ran.file("status.log").replace("=.", "=5");
    let mut open = Vec::new();
    for (indent, entry) in autotest::status::parse_log(&log).unwrap() {
        match entry.code() {
            autotest::Code::Start => open.push((indent, entry.subdir().map(str::to_owned))),
            autotest::Code::End(_) => {
                let start = open.pop();
                assert_eq!(start, Some((indent, entry.subdir().map(str::to_owned))));
            }
            autotest::Code::Info | autotest::Code::Status(_) => {}
        }
    }
    assert_eq!(open, []);
}
