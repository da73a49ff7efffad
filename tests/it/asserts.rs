//! Failed assertions show their values, and failed checks their places, in every report.

use expect_test::expect;

use super::binary::fixture;

#[test]
fn the_terminal_shows_values_differences_and_places() {
    let ran = fixture("asserts", &["shows::", "checks::all"]).expect_code(101);
    let stdout = ran.stdout();
    let (_, failures) = stdout.split_once("\nfailures:\n").unwrap();
    let (failures, _) = failures.split_once("\nfailures:\n").unwrap();
    expect![[r#"

        ---- checks::all stdout ----
        FAIL: 4 failures
          tests/fixtures/asserts.rs:69:13: `link.mtu == 1500` does not hold: 1400 vs 1500
          tests/fixtures/asserts.rs:74:13: `routes == "default via 192.0.2.254\n192.0.2.0/24 dev eth0\n"` does not hold (- left, + right):
              -"default via 192.0.2.1
              +"default via 192.0.2.254
               192.0.2.0/24 dev eth0
               "
          tests/fixtures/asserts.rs:77:39: Unhandled io::Error: failed to open file `/nonexistent/carrier`: No such file or directory (os error 2)
          tests/fixtures/asserts.rs:79:13: `carrier` does not match `Some(1)`: None
            at tests/fixtures/asserts.rs:69:13
            see <root>/<results>/checks.all/debug

        ---- shows::patterns stdout ----
        FAIL: `link(1400)` does not match `Link { mtu: 1500..=9000, .. }`: Link { name: "eth0", mtu: 1400, addresses: ["fe80::5054:ff:fe12:3456/64", "2001:db8::17/64", "192.0.2.17/24"] }
            at tests/fixtures/asserts.rs:50:9
            see <root>/<results>/shows.patterns/debug

        ---- shows::structures stdout ----
        FAIL: `link(1400) == link(1500)` does not hold (- left, + right):
           Link {
               name: "eth0",
          -    mtu: 1400,
          +    mtu: 1500,
               addresses: [
                   "fe80::5054:ff:fe12:3456/64",
                   "2001:db8::17/64",
            at tests/fixtures/asserts.rs:36:9
            see <root>/<results>/shows.structures/debug

        ---- shows::texts stdout ----
        FAIL: `routes == "default via 192.0.2.254\n192.0.2.0/24 dev eth0\n"` does not hold (- left, + right):
          -"default via 192.0.2.1
          +"default via 192.0.2.254
           192.0.2.0/24 dev eth0
           "
            at tests/fixtures/asserts.rs:43:9
            see <root>/<results>/shows.texts/debug

        ---- shows::values stdout ----
        FAIL: link eth0: `mtu == 1500` does not hold: 1400 vs 1500
            at tests/fixtures/asserts.rs:30:9
            see <root>/<results>/shows.values/debug
    "#]].assert_eq(failures);
}

#[test]
fn the_status_log_has_a_line_for_each_line_of_a_reason() {
    let ran = fixture("asserts", &["shows::texts", "checks::all"]).expect_code(101);
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→checks.all→checks.all→timestamp=.→localtime=.→
        →→FAIL→checks.all→checks.all→timestamp=.→localtime=.→4 failures
          tests/fixtures/asserts.rs:69:13: `link.mtu == 1500` does not hold: 1400 vs 1500
          tests/fixtures/asserts.rs:74:13: `routes == "default via 192.0.2.254\n192.0.2.0/24 dev eth0\n"` does not hold (- left, + right):
              -"default via 192.0.2.1
              +"default via 192.0.2.254
               192.0.2.0/24 dev eth0
               "
          tests/fixtures/asserts.rs:77:39: Unhandled io::Error: failed to open file `/nonexistent/carrier`: No such file or directory (os error 2)
          tests/fixtures/asserts.rs:79:13: `carrier` does not match `Some(1)`: None
          at tests/fixtures/asserts.rs:69:13
        →END FAIL→checks.all→checks.all→timestamp=.→localtime=.→
        →START→shows.texts→shows.texts→timestamp=.→localtime=.→
        →→FAIL→shows.texts→shows.texts→timestamp=.→localtime=.→`routes == "default via 192.0.2.254\n192.0.2.0/24 dev eth0\n"` does not hold (- left, + right):
          -"default via 192.0.2.1
          +"default via 192.0.2.254
           192.0.2.0/24 dev eth0
           "
          at tests/fixtures/asserts.rs:43:9
        →END FAIL→shows.texts→shows.texts→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("status.log"));
    super::tko::check_tree(&ran.jobdir());
}

#[test]
fn tap_has_the_reason_as_one_text() {
    let args = ["--format", "tap", "shows::texts", "checks::all"];
    let ran = fixture("asserts", &args).expect_code(101);
    expect![[r#"
        TAP version 13
        1..2
        not ok 1 - checks::all
          ---
          status: FAIL
          reason: "4 failures\ntests/fixtures/asserts.rs:69:13: `link.mtu == 1500` does not hold: 1400 vs 1500\ntests/fixtures/asserts.rs:74:13: `routes == \"default via 192.0.2.254\\n192.0.2.0/24 dev eth0\\n\"` does not hold (- left, + right):\n    -\"default via 192.0.2.1\n    +\"default via 192.0.2.254\n     192.0.2.0/24 dev eth0\n     \"\ntests/fixtures/asserts.rs:77:39: Unhandled io::Error: failed to open file `/nonexistent/carrier`: No such file or directory (os error 2)\ntests/fixtures/asserts.rs:79:13: `carrier` does not match `Some(1)`: None"
          at: "tests/fixtures/asserts.rs:69:13"
          debug: "checks.all/debug"
          ...
        not ok 2 - shows::texts
          ---
          status: FAIL
          reason: "`routes == \"default via 192.0.2.254\\n192.0.2.0/24 dev eth0\\n\"` does not hold (- left, + right):\n-\"default via 192.0.2.1\n+\"default via 192.0.2.254\n 192.0.2.0/24 dev eth0\n \""
          at: "tests/fixtures/asserts.rs:43:9"
          debug: "shows.texts/debug"
          ...
        # results: <root>/<results>
    "#]].assert_eq(&ran.stdout());
}

#[test]
fn what_failed_before_a_crash_is_in_the_log() {
    let ran = fixture("asserts", &["before_a_crash"]).expect_code(101);
    let log = ran.file("checks.before_a_crash/debug/checks.before_a_crash.ERROR");
    assert!(
        log.contains("a check failed: FAIL: broken (tests/fixtures/asserts.rs:"),
        "{log}"
    );
}
