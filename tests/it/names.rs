//! Names of tests are names of directories: which are refused, when, and what becomes of the others.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use autotest_core::name::RESERVED;
use expect_test::expect;

use super::binary::{Tree, fixture, fixture_command};

/// The longest name that is accepted.
fn longest() -> String {
    format!("a_test_whose_name_is_as_long_as_can_be_{:x<197}", "")
}

#[test]
fn all_names_that_can_not_be_are_refused_at_once() {
    let ran = fixture("twins", &["--list"]).expect_code(3);
    expect![[r#"
        error: the test at tests/fixtures/twins.rs:25 cannot be called "a_test_whose_name_is_too_long_for_a_directory_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx [cut: 260 bytes in all]": its directory's name has 260 bytes, more than 236; rename it
        the test at tests/fixtures/twins.rs:15 cannot be called "debug": `debug` is reserved in the results tree (logs and printed output); rename it
        the test at tests/fixtures/twins.rs:21 cannot be called "junit::xml": `junit.xml` is reserved in the results tree (the job's JUnit report); rename it
        two tests are called `same`: at tests/fixtures/twins.rs:7 and at tests/fixtures/twins.rs:11; rename one
    "#]].assert_eq(&ran.stderr());
    assert_eq!(ran.stdout(), "");
    assert!(!ran.jobdir().exists(), "a results directory was made");
}

#[test]
fn a_tag_that_makes_a_name_impossible_is_refused_for_all_its_tests_at_once() {
    let ran = fixture("names", &["--tag", "xml", "junit", "a_test"]).expect_code(2);
    expect![[r#"
        error: a_test_whose_name_is_as_long_as_can_be_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx [cut: 236 bytes in all] cannot run as `a_test_whose_name_is_as_long_as_can_be_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx [cut: 240 bytes in all]`: its directory's name has 240 bytes, more than 236; give another `--tag`
        junit cannot run as `junit.xml`: `junit.xml` is reserved in the results tree (the job's JUnit report); give another `--tag`
    "#]].assert_eq(&ran.stderr());
    assert_eq!(ran.stdout(), "");
    assert!(!ran.jobdir().exists(), "a results directory was made");
    let ran = fixture("names", &["--tag", "attempt-1", "junit"]).expect_code(2);
    expect![[r#"
        error: junit cannot run as `junit.attempt-1`: names ending in `.attempt-N` are for interrupted runs; give another `--tag`
    "#]].assert_eq(&ran.stderr());
}

#[test]
fn the_longest_name_runs_in_every_way() {
    for isolation in ["fork", "exec", "none"] {
        let args = ["--exact", &longest(), "--isolation", isolation];
        let ran = fixture("names", &args).expect_code(0);
        let name = longest();
        ran.file(&format!("{name}/debug/{name}.WARNING"));
        assert_eq!(ran.left_in_tmp(), [""; 0]);
    }
}

#[test]
fn the_longest_name_becomes_an_attempt() {
    let home = tempfile::tempdir().unwrap();
    let fence = home.path().join("fence");
    fs::write(&fence, "").unwrap();
    let start = |args: &[&str]| {
        let mut command = fixture_command(home.path(), "names");
        command.args(args).stdout(Stdio::null()).spawn().unwrap()
    };
    let param = format!("while_there={}", fence.display());
    let mut killed = start(&[
        "--results",
        "results",
        "--exact",
        &longest(),
        "--param",
        &param,
    ]);
    let log = format!("results/{0}/debug/{0}.WARNING", longest());
    while !home.path().join(&log).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    fs::remove_file(&fence).unwrap();
    let resumed = start(&["--resume", "results"]).wait().unwrap();
    assert_eq!(resumed.code(), Some(0));
    let tree = Tree::at(home.path(), "results").tree();
    for suffix in ["/", ".attempt-1/"] {
        assert!(
            tree.contains(&format!("{}{suffix}", longest())),
            "{tree:#?}"
        );
    }
}

#[test]
fn what_a_job_and_its_tests_have_for_themselves_is_reserved() {
    let args = ["--junit", "--tap", "records::several_lines", "is_slow"];
    let ran = fixture("steps", &args).expect_code(0);
    let tests = ["records.several_lines", "is_slow"];
    let is_reserved = |name: &str| RESERVED.iter().any(|row| row.name == name);
    for path in ran.tree() {
        let own = tests.iter().fold(path.as_str(), |path, test| {
            path.trim_start_matches(&format!("{test}/"))
        });
        let name = own.split('/').next().unwrap_or_default();
        let is_hidden = own.is_empty() || name.starts_with('.');
        assert!(
            is_hidden || is_reserved(name),
            "`{name}` of `{path}` is not reserved"
        );
    }
}

#[test]
fn a_subtest_can_not_have_the_name_of_a_file_of_its_parent() {
    let ran = fixture("names", &["asks_for"]).expect_code(101);
    expect![[r#"
        →START→asks_for_a_name_of_its_own→asks_for_a_name_of_its_own→timestamp=.→localtime=.→
        →→FAIL→asks_for_a_name_of_its_own→asks_for_a_name_of_its_own→timestamp=.→localtime=.→Unhandled ValueError: junit cannot run as `junit.xml`: `junit.xml` is reserved in the results tree (the job's JUnit report); give it another tag
          at tests/fixtures/names.rs:57:20
        →END FAIL→asks_for_a_name_of_its_own→asks_for_a_name_of_its_own→timestamp=.→localtime=.→
    "#]].assert_eq(&ran.log("asks_for_a_name_of_its_own/status"));
}

#[test]
fn names_that_differ_only_by_case_are_noted_once_where_both_are_meant() {
    let noted = expect![[r#"
        note: the names of `Status` at tests/fixtures/names.rs:30 and the results' own `status` (the status log of each test) differ only in case, which some file systems ignore
        note: the names of `case::PING` at tests/fixtures/names.rs:39 and `case::ping` at tests/fixtures/names.rs:36 differ only in case, which some file systems ignore
    "#]];
    let ran = fixture("names", &["case", "Status"]).expect_code(0);
    let stderr = ran.stderr();
    noted.assert_eq(&stderr);
    let ran = fixture("names", &["--list", "case", "Status"]).expect_code(0);
    assert_eq!(ran.stderr(), stderr);
    expect![[r#"
        Status: test
        case::PING: test
        case::ping: test

        3 tests, 0 benchmarks
    "#]]
    .assert_eq(&ran.stdout());
    let ran = fixture("names", &["case::ping"]).expect_code(0);
    assert_eq!(ran.stderr(), "");
}
