//! What the commands print, the same from both databases.

use autotest_core::Kind;
use expect_test::{Expect, expect};

use super::jobs::Job;
use super::{Database, on_each};

/// Three days on two targets: a test that fails now and then, one that becomes slow, one that is skipped.
fn import(database: &Database) {
    let failed = Some((
        Kind::Fail,
        "no reply from \x1b[31mboard\x1b[0m\nof 3 packets",
    ));
    let skipped = Some((Kind::NotApplicable, "no such board"));
    let job = |id: &str, host: &str, build: &str, day: f64, ping, scan_s: f64| {
        Job::new(id, host, build, day)
            .measured("net::up", 1.0, None, &[1.0, 3.0, 2.0])
            .run("net::ping", 0.25, ping)
            .run("net::scan", scan_s, None)
            .run("net::wifi", 0.0, skipped)
            .end()
    };
    let jobs = [
        job("1", "board1", "b1", 0.0, None, 2.0),
        job("2", "board2", "b1", 0.1, failed, 2.0),
        job("3", "board1", "b1", 1.0, failed, 2.0),
        job("4", "board1", "b1", 2.0, None, 6.0),
        job("5", "board1", "b2", 9.0, failed, 4.0),
        // Interrupted.
        Job::new("6", "board1", "b2", 9.5).run("net::up", 1.0, Some((Kind::CutOff, "interrupted"))),
    ];
    let dir = database.write("results", &jobs);
    database.prints(&["import", &dir]);
}

#[track_caller]
fn check(args: &[&str], expected: &Expect) {
    let printed = on_each(|database| {
        import(database);
        database.prints(args)
    });
    expected.assert_eq(&printed);
}

#[test]
fn history_has_the_last_runs_of_a_test() {
    check(
        &["history", "net::ping"],
        &expect![[r#"
        time                 target  build  status  elapsed_s  name       job  reason
        2026-11-10 00:00:01  board1  b2     FAIL         0.25  net::ping  5    no reply from ?[31mboard?[0m of 3 packets
        2026-11-03 00:00:01  board1  b1     GOOD         0.25  net::ping  4
        2026-11-02 00:00:01  board1  b1     FAIL         0.25  net::ping  3    no reply from ?[31mboard?[0m of 3 packets
        2026-11-01 02:24:01  board2  b1     FAIL         0.25  net::ping  2    no reply from ?[31mboard?[0m of 3 packets
        2026-11-01 00:00:01  board1  b1     GOOD         0.25  net::ping  1
    "#]],
    );
}

#[test]
fn history_is_limited_to_a_target_and_a_number() {
    check(
        &[
            "history",
            "net::ping",
            "--target",
            "board1",
            "--limit",
            "2",
            "--format",
            "json",
        ],
        &expect![[r#"
            {"time":"2026-11-10 00:00:01","target":"board1","build":"b2","status":"FAIL","elapsed_s":0.25,"name":"net::ping","job":"5","reason":"no reply from \u001b[31mboard\u001b[0m\nof 3 packets"}
            {"time":"2026-11-03 00:00:01","target":"board1","build":"b1","status":"GOOD","elapsed_s":0.25,"name":"net::ping","job":"4","reason":null}
        "#]],
    );
}

#[test]
fn flaky_tests_have_a_score() {
    check(
        &["flaky"],
        &expect![[r#"
        test       score  runs  failed  changes  last_failed
        net::ping      1     5       3        2  2026-11-10 00:00:01
    "#]],
    );
}

#[test]
fn flaky_tests_are_those_of_a_time() {
    check(
        &["flaky", "--since", "2026-11-02"],
        &expect![[r#"
        test       score  runs  failed  changes  last_failed
        net::ping      1     3       2        1  2026-11-10 00:00:01
    "#]],
    );
    check(
        &["flaky", "--since", "1", "--format", "json"],
        &expect![[r#""#]],
    );
}

#[test]
fn slow_tests_are_compared_with_earlier_ones() {
    check(
        &["slow"],
        &expect![[r#"
        test       runs  total_s  mean_s  earlier_mean_s  change
        net::scan     1        4       4               3  +33 %
        net::up       1        1       1               1  +0 %
        net::ping     1     0.25    0.25            0.25  +0 %
    "#]],
    );
    check(
        &[
            "slow",
            "--by",
            "mean",
            "--limit",
            "1",
            "--since",
            "2026-11-03",
            "--format",
            "json",
        ],
        &expect![[r#"
            {"test":"net::scan","runs":2,"total_s":10.0,"mean_s":5.0,"earlier_mean_s":2.0,"change":"+150 %"}
        "#]],
    );
}

#[test]
fn samples_are_those_of_each_job() {
    check(
        &["samples", "reply"],
        &expect![[r#"
        time                 target  build  test     samples  min  median  max  units
        2026-11-01 00:00:00  board1  b1     net::up        3    1       2    3  ms
        2026-11-01 02:24:00  board2  b1     net::up        3    1       2    3  ms
        2026-11-02 00:00:00  board1  b1     net::up        3    1       2    3  ms
        2026-11-03 00:00:00  board1  b1     net::up        3    1       2    3  ms
        2026-11-10 00:00:00  board1  b2     net::up        3    1       2    3  ms
    "#]],
    );
    check(
        &[
            "samples", "reply", "--test", "net::up", "--target", "board2", "--format", "json",
        ],
        &expect![[r#"
            {"started_t":1793499840.0,"time":"2026-11-01 02:24:00","target":"board2","build":"b1","kernel":"6.12.1","job":"2","test":"net::up","source":"perf value","units":"ms","direction":"down","values":[1.0,3.0,2.0]}
        "#]],
    );
}

#[test]
fn old_queries_find_the_names_of_tko() {
    check(
        &[
            "query",
            "SELECT test_name, hostname, status, job_tag, kernel, test_started_time, reason FROM tko_test_view_2 \
             WHERE status <> 'GOOD' ORDER BY test_started_time, test_name",
        ],
        &expect![[r#"
            test_name  hostname  status   job_tag       kernel  test_started_time    reason
            net.wifi   board1    TEST_NA  1-lab/board1  6.12.1  2026-11-01 00:00:03  no such board
            net.ping   board2    FAIL     2-lab/board2  6.12.1  2026-11-01 02:24:01  no reply from ?[31mboard?[0m of 3 packets
            net.wifi   board2    TEST_NA  2-lab/board2  6.12.1  2026-11-01 02:24:03  no such board
            net.ping   board1    FAIL     3-lab/board1  6.12.1  2026-11-02 00:00:01  no reply from ?[31mboard?[0m of 3 packets
            net.wifi   board1    TEST_NA  3-lab/board1  6.12.1  2026-11-02 00:00:03  no such board
            net.wifi   board1    TEST_NA  4-lab/board1  6.12.1  2026-11-03 00:00:07  no such board
            net.ping   board1    FAIL     5-lab/board1  6.12.1  2026-11-10 00:00:01  no reply from ?[31mboard?[0m of 3 packets
            net.wifi   board1    TEST_NA  5-lab/board1  6.12.1  2026-11-10 00:00:05  no such board
            net.up     board1    ABORT    6-lab/board1  6.12.1  2026-11-10 12:00:00  interrupted
        "#]],
    );
}

#[test]
fn json_has_the_types_of_the_columns() {
    check(
        &[
            "query",
            "SELECT id, timeout_s, elapsed_s, reason FROM runs WHERE test = 'net::ping' ORDER BY id LIMIT 2",
            "--format",
            "json",
        ],
        &expect![[r#"
            {"id":10000002,"timeout_s":null,"elapsed_s":0.25,"reason":null}
            {"id":20000002,"timeout_s":null,"elapsed_s":0.25,"reason":"no reply from \u001b[31mboard\u001b[0m\nof 3 packets"}
        "#]],
    );
}

#[test]
fn what_does_not_exist_is_said_with_what_is_near() {
    let said = on_each(|database| {
        import(database);
        let cases = [
            &["history", "net::pink"][..],
            &["history", "net::ping", "--target", "bord1"],
            &["history", "net::never"],
            &["samples", "replay"],
            &["samples", "reply", "--test", "net::ping"],
            &["flaky", "--since", "yesterday"],
            &["slow", "--since", "2026-02-30"],
        ];
        let said = cases.map(|args| database.fails(args, 2));
        said.concat()
    });
    expect![[r#"
        error: the database has no test `net::pink`; did you mean `net::ping` or `net::wifi`?
        error: the database has no target `bord1`; did you mean `board1`?
        error: the database has no test `net::never`
        error: the database has no metric `replay`; did you mean `reply`?
        error: the database has no value on this target, or of this test, of the metric `reply`
        error: `--since yesterday` is neither a number of days nor a date; write `--since 7` or `--since 2026-11-30`
        error: `--since 2026-02-30` is neither a number of days nor a date; write `--since 7` or `--since 2026-11-30`
    "#]].assert_eq(&said);
}

#[test]
fn queries_change_nothing() {
    on_each(|database| {
        import(database);
        let dump = database.dump();
        for sql in [
            "DELETE FROM runs",
            "DROP TABLE runs",
            "INSERT INTO targets (hostname) VALUES ('x')",
            "CREATE TABLE x (y TEXT)",
            "SELECT 1; DELETE FROM runs",
            "COMMIT; DELETE FROM runs",
            "VACUUM",
            "selct",
        ] {
            let ran = database.run(&["query", sql]);
            assert_eq!(
                (ran.code, ran.stdout.as_str()),
                (Some(2), ""),
                "{sql}: {}",
                ran.stderr
            );
            assert!(ran.stderr.starts_with("error: "), "{}", ran.stderr);
        }
        assert_eq!(database.dump(), dump);
    });
}
