//! What tests run and wait for: outputs, failures in words, and nothing that hangs or stays.

use expect_test::expect;

use super::binary::{Ran, fixture, sleepers};

/// The failures as the terminal shows them.
fn failures(ran: &Ran) -> String {
    let stdout = ran.stdout();
    let (_, failures) = stdout.split_once("\nfailures:\n").unwrap();
    let (failures, _) = failures.split_once("\nfailures:\n").unwrap();
    let lines = failures.lines().map(without_measures);
    lines.collect::<Vec<_>>().join("\n")
}

/// A line without times and numbers of attempts.
fn without_measures(line: &str) -> String {
    let is_number = |word: &str| word.parse::<f64>().is_ok();
    let is_time = |word: &str| {
        let unit = ["ms", "s"]
            .into_iter()
            .find_map(|unit| word.strip_suffix(unit));
        unit.is_some_and(is_number) && word != "3600.0s"
    };
    let words = line.split(' ').map(|word| match word.strip_prefix('(') {
        Some(count) if is_number(count) => "(N",
        None if is_time(word) => "N",
        None if word.strip_suffix(',').is_some_and(is_time) => "N,",
        _ => word,
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn programs_run_and_nothing_of_theirs_hangs() {
    let ran = fixture("commands", &["runs::"]).expect_code(0);
    let stdout = ran.stdout();
    assert!(stdout.contains("7 passed"), "{stdout}");
    // A shell that has not become the program yet, or the program.
    assert!(
        stdout.contains("pipes_open: left processes behind: s"),
        "{stdout}"
    );
    assert_eq!(sleepers("4321"), 0);
}

#[test]
fn command_lines_and_outputs_are_logged() {
    let ran = fixture("commands", &["runs::outputs"]).expect_code(0);
    let log = ran.file("runs.outputs_are_texts/debug/runs.outputs_are_texts.DEBUG");
    // The text is behind the time, the level, and the place in the source.
    let lines = log.lines().filter_map(|line| line.splitn(3, "| ").nth(2));
    let lines: Vec<_> = lines.collect();
    expect![[r#"
        running echo out; echo err >&2
        [sh] out
        [sh stderr] err
        sh exited with 0
        running echo a 'b c'
        [echo] a b c
        echo exited with 0
        running echo "$1-$2" 'a b' c
        [sh] a b-c
        sh exited with 0
        running printf "\\377"
        [printf] �
        printf exited with 0"#]]
    .assert_eq(&lines.join("\n"));
}

#[test]
fn failures_say_what_ran_how_it_ended_and_where() {
    let ran = fixture("commands", &["fails::"]).expect_code(101);
    expect![[r#"

        ---- fails::Around stdout ----
        ERROR: `false` exited with 1
            at tests/fixtures/commands.rs:192:33
            see <root>/<results>/fails.Around/debug

        ---- fails::before_the_test_does stdout ----
        FAIL: `sleep 4323` did not end within N, near the test's own timeout
            at tests/fixtures/commands.rs:176:41
            see <root>/<results>/fails.before_the_test_does/debug

        ---- fails::by_a_signal stdout ----
        FAIL: `kill -SEGV $$` was killed by signal 11 (SIGSEGV, a segfault or stack overflow)
            at tests/fixtures/commands.rs:122:35
            see <root>/<results>/fails.by_a_signal/debug

        ---- fails::in_a_box stdout ----
        FAIL: `false` exited with 1
            at tests/fixtures/commands.rs:182:29
            see <root>/<results>/fails.in_a_box/debug

        ---- fails::in_time stdout ----
        FAIL: `trap '' TERM; echo stubborn >&2; sleep 4322; sleep 4322` did not end within N
            stubborn
            at tests/fixtures/commands.rs:170:14
            see <root>/<results>/fails.in_time/debug

        ---- fails::with_a_code stdout ----
        FAIL: `echo no use; for n in $(seq 12); do echo line $n >&2; done; exit 7` exited with 7
            line 3
            line 4
            line 5
            line 6
            line 7
            line 8
            line 9
            line 10
            line 11
            line 12
            at tests/fixtures/commands.rs:116:14
            see <root>/<results>/fails.with_a_code/debug

        ---- fails::with_a_wrong_timeout stdout ----
        FAIL: `true`: expected a length of time such as `90`, `1.5s`, `2m` or `1h`
            at tests/fixtures/commands.rs:149:44
            see <root>/<results>/fails.with_a_wrong_timeout/debug

        ---- fails::without_a_directory stdout ----
        FAIL: `true`: there is no directory `/nonexistent`
            at tests/fixtures/commands.rs:134:56
            see <root>/<results>/fails.without_a_directory/debug

        ---- fails::without_a_program stdout ----
        FAIL: `no-such-program` is not installed: it is not in PATH
            at tests/fixtures/commands.rs:128:50
            see <root>/<results>/fails.without_a_program/debug

        ---- fails::without_an_interpreter stdout ----
        FAIL: `./script` cannot be executed: its interpreter does not exist
            at tests/fixtures/commands.rs:143:32
            see <root>/<results>/fails.without_an_interpreter/debug

        ---- fails::without_json stdout ----
        FAIL: `echo '{'; echo '  "jobs": many'; echo '}'` did not print the expected JSON: expected value at line 2 column 11
            {
              "jobs": many
            }
            at tests/fixtures/commands.rs:156:57
            see <root>/<results>/fails.without_json/debug

        ---- fails::without_output stdout ----
        FAIL: `echo no data >&2` did not print the expected JSON: EOF while parsing a value at line 1 column 0
            no data
            at tests/fixtures/commands.rs:162:51
            see <root>/<results>/fails.without_output/debug"#]]
    .assert_eq(&failures(&ran));
    assert_eq!(sleepers("4322") + sleepers("4323"), 0);
}

#[test]
fn a_program_that_is_not_there_can_be_a_reason_to_skip() {
    let ran = fixture("commands", &["--exact", "skips"]).expect_code(0);
    let reason = "ok (TEST_NA: `no-such-program` is not installed: it is not in PATH)";
    assert!(ran.stdout().contains(reason), "{}", ran.stdout());
}

#[test]
fn programs_beside_a_test_end_with_it() {
    let ran = fixture("commands", &["spawns::"]).expect_code(101);
    expect![[r#"

        ---- spawns::ends_are_noticed stdout ----
        FAIL: `echo last words; exit 3` exited with 3 and did not write a line with `ready`
            last words
            at tests/fixtures/commands.rs:231:16
            see <root>/<results>/spawns.ends_are_noticed/debug

        ---- spawns::it_ends_with_a_test_that_crashes stdout ----
        ERROR: killed by signal 6 (SIGABRT, an abort)
            also end: WARN: left processes behind: sleep (.)
            see <root>/<results>/spawns.it_ends_with_a_test_that_crashes/debug

        ---- spawns::it_ends_with_a_test_that_panics stdout ----
        FAIL: Unhandled panic: gave up
            at tests/fixtures/commands.rs:268:9
            see <root>/<results>/spawns.it_ends_with_a_test_that_panics/debug"#]]
    .assert_eq(&failures(&ran));
    assert_eq!(sleepers("4324") + sleepers("4325"), 0);
}

#[test]
fn waiting_ends_with_its_reason_before_the_test_does() {
    let ran = fixture("commands", &["waits::"]).expect_code(101);
    expect![[r#"

        ---- waits::asleep stdout ----
        FAIL: woke up after N of 3600.0s, near the test's own timeout
            at tests/fixtures/commands.rs:318:12
            see <root>/<results>/waits.asleep/debug

        ---- waits::in_vain stdout ----
        FAIL: gave up waiting until the file is there after N (N attempt): failed to open file `/nonexistent`: No such file or directory (os error 2)
            at tests/fixtures/commands.rs:296:12
            see <root>/<results>/waits.in_vain/debug

        ---- waits::until_the_test_is_over stdout ----
        FAIL: gave up waiting until the link is up after N (N attempts), near the test's own timeout: no carrier
            at tests/fixtures/commands.rs:312:12
            see <root>/<results>/waits.until_the_test_is_over/debug"#]].assert_eq(&failures(&ran));
}
