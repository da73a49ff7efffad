//! Which tests run, in which order.

use std::time::{Duration, Instant};

use super::binary::{Ran, fixture, fixture_command, fixture_with};

const ALL: [&str; 10] = [
    "disk::format::ext4",
    "disk::format::fat",
    "disk::read",
    "disk::write",
    "fails",
    "net::ping",
    "net::tcp",
    "net::udp",
    "warns",
    "where_is_tmp",
];

fn names(list: &Ran) -> Vec<String> {
    let lines = list.stdout();
    let names = lines
        .lines()
        .map(|line| line.strip_suffix(": test").unwrap());
    names.map(str::to_owned).collect()
}

fn listed(args: &[&str]) -> Vec<String> {
    let args = [args, &["--list", "--format", "terse"]].concat();
    names(&fixture("selected", &args).expect_code(0))
}

#[track_caller]
fn check(args: &[&str], expected: &[&str]) {
    assert_eq!(listed(args), expected, "{args:?}");
}

#[test]
fn attributes_suites_dependencies_and_names_select() {
    check(&["--attr", "slow"], &["net::ping", "net::udp"]);
    check(&["--attr", "slow && !\"dev:*\""], &["net::ping"]);
    check(
        &["--attr", "suite:bvt && !(slow || name:*write)"],
        &["disk::read"],
    );
    check(&["--attr", "\"dep:usb port\""], &["disk::read"]);
    check(
        &["--attr", "name:disk::format::*"],
        &["disk::format::ext4", "disk::format::fat"],
    );
}

#[test]
fn the_path_of_an_item_selects_its_test_unless_a_test_has_that_name() {
    let check = |path: &str, expected: &[&str]| {
        let args = ["--exact", path, "--list", "--format", "terse"];
        assert_eq!(names(&fixture("faulty", &args).expect_code(0)), expected);
    };
    check("raises::CleanupToo", &["raises::cleanup_too"]);
    check("raises::cleanup_too", &["raises::cleanup_too"]);
    check("CleanupToo", &[]);
    check("own_execute", &["own_execute"]);
}

#[test]
fn suites_add_up_and_all_else_narrows() {
    check(&["--suite", "net", "--attr", "!slow"], &["net::tcp"]);
    check(
        &["--suite", "net", "--suite", "bvt", "--skip", "net"],
        &["disk::read", "disk::write"],
    );
    check(
        &["--attr", "suite:net", "--attr", "slow", "ping"],
        &["net::ping"],
    );
    check(&["--suite", "bv"], &[]);
}

#[test]
fn what_is_not_selected_is_filtered_out() {
    let ran = fixture("selected", &["--suite", "bvt"]).expect_code(0);
    let told = "2 passed; 0 failed; 1 ignored; 0 measured; 7 filtered out";
    assert!(ran.stdout().contains(told), "{}", ran.stdout());
}

#[test]
fn an_unknown_attribute_or_suite_is_told() {
    let args = [
        "--attr",
        "suite:bvt && !slwo && !\"dev:usb*\"",
        "--suite",
        "btv",
    ];
    let ran = fixture("selected", &args).expect_code(0);
    assert_eq!(
        ran.stderr(),
        "note: no test is in the suite `btv`; did you mean `bvt`?\n\
         note: no test has the attribute `slwo`; did you mean `slow`?\n\
         note: no test has the attribute `dev:usb*`\n"
    );
}

#[test]
fn every_test_is_in_one_shard() {
    for parts in 1..=5 {
        let shards = (1..=parts).map(|part| listed(&["--shard", &format!("{part}/{parts}")]));
        let mut all: Vec<_> = shards.flatten().collect();
        all.sort();
        assert_eq!(all, ALL, "{parts} parts");
    }
}

/// Whichever others are there, a test is in the same shard.
#[test]
fn other_tests_move_none() {
    let of = |filter: &[&str]| listed(&[&["--shard", "2/3"], filter].concat());
    let alone: Vec<_> = ALL.iter().flat_map(|name| of(&["--exact", name])).collect();
    assert_eq!(alone, of(&[]));
}

#[test]
fn the_journal_knows_the_shard() {
    let ran = fixture("selected", &["--shard", "2/3", "--skip", "fails"]).expect_code(0);
    assert!(ran.file("journal.jsonl").contains("\"shard\":\"2/3\""));
}

#[test]
fn a_flag_wins_over_our_variable_and_that_over_engines() {
    let bazel = [
        ("BAZEL_TEST", "1"),
        ("TEST_TOTAL_SHARDS", "3"),
        ("TEST_SHARD_INDEX", "1"),
    ];
    let slurm = [
        ("SLURM_ARRAY_TASK_ID", "7"),
        ("SLURM_ARRAY_TASK_COUNT", "3"),
        ("SLURM_ARRAY_TASK_MIN", "5"),
        ("SLURM_ARRAY_TASK_MAX", "7"),
        ("SLURM_ARRAY_TASK_STEP", "1"),
    ];
    let ours = [("AUTOTEST_SHARD", "1/3")];
    let check = |args: &[&str], variables: &[&[(&str, &str)]], shard: &str| {
        let args = [args, &["--list", "--format", "terse"]].concat();
        let ran = fixture_with(&variables.concat(), "selected", &args).expect_code(0);
        assert_eq!(names(&ran), listed(&["--shard", shard]), "{variables:?}");
    };
    let pod = [("AUTOTEST_SHARDS", "3"), ("JOB_COMPLETION_INDEX", "1")];
    let parallel = [("AUTOTEST_SHARDS", "3"), ("PARALLEL_SEQ", "1")];
    check(&["--shard", "2/4"], &[&pod], "2/4");
    check(&[], &[&ours, &pod], "1/3");
    check(&[], &[&slurm, &pod], "2/3");
    check(&[], &[&parallel], "1/3");
    check(&[], &[&pod[1..]], "1/1");
    check(&["--shard", "2/4"], &[&ours, &bazel, &slurm], "2/4");
    check(&[], &[&ours, &bazel, &slurm], "1/3");
    check(&[], &[&bazel, &slurm], "2/3");
    check(&[], &[&slurm], "3/3");
    check(&[], &[&bazel[1..]], "1/1");
    check(&[], &[&[("AUTOTEST_SHARD", "")]], "1/1");
}

/// The names in the order in which they ran.
fn order(ran: &Ran) -> Vec<String> {
    let stdout = ran.stdout();
    let lines = stdout.lines().filter_map(|line| line.strip_prefix("test "));
    let names = lines.filter_map(|line| line.split_once(" ... "));
    let names = names.filter(|(_, verdict)| !verdict.starts_with("ignored"));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn a_seed_makes_an_order_and_says_so() {
    let run = |args: &[&str]| {
        let args = [&["--skip", "fails"], args].concat();
        fixture("selected", &args).expect_code(0)
    };
    let (plain, one) = (run(&[]), run(&["--shuffle-seed", "7"]));
    let again = run(&["--shuffle", "--shuffle-seed", "7"]);
    assert!(
        one.stdout()
            .starts_with("\nrunning 9 tests (shuffle seed: 7)\n")
    );
    assert_eq!(order(&one), order(&again));
    assert_ne!(order(&one), order(&plain));
    let mut sorted = order(&one);
    sorted.sort();
    assert_eq!(sorted, order(&plain));
    assert!(one.file("journal.jsonl").contains("\"shuffle_seed\":7,"));
}

#[test]
fn without_a_seed_one_is_made_and_told() {
    let ran = fixture("selected", &["--shuffle", "--skip", "fails"]).expect_code(0);
    let stdout = ran.stdout();
    let told = stdout.split_once("(shuffle seed: ").unwrap().1;
    let seed = told.split_once(')').unwrap().0;
    let again = ["--shuffle-seed", seed, "--skip", "fails"];
    let again = fixture("selected", &again).expect_code(0);
    assert_eq!(order(&ran), order(&again));
}

#[test]
fn variables_shuffle_as_for_libtest() {
    let run = |variables: &[(&str, &str)]| {
        fixture_with(variables, "selected", &["net"])
            .expect_code(0)
            .stdout()
    };
    assert!(run(&[("RUST_TEST_SHUFFLE", "1")]).contains("(shuffle seed: "));
    assert!(!run(&[("RUST_TEST_SHUFFLE", "0")]).contains("shuffle"));
    assert!(run(&[("RUST_TEST_SHUFFLE_SEED", "9")]).contains("(shuffle seed: 9)"));
}

#[test]
fn strict_takes_a_warning_for_a_failure() {
    fixture("selected", &["warns"]).expect_code(0);
    let ran = fixture("selected", &["--strict", "warns"]).expect_code(101);
    let stdout = ran.stdout();
    assert!(
        stdout.contains("test warns ... FAILED (WARN)\n"),
        "{stdout}"
    );
    assert!(
        stdout.contains("test result: FAILED. 0 passed; 1 failed;"),
        "{stdout}"
    );
    assert!(ran.file(".autoserv_execute").ends_with("\n256\n1\n"));
    let ran = fixture("selected", &["--strict", "--fail-fast", "warns", "where"]).expect_code(101);
    assert!(
        ran.stdout().contains("tests that did not run: 1\n"),
        "{}",
        ran.stdout()
    );
}

#[test]
fn a_filter_that_matches_nothing_passes_with_0_tests() {
    let ran = fixture("selected", &["nosuch"]).expect_code(0);
    let stdout = ran.stdout();
    let expected = "\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; \
                    0 measured; 10 filtered out; finished in .";
    assert!(stdout.starts_with(expected), "{stdout}");
    fixture("selected", &["--no-tests=fail", "nosuch"]).expect_code(4);
}

/// Variables and the clock chose the tests and their order; neither is the same later.
#[test]
fn a_job_that_goes_on_keeps_its_shard_and_its_order() {
    let home = tempfile::tempdir().unwrap();
    let journal = home.path().join("job/journal.jsonl");
    let mut command = fixture_command(home.path(), "faulty");
    command
        .args(["--results", "job", "--include-ignored", "--exact"])
        .args(["says::warn", "parts", "own_execute", "sleeps"])
        .envs([("RUST_TEST_SHUFFLE", "1"), ("AUTOTEST_SHARD", "1/1")])
        .stdout(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    let begin = Instant::now();
    let is_on = || {
        let text = std::fs::read_to_string(&journal).unwrap_or_default();
        let mut lines = text.lines();
        lines.any(|line| line.contains("\"test_start\":{\"test\":\"sleeps\""))
    };
    while !is_on() && begin.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_on(), "it did not begin");
    let mut command = fixture_command(home.path(), "faulty");
    let output = command
        .args(["--resume", "job", "--attempts", "1"])
        .output();
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let log = std::fs::read_to_string(home.path().join("job/status.log")).unwrap();
    for end in [
        "END WARN\tsays.warn",
        "END GOOD\tparts",
        "END GOOD\town_execute",
        "END ABORT\tsleeps",
    ] {
        assert!(log.contains(end), "no {end:?} in {log}");
    }
}
