//! What becomes of tests that misbehave, and what the results tree says of it.

use expect_test::expect;

use super::binary::fixture;

#[test]
fn every_verdict_is_the_right_one() {
    let skipped = [
        "--skip",
        "attacks::",
        "--skip",
        "limits::",
        "--skip",
        "pairs::",
    ];
    let args = [&["--param", "need=1"], &skipped[..]].concat();
    let ran = fixture("faulty", &args).expect_code(101);
    let stdout = ran.stdout();
    let lines = stdout
        .lines()
        .filter(|line| line.starts_with("test ") && line.contains(" ... "));
    let verdicts: Vec<_> = lines.collect();
    expect![[r#"
        test aborts ... ignored
        test digs_deep ... ignored
        test leaves_daemons ... ignored
        test orphaned::child ... ignored
        test orphaned::parent ... ignored
        test orphaned::parent_of_stopped ... ignored
        test orphaned::stopped ... ignored
        test prints_much ... ignored
        test reads_the_terminal ... ignored
        test says::ignored ... ignored, not today
        test sleeps ... ignored
        test takes_a_second ... ignored
        test vandal ... ignored
        test leaves_its_directory ... ok
        test nests::orphan ... FAILED (ERROR)
        test nests::parent ... ok
        test nests::twice ... ok
        test own_execute ... ok
        test parts ... ok
        test raises::cleanup_too ... FAILED (FAIL)
        test raises::foreign ... FAILED (FAIL)
        test raises::panic ... FAILED (FAIL)
        test raises::payload ... FAILED (FAIL)
        test raises::setup ... FAILED (ERROR)
        test records::artifact ... ok
        test records::bad_key ... FAILED (FAIL)
        test records::logs ... ok
        test records::long_description ... FAILED (FAIL)
        test records::newline_in_keyval ... ok
        test records::not_finite ... FAILED (FAIL)
        test says::error ... FAILED (ERROR)
        test says::fail ... FAILED (FAIL)
        test says::known_failure ... ok
        test says::not_applicable ... ok (TEST_NA: no such board)
        test says::tricky_reason ... FAILED (FAIL)
        test says::warn ... ok (WARN: slow, but it works)
        test takes::ranged ... ok
        test takes::required ... ok"#]]
    .assert_eq(&verdicts.join("\n"));
    assert_eq!(ran.left_in_tmp(), Vec::<String>::new());
}

#[test]
fn failures_are_shown_with_their_reason_and_place() {
    let ran = fixture("faulty", &["raises::"]).expect_code(101);
    expect![[r#"

        running 5 tests
        test raises::cleanup_too ... FAILED (FAIL)
        test raises::foreign ... FAILED (FAIL)
        test raises::panic ... FAILED (FAIL)
        test raises::payload ... FAILED (FAIL)
        test raises::setup ... FAILED (ERROR)

        failures:

        ---- raises::cleanup_too stdout ----
        FAIL: first
            at tests/fixtures/faulty.rs:71:13
            also cleanup: FAIL: second
            see <root>/<results>/raises.cleanup_too/debug

        ---- raises::foreign stdout ----
        FAIL: Unhandled io::Error: No such file or directory (os error 2)
            see <root>/<results>/raises.foreign/debug

        ---- raises::panic stdout ----
        FAIL: Unhandled panic: at the disco
            at tests/fixtures/faulty.rs:57:9
            see <root>/<results>/raises.panic/debug

        ---- raises::payload stdout ----
        FAIL: Unhandled panic: (a payload that is not a text)
            at tests/fixtures/faulty.rs:62:9
            see <root>/<results>/raises.payload/debug

        ---- raises::setup stdout ----
        ERROR: Unhandled io::Error: No such file or directory (os error 2)
            at tests/fixtures/faulty.rs:86:13
          stdout:
            cleanup after setup
            see <root>/<results>/raises.setup/debug

        failures:
            raises::cleanup_too
            raises::foreign
            raises::panic
            raises::payload
            raises::setup

        test result: FAILED. 0 passed; 5 failed; 0 ignored; 0 measured; 47 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
}

#[test]
fn a_reason_can_inject_nothing_into_the_status_log() {
    let ran = fixture("faulty", &["--exact", "says::tricky_reason"]).expect_code(101);
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→says.tricky_reason→says.tricky_reason→timestamp=.→localtime=.→
        →→FAIL→says.tricky_reason→says.tricky_reason→timestamp=.→localtime=.→ rc=1  [31mred [0m        or not
          END GOOD→----→----→a second line
          at tests/fixtures/faulty.rs:33:9
        →END FAIL→says.tricky_reason→says.tricky_reason→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("status.log"));
}

#[test]
fn a_keyval_is_one_line() {
    let ran = fixture("faulty", &["records::newline_in_keyval"]).expect_code(0);
    expect![[r#"
        version=0
        text=a\nstatus_version=9
    "#]]
    .assert_eq(&ran.file("records.newline_in_keyval/keyval"));
}

#[test]
fn a_refused_call_says_what_to_do() {
    let ran = fixture("faulty", &["records::"]).expect_code(101);
    expect![[r#"

        running 6 tests
        test records::artifact ... ok
        test records::bad_key ... FAILED (FAIL)
        test records::logs ... ok
        test records::long_description ... FAILED (FAIL)
        test records::newline_in_keyval ... ok
        test records::not_finite ... FAILED (FAIL)

        failures:

        ---- records::bad_key stdout ----
        FAIL: Unhandled ValueError: Invalid key: not fine{perf}; use only letters, digits, `_`, `.` and `-`
            at tests/fixtures/faulty.rs:103:12
            see <root>/<results>/records.bad_key/debug

        ---- records::long_description stdout ----
        FAIL: Unhandled ValueError: The description must be at most 256 characters.
            at tests/fixtures/faulty.rs:109:34
            see <root>/<results>/records.long_description/debug

        ---- records::not_finite stdout ----
        FAIL: Unhandled ValueError: perf value `speed` is `nan`: record a finite number, or fail the test instead
            at tests/fixtures/faulty.rs:115:26
            see <root>/<results>/records.not_finite/debug

        failures:
            records::bad_key
            records::long_description
            records::not_finite

        test result: FAILED. 3 passed; 3 failed; 0 ignored; 0 measured; 46 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
}

#[test]
fn subtests_are_nested_in_directories_and_log() {
    let ran = fixture("faulty", &["nests::"]).expect_code(101);
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→nests.orphan→nests.orphan→timestamp=.→localtime=.→
        →→ERROR→nests.orphan→nests.orphan→timestamp=.→localtime=.→says::wran: test does not exist; did you mean `says::warn`?
          at tests/fixtures/faulty.rs:172:12
        →END ERROR→nests.orphan→nests.orphan→timestamp=.→localtime=.→
        →START→nests.parent→nests.parent→timestamp=.→localtime=.→
        →→START→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→
        →→→WARN→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→slow, but it works
          at tests/fixtures/faulty.rs:27:13
        →→END WARN→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→
        →→GOOD→nests.parent→nests.parent→timestamp=.→localtime=.→completed successfully
        →END GOOD→nests.parent→nests.parent→timestamp=.→localtime=.→
        →START→nests.twice→nests.twice→timestamp=.→localtime=.→
        →→START→nests.twice/says.warn→says.warn→timestamp=.→localtime=.→
        →→→WARN→nests.twice/says.warn→says.warn→timestamp=.→localtime=.→slow, but it works
          at tests/fixtures/faulty.rs:27:13
        →→END WARN→nests.twice/says.warn→says.warn→timestamp=.→localtime=.→
        →→START→----→says.warn→timestamp=.→localtime=.→
        →→→ERROR→----→says.warn→timestamp=.→localtime=.→nests.twice/says.warn already exists; give each run of a test a tag of its own
        →→END ERROR→----→says.warn→timestamp=.→localtime=.→
        →→GOOD→nests.twice→nests.twice→timestamp=.→localtime=.→completed successfully
        →END GOOD→nests.twice→nests.twice→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("status.log"));
    expect![[r#"
        →→START→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→
        →→→WARN→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→slow, but it works
          at tests/fixtures/faulty.rs:27:13
        →→END WARN→nests.parent/says.warn.inner→says.warn.inner→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("nests.parent/says.warn.inner/status"));
}

#[test]
fn a_test_can_end_the_job() {
    let ran = fixture("faulty", &["--include-ignored", "aborts", "says::fail"]).expect_code(101);
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→aborts→aborts→timestamp=.→localtime=.→
        →→ABORT→aborts→aborts→timestamp=.→localtime=.→the board is gone
          at tests/fixtures/faulty.rs:383:9
        →END ABORT→aborts→aborts→timestamp=.→localtime=.→
        END ABORT→----→----→timestamp=.→localtime=.→aborts ended the job
    "#]]
    .assert_eq(&ran.log("status.log"));
    expect![[r#"

        running 2 tests
        test aborts ... FAILED (ABORT)

        failures:

        ---- aborts stdout ----
        ABORT: the board is gone
            at tests/fixtures/faulty.rs:383:9
            see <root>/<results>/aborts/debug

        failures:
            aborts

        the job was aborted: aborts ended the job; tests that did not run: 1
        go on with: --resume <root>/<results>

        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 50 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
    assert_eq!(
        ran.file(".autoserv_execute")
            .lines()
            .skip(1)
            .collect::<Vec<_>>(),
        ["256", "1"]
    );
}

#[test]
fn debug_logs_are_in_the_original_format() {
    let ran = fixture("faulty", &["records::logs"]).expect_code(0);
    let log = ran.file("records.logs/debug/records.logs.DEBUG");
    let lines: Vec<_> = log
        .lines()
        .map(|line| line.get(18..).unwrap_or(line))
        .collect();
    expect![[r#"
         DEBUG|            faulty:0138| detail
         WARNI|            faulty:0139| look
        here"#]]
    .assert_eq(&lines.join("\n"));
    let warnings = ran.file("records.logs/debug/records.logs.WARNING");
    assert_eq!(warnings.lines().count(), 2, "{warnings}");
}

#[test]
fn what_is_too_long_to_record_is_told() {
    let ran = fixture("faulty", &["limits::"]);
    let stdout = ran.expect_code(101).stdout();
    let lines = stdout.lines().filter(|line| line.contains(" bytes "));
    let lines: Vec<_> = lines
        .map(|line| line.replace(&"x".repeat(2000), "x…"))
        .collect();
    expect![[r#"
        FAIL: x… [cut: 100000 bytes in all]
        FAIL: Unhandled ValueError: keyvals of 100012 bytes are too long: the limit is 49152 bytes a call; write larger data to a file in the output directory"#]].assert_eq(&lines.join("\n"));
}
