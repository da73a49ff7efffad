//! What gcov's runtime counts of C code.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

use super::build::{self, Build, home, left_out, sources};
use crate::binary::run;

/// Runs a program with arguments, if it is installed.
fn gnu(program: &str, args: &[&str]) -> Option<String> {
    let mut command = Command::new(program);
    match command.current_dir(home()).args(args).output() {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).unwrap()),
        Ok(output) => panic!("{program}: {}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => left_out("gcov", &format!("{program}: {error}")),
    }
}

/// Holds each line of C code that says how often it runs against what gcov says.
#[track_caller]
fn check(listing: &str) {
    let mut marks = 0;
    for line in listing.lines().filter(|line| line.contains("/* counted: ")) {
        let (_, mark) = line.split_once("/* counted: ").unwrap();
        let count = line.split(':').next().unwrap().trim();
        let count = if count == "#####" { "0" } else { count };
        assert_eq!(mark.split_once(' ').unwrap().0, count, "{line}");
        marks += 1;
    }
    assert!(marks > 0, "{listing}");
}

#[test]
fn c_code_is_counted_in_forked_tests() {
    if build::are_left_out() {
        return;
    }
    let source = sources().join("src/counted.c");
    let object = home().join(format!("counted-{:x}.o", hash(&source)));
    // With a seed of its own each object file would have another stamp.
    let mut compile = vec!["-O0", "--coverage", "-frandom-seed=counted", "-c"];
    compile.extend([source.to_str().unwrap(), "-o", object.to_str().unwrap()]);
    if gnu("gcc", &compile).is_none() {
        return;
    }
    let binary = Build::with_gcov(&object).binary("gcov");
    for threads in ["1", "2"] {
        let _ = fs::remove_file(object.with_extension("gcda"));
        let _ = run(&binary, &["--test-threads", threads], &[]).expect_code(101);
        if let Some(listing) = gnu("gcov", &["--stdout", object.to_str().unwrap()]) {
            check(&listing);
        }
    }
}

/// Another source has another object file, so that cargo links it.
fn hash(source: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    fs::read(source).unwrap().hash(&mut hasher);
    hasher.finish()
}
