//! What the rows say, of journals that have all there is.

use expect_test::{Expect, expect};

use super::on_each;
use crate::host_tool::root;

/// What a statement selects of the job of an example.
#[track_caller]
fn check(example: &str, sql: &str, expected: &Expect) {
    let printed = on_each(|database| {
        let journal = root().join("autotest-report/tests/golden").join(example);
        let job = database.dir.join("results/job/journal.jsonl");
        super::copy_with(&journal.join("events.jsonl"), &job, "", "");
        database.prints(&["import", "results"]);
        database.prints(&["query", sql])
    });
    expected.assert_eq(&printed);
}

#[test]
fn runs_have_their_kind_and_what_they_were_part_of() {
    let sql = "SELECT kind, test, operation, name, subdir, groups_around, args, status, grade, reason \
        FROM runs ORDER BY id";
    check(
        "subtests",
        sql,
        &expect![[r#"
        kind     test        operation  name           subdir                  groups_around  args  status  grade   reason
        test     suite::all  suite.all  suite::all     suite.all               []             {}    GOOD    passed
        subtest  part        part.1     part (part.1)  suite.all/part.1        []             {}    WARN    passed  hm
        subtest  piece       piece      piece          suite.all/part.1/piece  []             {}    GOOD    passed
        subtest  part        part.2     part (part.2)  suite.all/part.2        []             {}    FAIL    failed  a piece failed
        subtest  piece       piece      piece          suite.all/part.2/piece  []             {}    FAIL    failed  cracked
        subtest  part        part.2     part (part.2)                          []             {}    ERROR   failed  suite.all/part.2 already exists; give each run of a test a tag of its own
        test     plain       plain      plain          plain                   []             {}    GOOD    passed
    "#]],
    );
    check(
        "control_groups",
        sql,
        &expect![[r#"
        kind  test    operation     name                   subdir        groups_around      args  status  grade   reason
        test  passes  passes.first  passes (passes.first)  passes.first  []                 {}    GOOD    passed
        test  passes  passes.outer  passes (passes.outer)  passes.outer  ["outer"]          {}    GOOD    passed
        test  fails   fails         fails                  fails         ["outer","inner"]  {}    FAIL    failed  does not work
        test  passes  passes.last   passes (passes.last)   passes.last   []                 {}    GOOD    passed
    "#]],
    );
    check(
        "attempt",
        sql,
        &expect![[r#"
        kind     test  operation  name  subdir            groups_around  args  status  grade   reason
        test     a     a          a     a                 []             {}    GOOD    passed
        attempt  b     b          b     b.attempt-1       []             {}    ABORT   failed  rebooted: the target was booted again while this test was on
        attempt  part  part       part  b.attempt-1/part  []             {}    ABORT   failed  rebooted: the target was booted again while this test was on
        test     b     b          b     b                 []             {}    GOOD    passed
        subtest  part  part       part  b/part            []             {}    GOOD    passed
        test     c     c          c     c                 []             {}    FAIL    failed  still broken
    "#]],
    );
}

#[test]
fn attempts_have_the_run_that_is_final() {
    let sql = "SELECT attempts.operation, attempts.reason, attempts.subdir, final_run_id, runs.status \
        FROM attempts LEFT JOIN runs ON runs.id = final_run_id";
    check(
        "attempt",
        sql,
        &expect![[r#"
        operation  reason                                                        subdir            final_run_id  status
        b          rebooted: the target was booted again while this test was on  b.attempt-1           10000004  GOOD
        part       rebooted: the target was booted again while this test was on  b.attempt-1/part
    "#]],
    );
}

#[test]
fn runs_after_a_reboot_have_the_kernel_of_it() {
    let sql = "SELECT operation, release FROM runs JOIN kernels ON kernels.id = kernel_id ORDER BY runs.id";
    check(
        "control_rebooted",
        sql,
        &expect![[r#"
        operation      release
        passes.before
        takes.after    6.1.0
    "#]],
    );
}

#[test]
fn events_are_what_happened_besides() {
    let sql = "SELECT operation, events.kind, code, message FROM events \
        LEFT JOIN runs ON runs.id = run_id ORDER BY position";
    for (example, expected) in [
        (
            "control_rebooted",
            expect![[r#"
            operation  kind    code  message
                       resume
                       reboot
        "#]],
        ),
        (
            "failures",
            expect![[r#"
            operation  kind  code  message
            cleans     note        cleanup: FAIL: second
            cleans     note        the after-test hook: ERROR: third
        "#]],
        ),
        (
            "values",
            expect![[r#"
            operation  kind  code  message
        "#]],
        ),
    ] {
        check(example, sql, &expected);
    }
}

#[test]
fn values_are_texts_and_numbers() {
    let sql = "SELECT operation, key, value, number FROM keyvals JOIN runs ON runs.id = run_id \
        ORDER BY run_id, position";
    check(
        "values",
        sql,
        &expect![[r#"
        operation   key      value  number
        disk.write  version  1           1
        disk.write  owner    lab 3
        disk.write  mb       64         64
        disk.write  note     a b#c
        disk.read   version  1           1
    "#]],
    );
    let sql = "SELECT operation, iteration, iterations.kind, key, value, number FROM iterations \
        JOIN runs ON runs.id = run_id ORDER BY run_id, position";
    check(
        "values",
        sql,
        &expect![[r#"
        operation   iteration  kind  key         value  number
        disk.write          1  attr  dir         /mnt
        disk.write          1  perf  throughput  402.9   402.9
        disk.write          1  perf  latency_ms  1           1
        disk.write          2  perf  throughput  399.5   399.5
        disk.write          3  attr  only        attr
    "#]],
    );
    let sql = "SELECT operation, source, position, value, units FROM measurements \
        JOIN runs ON runs.id = run_id WHERE metric = 'throughput' ORDER BY run_id, source, position";
    check(
        "values",
        sql,
        &expect![[r#"
        operation   source      position      value  units
        disk.write  iteration          2      402.9
        disk.write  iteration          4      399.5
        disk.write  perf value         1      402.5  MB_per_sec
        disk.write  perf value         2        400  MB_per_sec
        disk.write  perf value         3      401.5  MB_per_sec
        disk.read   perf value         1  0.0000001  MB_per_sec
    "#]],
    );
    let sql = "SELECT operation, position, metric, value, units, direction, graph FROM samples \
        JOIN runs ON runs.id = run_id ORDER BY run_id, position";
    check(
        "values",
        sql,
        &expect![[r#"
        operation   position  metric          value  units       direction  graph
        disk.write         1  throughput      402.5  MB_per_sec  up
        disk.write         2  throughput        400  MB_per_sec  up
        disk.write         3  throughput      401.5  MB_per_sec  up
        disk.write         4  lat             -0.34  ms          down       times
        disk.write         5  lat2                5                         times
        disk.write         6  count               7
        disk.read          1  throughput  0.0000001  MB_per_sec  up
    "#]],
    );
}
