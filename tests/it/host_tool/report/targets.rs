//! Several targets and several suites in one report.

use std::fs;

use expect_test::expect;

use super::{empty, job, move_to, report, shards};
use crate::binary::walk;
use crate::tko::check_tree;

#[test]
fn each_target_has_a_branch_and_a_directory() {
    let (_dir, home) = empty();
    for lab in ["lab1", "lab2.example"] {
        job(&home, lab, "selected", &["net::ping", "fails"]);
        move_to(&home, lab, lab);
    }
    let args = [
        "lab1",
        "lab2.example",
        "--format",
        "tap14",
        "--results",
        "merged",
    ];
    let ran = report(&home, &args).expect_code(101);
    assert_eq!(ran.stderr, "");
    expect![[r#"
        TAP version 14
            # Subtest: lab1
            not ok 1 - fails
              ---
              status: FAIL
              reason: "broken"
              at: "tests/fixtures/selected.rs:37:5"
              debug: "lab1/fails/debug"
              ...
            ok 2 - net::ping
            1..2
        not ok 1 - lab1
          ---
          status: FAIL
          reason: "1 of 2 tests failed: fails"
          ...
            # Subtest: lab2.example
            not ok 1 - fails
              ---
              status: FAIL
              reason: "broken"
              at: "tests/fixtures/selected.rs:37:5"
              debug: "lab2.example/fails/debug"
              ...
            ok 2 - net::ping
            1..2
        not ok 2 - lab2.example
          ---
          status: FAIL
          reason: "1 of 2 tests failed: fails"
          ...
        # results: [DIR]/merged
        1..2
    "#]]
    .assert_eq(&ran.stdout);
    check_tree(&home.join("merged"));
    let again = report(&home, &["merged", "--format", "tap14"]).expect_code(101);
    assert_eq!(again.stdout, ran.stdout);
    let again = report(&home, &["merged", "--results", "again"]).expect_code(101);
    assert_eq!(again.stderr, "");
    assert_eq!(walk(&home.join("merged")), walk(&home.join("again")));
}

#[test]
fn suites_of_a_target_have_branches_of_their_own() {
    let (_dir, home) = empty();
    job(&home, "jobs/one", "selected", &["net::ping"]);
    job(&home, "jobs/two", "packaged", &["takes"]);
    let ran = report(&home, &["jobs", "--results", "merged"]).expect_code(0);
    assert_eq!(ran.stderr, "");
    for dir in ["packaged/takes", "selected/net.ping"] {
        assert!(home.join("merged").join(dir).is_dir(), "{dir}");
    }
    check_tree(&home.join("merged"));
}

#[test]
fn a_host_with_all_shards_has_them_and_the_rest_is_one_whole() {
    let (_dir, home) = empty();
    shards(&home, &["a/1", "a/2"]);
    shards(&home, &["b/1", "c/2"]);
    for (job, host) in [
        ("a/1", "lab1"),
        ("a/2", "lab1"),
        ("b/1", "lab2"),
        ("c/2", "lab3"),
    ] {
        move_to(&home, job, host);
    }
    let ran = report(&home, &["a", "b", "c", "--results", "merged"]).expect_code(101);
    assert_eq!(ran.stderr, "");
    let keyval = fs::read_to_string(home.join("merged/keyval")).unwrap();
    assert!(keyval.contains("hostname=lab1,lab2,lab3\n"), "{keyval}");
    for dir in ["lab1/fails", "lab2_lab3/fails"] {
        assert!(home.join("merged").join(dir).is_dir(), "{dir}");
    }
    let ran = report(&home, &["a", "b"]).expect_code(1);
    expect![[r#"
        error: shard 2/2 of `selected` is missing: name its results, too, or run it with `--shard 2/2`
    "#]]
    .assert_eq(&ran.stderr);
}
