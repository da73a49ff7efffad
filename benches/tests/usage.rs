//! The command line from outside, where nothing is built or measured.

use std::process::{Command, Output};

fn bench(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_autotest-bench"));
    command.args(args).output().unwrap()
}

#[test]
fn rows_are_listed_with_what_they_measure() {
    let output = bench(&["--list"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(
        names.contains(&"isolated") && names.contains(&"compile-suites"),
        "{names:?}"
    );
    assert!(
        text.lines().all(|line| line.split_whitespace().count() > 2),
        "{text}"
    );
}

#[test]
fn each_row_is_explained() {
    let text = String::from_utf8(bench(&["--list"]).stdout).unwrap();
    let readme = include_str!("../README.md");
    for name in text.lines().filter_map(|line| line.split(' ').next()) {
        assert!(
            readme.contains(&format!("| `{name}` |")),
            "README.md has no row `{name}`"
        );
    }
}

#[test]
fn a_row_that_is_not_there_is_wrong_usage() {
    let output = bench(&["--only", "isolatd"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text,
        "error: no row is called `isolatd`; did you mean `isolated`?\n"
    );
}
