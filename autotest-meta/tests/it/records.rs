//! What the records of a file say together.

use autotest_meta::Suite;
use expect_test::{Expect, expect};
use object::{Architecture, Endianness};

use crate::made::elf;

/// The tests, control functions and hooks, a line each; or the error.
fn read(records: &[&str]) -> String {
    let text: String = records.iter().map(|record| format!("{record}\n")).collect();
    match Suite::of_bytes(&elf(Architecture::Aarch64, Endianness::Little, &text)) {
        Ok(suite) => {
            let all = suite
                .tests
                .iter()
                .chain(&suite.controls)
                .chain(&suite.hooks);
            all.map(|it| serde_json::to_string(it).unwrap() + "\n")
                .collect()
        }
        Err(error) => format!("{error}\n"),
    }
}

#[track_caller]
fn check(records: &[&str], expected: &Expect) {
    let said = read(records);
    expected.assert_eq(&said);
    let backwards: Vec<&str> = records.iter().rev().copied().collect();
    assert_eq!(read(&backwards), said);
}

const MAIN: &str = r#"{"v":1,"main":"bench::suite"}"#;
const PING: &str = r#"{"v":1,"name":"ping","module":"bench::net","file":"net.rs","line":3}"#;

#[test]
fn what_equals_the_default_is_left_out() {
    check(
        &[
            MAIN,
            r#"{"v":1,"name":"a","module":"bench","file":"a.rs","line":1,"version":0,"retries":0,"timeout":90,
               "preserve_srcdir":false,"expect":"pass","suites":[],"ignore":"","unknown":7}"#
                .replace('\n', "")
                .as_str(),
        ],
        &expect![[r#"
            {"v":1,"id":"a","name":"a","module":"bench","file":"a.rs","line":1,"retries":0,"timeout":90.0,"ignore":"","phases":["run_once"]}
        "#]],
    );
}

#[test]
fn the_records_of_one_test_are_joined_in_the_order_of_its_source() {
    check(
        &[
            MAIN,
            r#"{"v":1,"name":"Disk","module":"bench","file":"d.rs","line":9,"phases":["run_once","setup"],"params":[{"name":"mb","type":"u64","required":true,"phases":["run_once"],"at":2}]}"#,
            r#"{"v":1,"name":"Disk","module":"bench","phases":["initialize"],"catch_all":["initialize"],"params":[{"name":"mb","type":"u64","required":true,"phases":["initialize"],"at":2},{"name":"dir","type":"&str","required":true,"phases":["initialize"],"at":0}]}"#,
            r#"{"v":1,"name":"Disk","module":"bench","phases":["cleanup"],"params":[{"name":"dir","type":"&str","required":true,"phases":["cleanup"],"at":0}]}"#,
        ],
        &expect![[r#"
            {"v":1,"id":"Disk","name":"Disk","module":"bench","file":"d.rs","line":9,"phases":["initialize","setup","run_once","cleanup"],"catch_all":["initialize"],"params":[{"name":"dir","type":"&str","required":true,"phases":["initialize","cleanup"]},{"name":"mb","type":"u64","required":true,"phases":["initialize","run_once"]}]}
        "#]],
    );
}

#[test]
fn a_phase_without_its_test_is_an_error() {
    check(
        &[r#"{"v":1,"name":"Disk","module":"bench","phases":["cleanup"]}"#],
        &expect![[r#"
            its section `autotest_meta` is damaged at offset 0: it is of a phase of `Disk`, which has no record itself
        "#]],
    );
}

#[test]
fn kinds_are_told_apart_and_each_has_its_id() {
    check(
        &[
            MAIN,
            PING,
            r#"{"v":1,"name":"net.ping6","module":"bench::net","verbatim":true,"case":"slow","file":"net.rs","line":8,"args":{"mb":"2"}}"#,
            r#"{"v":1,"name":"copy","module":"benches","file":"b.rs","line":5}"#,
            r#"{"v":1,"kind":"control","name":"nightly","module":"bench::jobs","file":"j.rs","line":2,"phases":["execute"]}"#,
            r#"{"v":1,"kind":"hook","name":"notes","module":"bench::jobs","file":"j.rs","line":1,"phases":[]}"#,
        ],
        &expect![[r#"
            {"v":1,"id":"benches::copy","name":"copy","module":"benches","file":"b.rs","line":5,"phases":["run_once"]}
            {"v":1,"id":"net.ping6::slow","name":"net.ping6","verbatim":true,"module":"bench::net","case":"slow","file":"net.rs","line":8,"args":{"mb":"2"},"phases":["run_once"]}
            {"v":1,"id":"net::ping","name":"ping","module":"bench::net","file":"net.rs","line":3,"phases":["run_once"]}
            {"v":1,"kind":"control","id":"jobs::nightly","name":"nightly","module":"bench::jobs","file":"j.rs","line":2,"phases":["execute"]}
            {"v":1,"kind":"hook","id":"notes","name":"notes","module":"bench::jobs","file":"j.rs","line":1,"phases":[]}
        "#]],
    );
}

#[test]
fn two_tests_of_one_id_are_refused_as_by_the_binary() {
    let second = PING.replace(":3}", ":9}");
    check(
        &[MAIN, PING, &second],
        &expect![[r#"
        two tests are called `net::ping`: at net.rs:3 and at net.rs:9; rename one
    "#]],
    );
    let renamed = PING
        .replace("ping", "net.ping")
        .replace(":3}", ":9,\"verbatim\":true}");
    check(
        &[MAIN, PING, &renamed],
        &expect![[r#"
        the tests `net.ping` at net.rs:9 and `net::ping` at net.rs:3 share the directory `net.ping`; rename one
    "#]],
    );
    check(
        &[MAIN, &PING.replace("ping", "status").replace("::net", "")],
        &expect![[r#"
            the test at net.rs:3 cannot be called "status": `status` is reserved in the results tree (the status log of each test); rename it
        "#]],
    );
}

#[test]
fn a_site_replaces_a_test_of_the_same_id() {
    let of_site = r#"{"v":1,"name":"net::ping","module":"site","verbatim":true,"file":"site.rs","line":2,"site":true}"#;
    check(
        &[MAIN, PING, of_site],
        &expect![[r#"
            {"v":1,"id":"net::ping","name":"net::ping","verbatim":true,"module":"site","file":"site.rs","line":2,"site":true,"replaces":"net.rs:3","phases":["run_once"]}
        "#]],
    );
    let other = of_site.replace(":2,", ":4,");
    check(
        &[MAIN, PING, of_site, &other],
        &expect![[r#"
            two tests are called `net::ping`: at net.rs:3 and at site.rs:2; rename one
            two tests are called `net::ping`: at site.rs:2 and at site.rs:4; rename one
        "#]],
    );
}

#[test]
fn a_suite_has_its_own_tests_and_those_of_none() {
    let [of_bvt, of_perf] = [r#"["perf","bvt"]"#, r#"["perf"]"#]
        .map(|suites| PING.replace(":3}", &format!(":3,\"suites\":{suites}}}")));
    let of_perf = of_perf.replace("ping", "speed");
    let of_none = PING.replace("ping", "up");
    let suite = r#"{"v":1,"main":"bench","suite":"bvt","crates":["net_tests"]}"#;
    check(
        &[suite, &of_bvt, &of_perf, &of_none],
        &expect![[r#"
        {"v":1,"id":"net::ping","name":"ping","module":"bench::net","file":"net.rs","line":3,"suites":["perf","bvt"],"phases":["run_once"]}
        {"v":1,"id":"net::up","name":"up","module":"bench::net","file":"net.rs","line":3,"phases":["run_once"]}
    "#]],
    );
    let attr = r#"{"v":1,"main":"bench","attr":"suite:perf && !name:*ping"}"#;
    check(
        &[attr, &of_bvt, &of_perf, &of_none],
        &expect![[r#"
        {"v":1,"id":"net::speed","name":"speed","module":"bench::net","file":"net.rs","line":3,"suites":["perf"],"phases":["run_once"]}
    "#]],
    );
    let wrong = r#"{"v":1,"main":"bench","attr":"suite:perf &"}"#;
    check(
        &[wrong, &of_bvt],
        &expect![[r#"
        the attribute expression of its `main!` does not parse: expected `&&`, found `&` at column 12
            suite:perf &
                       ^
    "#]],
    );
}

#[test]
fn a_second_main_is_refused_unless_it_says_the_same() {
    check(
        &[MAIN, MAIN, PING],
        &expect![[r#"
        {"v":1,"id":"net::ping","name":"ping","module":"bench::net","file":"net.rs","line":3,"phases":["run_once"]}
    "#]],
    );
    assert_eq!(
        read(&[MAIN, r#"{"v":1,"main":"other"}"#]),
        "its section `autotest_meta` is damaged at offset 30: it has a second `main!`\n"
    );
}
