//! The reader itself: the parser was given such logs, and these rows (or nothing) came out.

use super::machine::Machine;

/// Reads a log whose tabs are arrows; each line gets a time. The rows, or what was fatal.
fn read(log: &str) -> Result<String, String> {
    let log = log
        .replace('→', "\t")
        .replace("@", "timestamp=1700000020\t");
    let rows = Machine::default().read(&log).map_err(|fatal| fatal.0)?;
    let rows: Vec<_> = rows.iter().map(ToString::to_string).collect();
    Ok(rows.join("\n"))
}

#[track_caller]
fn check(log: &str, rows: &[&str]) {
    assert_eq!(read(log), Ok(rows.join("\n")), "{log}");
}

#[track_caller]
fn check_fatal(log: &str, why: &str) {
    let fatal = read(log).unwrap_err();
    assert!(fatal.contains(why), "{fatal}");
}

/// The lines of a test's group, within a job.
#[track_caller]
fn check_test(lines: &str, rows: &[&str]) {
    let log = format!("START→----→----→@\n{lines}END GOOD→----→----→@\n");
    let rows = [&["- | CLIENT_JOB.0 | GOOD | "], rows].concat();
    check(&log, &rows);
}

#[test]
fn a_log_that_was_cut_off_is_aborted() {
    check(
        "START→----→----→@\n→START→a→a→@\n",
        &[
            "- | CLIENT_JOB.0 | ABORT | Job aborted unexpectedly",
            "a | a | ABORT | Job aborted unexpectedly",
        ],
    );
}

#[test]
fn a_log_that_was_cut_off_behind_an_extra_line_is_fatal() {
    check_fatal(
        "START→----→----→@\n→START→a→a→@\n→→FAIL→a→a→@one\n  two\n",
        "last line",
    );
}

#[test]
fn extra_lines_are_passed_over() {
    check_test(
        "→START→a→a→@\n→→FAIL→a→a→@one\n  two\n→END FAIL→a→a→@\n",
        &["a | a | FAIL | one"],
    );
}

#[test]
fn a_reason_that_looks_like_a_field_is_lost() {
    check_test(
        "→START→t→t→@\n→→FAIL→t→t→@rc=1 boom\n→END FAIL→t→t→@\n",
        &["t | t | FAIL | "],
    );
    check_test(
        "→START→t→t→@\n→→FAIL→t→t→@got rc=1 boom\n→END FAIL→t→t→@\n",
        &["t | t | FAIL | got rc=1 boom"],
    );
}

#[test]
fn a_nested_test_worsens_its_parent_and_has_no_row() {
    check_test(
        "→START→p→p→@\n→→START→p/c→c→@\n→→→FAIL→p/c→c→@inner bad\n→→END FAIL→p/c→c→@\n\
         →→GOOD→p→p→@completed successfully\n→END GOOD→p→p→@\n",
        &["p | p | FAIL | inner bad"],
    );
}

#[test]
fn a_group_is_named_after_itself_and_placed_where_its_last_test_was() {
    check_test(
        "→START→----→mygroup→@\n→→START→a→a→@\n→→→GOOD→a→a→@ok\n→→END GOOD→a→a→@\n\
         →END GOOD→----→mygroup→@\n",
        &["a | mygroup | GOOD | ok"],
    );
}

#[test]
fn a_test_without_a_job_is_at_the_margin_or_none() {
    check("→START→t→t→@\n→→GOOD→t→t→@ok\n→END GOOD→t→t→@\n", &[]);
    check(
        "START→t→t→@\n→GOOD→t→t→@ok\nEND GOOD→t→t→@\n",
        &["t | t | GOOD | ok"],
    );
}

#[test]
fn a_line_without_a_group_is_a_test() {
    check_test(
        "→GOOD→t→t→@ok\n→FAIL→u→u.op→@bad\n",
        &["t | t | GOOD | ok", "u | u.op | FAIL | bad"],
    );
}

#[test]
fn an_unknown_status_is_fatal() {
    check_fatal("START→----→----→@\n→BOGUS→t→t→@\n", "BOGUS");
    check_fatal("START→----→----→@\n→END START→t→t→@\n", "START");
}

#[test]
fn a_timestamp_that_is_no_number_is_fatal_and_none_is_not() {
    check_fatal("START→----→----→timestamp=abc→\n", "abc");
    check_test(
        "→START→t→t→\n→→GOOD→t→t→ok\n→END GOOD→t→t→\n",
        &["t | t | GOOD | ok"],
    );
}

#[test]
fn an_aborted_job_says_why() {
    let aborted = "- | CLIENT_JOB.0 | ABORT | job blew up";
    check(
        "START→----→----→@\n→ABORT→----→----→@job blew up\nEND ABORT→----→----→@job blew up\n",
        &[aborted],
    );
    check(
        "START→----→----→@\nEND ABORT→----→----→@job blew up\n",
        &[aborted],
    );
}

#[test]
fn a_line_without_its_third_tab_is_passed_over() {
    check_test("→START→t→t\n→→GOOD→t→t→@ok\n→END GOOD→t→t→@\n", &[]);
}

#[test]
fn a_reboot_is_numbered() {
    check_test(
        "→START→----→reboot→@\n→→GOOD→----→reboot→@x\n→END GOOD→----→reboot→@\n",
        &["- | boot.0 | GOOD | x"],
    );
}

#[test]
fn the_worst_status_stays_with_its_reason() {
    check_test(
        "→START→t→t→@\n→→WARN→t→t→@careful\n→→GOOD→t→t→@ok\n→END GOOD→t→t→@\n",
        &["t | t | WARN | careful"],
    );
    check_test(
        "→START→t→t→@\n→→FAIL→t→t→@bad\n→END GOOD→t→t→@\n",
        &["t | t | FAIL | bad"],
    );
    check_test(
        "→START→t→t→@\n→END ERROR→t→t→@group err\n",
        &["t | t | ERROR | group err"],
    );
}

#[test]
fn reasons_are_sorted_and_said_once() {
    check_test(
        "→START→t→t→@\n→→FAIL→t→t→@b\n→→FAIL→t→t→@a is bad\n→→FAIL→t→t→@bad\n→END FAIL→t→t→@\n",
        &["t | t | FAIL | a is bad"],
    );
    check_test(
        "→START→t→t→@\n→→WARN→t→t→@later\n→→ERROR→t→t→@earlier\n→END ERROR→t→t→@\n",
        &["t | t | ERROR | earlier, later"],
    );
}

#[test]
fn what_is_indented_too_far_is_passed_over() {
    check_test(
        "→START→t→t→@\n→→→FAIL→t→t→@deep\n→→GOOD→t→t→@ok\n→→→END FAIL→t→t→@\n→END GOOD→t→t→@\n",
        &["t | t | GOOD | ok"],
    );
}

#[test]
fn what_is_not_indented_far_enough_aborts_what_is_open() {
    check(
        "START→----→----→@\n→START→t→t→@\nFAIL→t→t→@low\n",
        &[
            "- | CLIENT_JOB.0 | RUNNING | ",
            "t | t | ABORT | low",
            "t | CLIENT_JOB.0 | ABORT | low",
            "t | t | FAIL | low",
        ],
    );
}

#[test]
fn carriage_returns_with_a_nul_are_taken_out() {
    check_test(
        "→START→t→t→@\n→→GOOD→t→t→@ok\r\0x\n→END GOOD→t→t→@\n",
        &["t | t | GOOD | okx"],
    );
}

#[test]
fn a_test_may_come_twice_and_so_may_a_job() {
    let twice = "→START→t→t→@\n→→GOOD→t→t→@ok\n→END GOOD→t→t→@\n\
                 →START→t→t→@\n→→FAIL→t→t→@x\n→END FAIL→t→t→@\n";
    check_test(twice, &["t | t | GOOD | ok", "t | t | FAIL | x"]);
    check(
        "START→----→----→@\nEND GOOD→----→----→@\nSTART→----→----→@\nEND GOOD→----→----→@\n",
        &["- | CLIENT_JOB.0 | GOOD | ", "- | CLIENT_JOB.1 | GOOD | "],
    );
}
