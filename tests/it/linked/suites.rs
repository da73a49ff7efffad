//! Which tests a suite has, and what becomes of those that the target cannot run.

use std::fs;
use std::process::Command;

use autotest_meta::Suite;

use super::{built, copy};
use crate::binary::{Ran, run};
use crate::described;

/// A suite in a directory without anything else.
fn alone(name: &str, args: &[&str], variables: &[(&str, &str)], data: Option<&str>) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let binary = home.path().join(name);
    copy(&built().join(name), &binary);
    if let Some(data) = data {
        fs::create_dir(home.path().join("blobs")).unwrap();
        fs::write(home.path().join("blobs/small.bin"), data).unwrap();
    }
    run(&binary, args, variables)
}

#[test]
fn a_binary_has_the_tests_of_all_libraries_that_main_names() {
    let list = alone("all", &["--list"], &[], None).expect_code(0);
    let expected = "net::link: test
net_tests::needs_more: test
net_tests::ping: test
net_tests::reads_data: test
net_tests::resolves::v4: test
net_tests::resolves::v6: test
net_tests::tcp::Transfer: test
net_tests::tcp::states::closes: test
net_tests::tcp::states::opens: test
net_tests::throughput: test
own: test
storage_tests::mounts: test

12 tests, 0 benchmarks
net::link: the site's version, at storage-tests/src/lib.rs:11, replaces that at net-tests/src/lib.rs:29
";
    assert_eq!(
        (list.stdout().as_str(), list.stderr().as_str()),
        (expected, "")
    );
    let one = alone("all", &["--list", "own"], &[], None).expect_code(0);
    assert_eq!(one.stdout(), "own: test\n\n1 test, 0 benchmarks\n");
}

#[test]
fn a_suite_has_its_own_tests_and_those_that_name_no_suite() {
    let list = alone("bvt", &["--list", "--format", "terse"], &[], None).expect_code(0);
    let expected = "net::link: test
net_tests::needs_more: test
net_tests::ping: test
net_tests::reads_data: test
net_tests::resolves::v4: test
net_tests::resolves::v6: test
net_tests::tcp::Transfer: test
net_tests::tcp::states::opens: test
storage_tests::mounts: test
";
    assert_eq!(list.stdout(), expected);
}

#[test]
fn a_file_says_of_its_suite_what_the_binary_says() {
    for name in ["all", "bvt", "unnamed"] {
        described::check(Command::new(built().join(name)));
    }
    let suite = Suite::of_file(&built().join("bvt")).unwrap();
    assert_eq!(suite.suite.as_deref(), Some("bvt"));
    assert_eq!(suite.crates, ["net_tests", "storage_tests"]);
}

#[test]
fn a_library_without_tests_ends_the_binary() {
    for args in [&["--list"][..], &[], &["--describe", "net_tests::ping"]] {
        let ran = alone("lacking", args, &[], None).expect_code(3);
        assert_eq!(
            ran.stderr(),
            "error: the crate `left_out` has no test in this binary: it declares none, or the linker dropped it; \
             see docs/suites.md, \"Tests that the linker drops\"\n"
        );
        assert_eq!((ran.stdout().as_str(), ran.jobdir().exists()), ("", false));
    }
}

#[test]
fn a_library_that_main_does_not_name_is_told() {
    let ran = alone("unnamed", &["storage_tests"], &[], None).expect_code(0);
    assert_eq!(
        ran.stderr(),
        "note: `main!` does not name `storage_tests`, whose tests are in this binary: write \
         `autotest::main!(net_tests, storage_tests)`, so that the linker never drops them unnoticed\n"
    );
}

#[test]
fn the_site_s_version_of_a_test_runs_and_is_described() {
    alone("all", &["--exact", "net::link"], &[], None).expect_code(0);
    let described = alone("all", &["--describe", "net::link"], &[], None).expect_code(0);
    let expected = "net::link
    Replaces that of `net-tests`.

at storage-tests/src/lib.rs:11
the site's version: it replaces that at net-tests/src/lib.rs:29
phases: run_once
version: 0
";
    assert_eq!(described.stdout(), expected);
}

#[test]
fn a_test_whose_needs_are_not_met_does_not_begin() {
    let ran = alone("all", &["needs_more", "opens"], &[], None).expect_code(0);
    let log = ran.log("status.log");
    let lines: Vec<_> = log
        .lines()
        .map(|line| line.trim_start_matches('→'))
        .collect();
    let verdicts: Vec<_> = lines
        .iter()
        .filter(|line| line.starts_with("TEST_NA"))
        .collect();
    let told: Vec<_> = verdicts
        .iter()
        .filter_map(|line| line.rsplit('→').next())
        .collect();
    let root = match rustix::process::geteuid() {
        user if user.is_root() => String::new(),
        user => format!("needs root: the user is {}; ", user.as_raw()),
    };
    let opens = format!(r#"{root}needs env("NO_SUCH_VARIABLE"): the variable is not set"#);
    assert_eq!(
        told,
        [
            r#"needs cmd("no-such-program"): there is no such program in PATH; needs file("/no/such/file"): there is no such file"#,
            opens.as_str(),
        ]
    );
    // Nothing of it ran: its directory is empty but for the status log.
    assert_eq!(
        ran.tree()
            .iter()
            .filter(|path| path.starts_with("net_tests.needs_more/"))
            .collect::<Vec<_>>(),
        ["net_tests.needs_more/", "net_tests.needs_more/status"]
    );
}

#[test]
fn needs_that_are_not_met_are_failures_if_that_is_wanted() {
    let ran = alone("all", &["--strict-needs", "needs_more", "own"], &[], None).expect_code(101);
    let stdout = ran.stdout();
    assert!(
        stdout.contains("test net_tests::needs_more ... FAILED"),
        "{stdout}"
    );
    assert!(
        ran.log("status.log").contains("ERROR→net_tests.needs_more"),
        "{stdout}"
    );
    for isolation in ["none", "exec"] {
        let args = ["--isolation", isolation, "--exact", "net_tests::needs_more"];
        let ran = alone("all", &args, &[], None).expect_code(0);
        assert!(
            ran.log("status.log")
                .contains("TEST_NA→net_tests.needs_more")
        );
    }
}

#[test]
fn needs_and_data_are_described() {
    let described = alone(
        "all",
        &["--describe", "net_tests::tcp::states::opens"],
        &[],
        None,
    );
    let stdout = described.expect_code(0).stdout();
    assert!(
        stdout.contains("\nneeds: root, env(\"NO_SUCH_VARIABLE\")\n"),
        "{stdout}"
    );
}

#[test]
fn a_missing_data_file_is_told_before_anything_runs() {
    let ran = alone("all", &["reads_data", "own"], &[], None).expect_code(2);
    assert_eq!((ran.stdout().as_str(), ran.jobdir().exists()), ("", false));
    let stderr = ran.stderr();
    let expected = "error: data files of `net_tests::reads_data` are missing: `blobs/small.bin`; put them beside the \
                    executable, in `";
    assert!(stderr.starts_with(expected), "{stderr}");
    for other in ["own", "no_such_test"] {
        alone("all", &[other], &[], None).expect_code(0);
    }
    let job = tempfile::NamedTempFile::new().unwrap();
    let path = job.path().to_str().unwrap();
    for (test, code) in [("own", 0), ("net_tests::reads_data", 2)] {
        fs::write(path, format!(r#"{{"runs": [{{"test": "{test}"}}]}}"#)).unwrap();
        alone("all", &["--job", path], &[], None).expect_code(code);
    }
    // Nobody knows what a control function will request.
    alone("all", &["--control", "net_tests::nightly"], &[], None).expect_code(2);
}

#[test]
fn a_data_file_is_found_beside_the_executable_and_under_cargo_in_its_crate() {
    for isolation in ["fork", "exec", "none"] {
        let args = ["--isolation", isolation, "reads_data"];
        alone("all", &args, &[], Some("small\n")).expect_code(0);
    }
    let package = super::sources().join("suites");
    let under_cargo = [("CARGO_MANIFEST_DIR", package.to_str().unwrap())];
    alone("all", &["reads_data"], &under_cargo, None).expect_code(0);
    // What is beside the executable wins.
    alone("all", &["reads_data"], &under_cargo, Some("other\n")).expect_code(101);
}

#[test]
fn the_results_are_those_of_the_suite() {
    let ran = alone("bvt", &["ping"], &[], None).expect_code(0);
    assert!(ran.file("keyval").contains("label=bvt\n"));
}
