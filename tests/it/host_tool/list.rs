//! `list`: the tests of a binary, without running it.

use expect_test::expect;

use super::{empty, root, run_in, write};
use crate::binary::{fixture, fixture_path};

fn list(args: &[&str]) -> super::Ran {
    let mut all = vec!["list"];
    all.extend(args);
    run_in(&root().join("tests"), &all)
}

fn path(name: &str) -> &'static str {
    fixture_path(name).to_str().unwrap()
}

#[test]
fn the_names_are_those_of_the_binary() {
    for name in ["selected", "params", "controls", "many"] {
        let listed = list(&[path(name)]).expect_code(0);
        let own = fixture(name, &["--list", "--format", "terse"]).expect_code(0);
        assert_eq!(listed.stdout, own.printed().replace(": test\n", "\n"));
        assert_eq!(listed.stderr, "");
    }
}

#[test]
fn verbose_shows_first_lines_and_control_functions() {
    let listed = list(&["--verbose", path("controls")]).expect_code(0);
    expect![[r#"
        aborts
        fails
        passes: Passes.
        settled: Tells the settings of its job.
        sleeps
        takes: Writes what it was given to a keyval.
        aborted (a control function): Runs a test that ends the job.
        branches_fail (a control function)
        closes (a control function): Closes its channel, which is descriptor 3.
        dies_early (a control function): Kills itself while its test runs.
        diverges (a control function): Makes other requests whenever it is called.
        ends_early (a control function): Ends before it has made the requests of its first call.
        exits (a control function)
        fails_itself (a control function)
        floods (a control function): Writes what is no request to its channel.
        forks (a control function): Asks from a process that it forks.
        grouped (a control function): Groups without branches, so that all reports have one order.
        hangs (a control function)
        hooked (a control function)
        kills_itself (a control function)
        leaks (a control function): Leaves a process behind.
        limits::deep_value (a control function)
        limits::long_reason (a control function)
        limits::refused_settings (a control function)
        many (a control function): Requests many runs.
        nested (a control function): Groups in branches in a group. The `io` branch ends first.
        panics (a control function)
        random (a control function): A job to kill: what it requests depends on `seed` alone.
        reboots (a control function): Reboots once.
        refused (a control function): What is refused ends the job only if the function lets it.
        tolerant (a control function): An error of a group that does not leave the function, and a group without runs.
        whole (a control function): Everything that works.
    "#]].assert_eq(&listed.stdout);
}

#[test]
fn json_is_what_the_binary_says() {
    let listed = list(&["--format", "json", path("params")]).expect_code(0);
    let own = fixture("params", &["--describe", "*", "--format", "json"]).expect_code(0);
    assert_eq!(listed.stdout, own.printed());
}

#[test]
fn files_without_tests_are_refused() {
    let (_dir, dir) = empty();
    write(&dir, &[("text", "no binary"), ("cut.tar.bz2", "BZh9")]);
    let mut told = String::new();
    for file in ["missing", "text", "cut.tar.bz2", "/bin/sh", "."] {
        let ran = run_in(&dir, &["list", file]).expect_code(2);
        assert_eq!(ran.stdout, "");
        told += &ran.stderr;
    }
    expect![[r#"
        error: failed to read the tests of `missing`: No such file or directory (os error 2)
        error: failed to read the tests of `text`: it is neither an ELF file nor a package: give the path of a test binary or a package
        error: failed to read the tests of `cut.tar.bz2`: it is no package of a suite: the package is truncated
        error: failed to read the tests of `/bin/sh`: it has no section `autotest_meta`: it was built without autotest tests, or a tool has removed the section
        error: failed to read the tests of `.`: it is not a regular file: give the path of a test binary or a package
    "#]].assert_eq(&told);
}
