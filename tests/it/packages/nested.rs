//! A package as a test.

use std::fs;

use expect_test::expect;

use super::super::binary::{Ran, fixture, fixture_command, fixture_path, run};
use super::super::tko;
use super::packed::{file_name, package, package_of_shell, plain};

fn path() -> String {
    package("packaged").to_str().unwrap().to_owned()
}

fn package_dir() -> String {
    let path = package("packaged");
    path.parent().unwrap().to_str().unwrap().to_owned()
}

/// The package's directory is another one each time. `expect!` does not keep blanks at the ends of lines.
fn without_dir(text: &str) -> String {
    let text = text.replace(&package_dir(), "<packages>");
    text.lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

fn packaged(args: &[&str]) -> Ran {
    fixture("packaged", &[&["--package", &path()], args].concat())
}

#[test]
fn its_tests_are_runs_below_its_own() {
    let ran = packaged(&["--param", "broken=true", "--param", "mb=64"]).expect_code(101);
    tko::check_tree(&ran.jobdir());
    expect![[r#"

        running 1 test
            subtest may_fail ... FAILED (FAIL)
            FAIL: is broken
                at tests/fixtures/packaged.rs:21:5
            subtest takes ... ok
            subtest waits ... ok
        test <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged) ... FAILED (FAIL)

        failures:

        ---- <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged) stdout ----
        FAIL: 1 of 3 tests failed: may_fail
          stdout:

            running 4 tests
            test asks ... ignored, only for one test
            test may_fail ... FAILED (FAIL)
            test takes ... ok
            test waits ... ok

            failures:

            ---- may_fail stdout ----
            FAIL: is broken
                at tests/fixtures/packaged.rs:21:5
                see <root>/<results>/packaged/job/may_fail/debug

            failures:
                may_fail

            test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in .

            results: <root>/<results>/packaged/job
            see <root>/<results>/packaged/debug

        failures:
            <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged)

        test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 4 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&without_dir(&ran.stdout()));
    expect![[r#"
        START→----→----→timestamp=.→localtime=.→
        →START→packaged→packaged→timestamp=.→localtime=.→
        →→START→packaged/job/may_fail→may_fail→timestamp=.→localtime=.→
        →→→FAIL→packaged/job/may_fail→may_fail→timestamp=.→localtime=.→is broken
          at tests/fixtures/packaged.rs:21:5
        →→END FAIL→packaged/job/may_fail→may_fail→timestamp=.→localtime=.→
        →→START→packaged/job/takes→takes→timestamp=.→localtime=.→
        →→→GOOD→packaged/job/takes→takes→timestamp=.→localtime=.→completed successfully
        →→END GOOD→packaged/job/takes→takes→timestamp=.→localtime=.→
        →→START→packaged/job/waits→waits→timestamp=.→localtime=.→
        →→→GOOD→packaged/job/waits→waits→timestamp=.→localtime=.→completed successfully
        →→END GOOD→packaged/job/waits→waits→timestamp=.→localtime=.→
        →→FAIL→packaged→packaged→timestamp=.→localtime=.→1 of 3 tests failed: may_fail
        →END FAIL→packaged→packaged→timestamp=.→localtime=.→
        END GOOD→----→----→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&ran.log("status.log"));
    expect![[r#"
        →START→packaged→packaged→timestamp=.→localtime=.→
        →→FAIL→packaged→packaged→timestamp=.→localtime=.→1 of 3 tests failed: may_fail
        →END FAIL→packaged→packaged→timestamp=.→localtime=.→
    "#]]
    .assert_eq(&ran.log("packaged/status"));
    assert!(ran.file("packaged/job/takes/keyval").contains("mb=64\n"));
    assert_eq!(ran.file("packaged/job/takes/debug/stdout"), "took 64\n");
    assert_eq!(ran.left_in_tmp(), [""; 0]);
}

/// Also what the package's job itself has left, which no report of this job writes again.
#[test]
fn a_replay_makes_the_same_reports() {
    let ran = packaged(&["--param", "broken=true", "--junit", "--tap"]).expect_code(101);
    let before = contents(&ran);
    let jobdir = ran.jobdir();
    let mut replay = fixture_command(&jobdir, "packaged");
    let output = replay
        .arg("--replay")
        .arg(&jobdir)
        .args(["--junit", "--tap"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(101));
    assert_eq!(contents(&ran), before);
    expect![[r#"
        1..5
        not ok 1 - may_fail
        ok 2 - takes
        ok 3 - waits
        not ok 4 - packaged
        ok 5 - job
    "#]]
    .assert_eq(&ran.file("status.tap"));
}

fn contents(ran: &Ran) -> Vec<(String, Vec<u8>)> {
    let paths = ran.tree().into_iter().filter(|path| !path.ends_with('/'));
    paths
        .map(|path| {
            let content = fs::read(ran.jobdir().join(&path)).unwrap();
            (path, content)
        })
        .collect()
}

#[test]
fn every_isolation_runs_it() {
    for isolation in ["fork", "exec", "none"] {
        let ran = packaged(&["--isolation", isolation]).expect_code(0);
        let log = ran.log("status.log");
        for test in ["may_fail", "takes", "waits"] {
            let end = format!("→→END GOOD→packaged/job/{test}→{test}→");
            assert_eq!(log.matches(&end).count(), 1, "{isolation}: {log}");
        }
    }
}

#[test]
fn it_runs_after_the_tests_that_are_selected() {
    let ran = packaged(&["takes"]).expect_code(0);
    expect![[r#"

        running 2 tests
        test takes ... ok
            subtest may_fail ... ok
            subtest takes ... ok
            subtest waits ... ok
        test <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged) ... ok

        test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 3 filtered out; finished in .

        results: <root>/<results>
    "#]]
    .assert_eq(&without_dir(&ran.stdout()));
}

#[test]
fn a_tag_and_the_arguments_of_the_lifecycle_reach_it() {
    let ran = packaged(&["--tag", "t", "--iterations", "2"]).expect_code(0);
    let journal = ran.file("packaged.t/job/journal.jsonl");
    assert!(journal.contains(r#""argv":["--results","<root>/<results>/packaged.t/job","--color","never","--iterations","2"]"#), "{journal}");
}

#[test]
fn a_control_function_runs_it_and_gets_its_verdict() {
    let package = format!("package={}", path());
    let ran = fixture("packaged", &["--control", "runs", "--param", &package]).expect_code(101);
    let stdout = ran.file("debug/control.stdout");
    assert_eq!(stdout, "GOOD\nFAIL: 1 of 3 tests failed: may_fail\n");
    assert!(
        ran.file("packaged.first/job/takes/keyval")
            .contains("mb=7\n")
    );
    expect![[r#"

        running the control function runs
            subtest may_fail ... ok
            subtest takes ... ok
            subtest waits ... ok
        test <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged.first) ... ok
            subtest may_fail ... FAILED (FAIL)
            FAIL: is broken
                at tests/fixtures/packaged.rs:21:5
            subtest takes ... ok
            subtest waits ... ok
        test <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged.second) ... FAILED (FAIL)
        test takes ... ok

        failures:

        ---- <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged.second) stdout ----
        FAIL: 1 of 3 tests failed: may_fail
            in again
          stdout:
    
            running 4 tests
            test asks ... ignored, only for one test
            test may_fail ... FAILED (FAIL)
            test takes ... ok
            test waits ... ok
    
            failures:
    
            ---- may_fail stdout ----
            FAIL: is broken
                at tests/fixtures/packaged.rs:21:5
                see <root>/<results>/packaged.second/job/may_fail/debug
    
            failures:
                may_fail
    
            test result: FAILED. 2 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in .
    
            results: <root>/<results>/packaged.second/job
            see <root>/<results>/packaged.second/debug

        failures:
            <packages>/packaged-1.0.0-x86_64-unknown-linux-gnu.tar.bz2 (packaged.second)

        test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in .

        results: <root>/<results>
    "#]].assert_eq(&without_dir(&ran.stdout()));
}

#[test]
fn a_control_function_names_it_and_a_repository_has_it() {
    let package = format!("package={}", file_name("packaged"));
    let dir = package_dir();
    let args = ["--control", "runs", "--param", &package, "--package", &dir];
    let ran = fixture("packaged", &args).expect_code(101);
    let stdout = ran.file("debug/control.stdout");
    assert_eq!(stdout, "GOOD\nFAIL: 1 of 3 tests failed: may_fail\n");
}

#[test]
fn a_job_file_runs_it() {
    let dir = tempfile::tempdir().unwrap();
    let job = dir.path().join("job.json");
    let text = serde_json::json!({"runs": [{"test": path(), "tag": "once", "args": {"mb": 5}}]});
    fs::write(&job, text.to_string()).unwrap();
    let ran = fixture("packaged", &["--job", job.to_str().unwrap()]).expect_code(0);
    assert!(
        ran.file("packaged.once/job/takes/keyval")
            .contains("mb=5\n")
    );
}

#[test]
fn a_test_runs_it_as_a_subtest() {
    let package = format!("package={}", path());
    let args = [
        "--ignored",
        "asks",
        "--param",
        &package,
        "--param",
        "tag=once",
    ];
    let ran = fixture("packaged", &args).expect_code(0);
    assert_eq!(
        ran.file("asks/debug/stdout"),
        "GOOD in asks/packaged.once\n"
    );
    let log = ran.log("status.log");
    assert!(
        log.contains("→→→END GOOD→asks/packaged.once/job/takes→takes→"),
        "{log}"
    );
    assert!(
        ran.file("asks/packaged.once/job/takes/keyval")
            .contains("mb=1\n")
    );
}

#[test]
fn a_package_of_a_reserved_name_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let package = dir.path().join("status.tar.bz2");
    plain(&package, &[]);
    let ran = fixture("packaged", &["--package", package.to_str().unwrap()]).expect_code(2);
    let message = format!(
        "error: {}: its run cannot be called `status`: `status` is reserved in the results tree (the status \
         log of each test)\n",
        package.display()
    );
    assert_eq!(
        ran.stderr(),
        message.replace(ran.jobdir().parent().unwrap().to_str().unwrap(), "<root>")
    );
}

#[test]
fn two_packages_of_one_name_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join(file_name("packaged"));
    fs::copy(package("packaged"), &other).unwrap();
    let ran = packaged(&["--package", other.to_str().unwrap()]).expect_code(2);
    let stderr = without_dir(&ran.stderr());
    assert!(
        stderr.contains("share the directory `packaged`: run them one by one"),
        "{stderr}"
    );
}

#[test]
fn what_runs_no_tests_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let package = package_of_shell(dir.path());
    let ran = fixture("params", &["--package", package.to_str().unwrap()]).expect_code(101);
    let log = ran.log("status.log");
    let reason = "the package's job ended with exit status: 2: see `debug/stderr`";
    assert!(
        log.contains(&format!(
            "ERROR→shell→shell→timestamp=.→localtime=.→{reason}\n"
        )),
        "{log}"
    );
}

#[test]
fn an_original_package_has_no_tests() {
    let dir = tempfile::tempdir().unwrap();
    let package = dir.path().join("test-old.tar.bz2");
    plain(&package, &[("old.py", "import os\n")]);
    let ran = fixture("params", &["--package", package.to_str().unwrap()]).expect_code(101);
    let log = ran.log("status.log");
    let reason =
        "it has no `manifest.json`, so it has no tests of its own: `job.install_pkg` installs it";
    assert!(log.contains(reason), "{log}");
}

#[test]
fn a_command_line_that_cannot_run_it_leaves_nothing() {
    let control = ["--control", "runs", "--param", "package=x"];
    for (args, message) in [
        (
            &["--package", "/nowhere/x.tar.bz2"][..],
            "error: the package `/nowhere/x.tar.bz2` does not exist\n",
        ),
        (
            &["--package", "x.tar.bz2"],
            "error: the package `x.tar.bz2` is not here: name the directory or URL that has it with another \
             `--package`\n",
        ),
        (
            &["--package", "/nowhere"],
            "error: `--package` takes a package, a directory or a URL (`/nowhere` is no directory), not \
             `/nowhere`\n",
        ),
        (
            &["--package", "ftp://host/x.tar.bz2"],
            "error: `--package` takes a package, a directory or a URL (`ftp://host`: packages come from directories, \
             `file://`, `http://` and `https://`), not `ftp://host/x.tar.bz2`\n",
        ),
        (
            &[&control[..], &["--package", "x.tar.bz2"]].concat(),
            "error: `--package x.tar.bz2` cannot be given with `--control`: the control function says which \
             tests run\n",
        ),
    ] {
        let ran = run(fixture_path("packaged"), args, &[]).expect_code(2);
        assert_eq!(ran.stderr(), message);
        assert!(!ran.jobdir().exists());
    }
}
