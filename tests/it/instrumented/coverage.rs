//! What a job of tests counts.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::build::{self, Build, cargo, home, left_out, llvm, sources};
use crate::binary::run;

/// How often the functions of a module ran, by their names.
type Counts = BTreeMap<String, u64>;

/// The functions of modules of the crate, each on a line that says how often it is called.
fn functions(modules: &[&str]) -> Vec<(usize, String, u64)> {
    let source = fs::read_to_string(sources().join("src/lib.rs")).unwrap();
    let mut module = "";
    let mut functions = Vec::new();
    for (line, text) in source
        .lines()
        .zip(1..)
        .map(|(text, line)| (line, text.trim()))
    {
        if let Some(name) = text.strip_prefix("pub mod ") {
            module = name.trim_end_matches(" {");
        }
        if let Some((function, count)) = text.split_once("{} // counted: ") {
            let name = function
                .trim_start_matches("pub fn ")
                .trim_end_matches("() ");
            if modules.contains(&module) {
                functions.push((line, name.to_owned(), count.parse().unwrap()));
            }
        }
    }
    assert!(!functions.is_empty());
    functions
}

/// Holds what LLVM's tools read against what the source says.
#[track_caller]
fn check(modules: &[&str], lcov: &str) {
    let file = format!("SF:{}\n", sources().join("src/lib.rs").display());
    let record = lcov
        .split("end_of_record")
        .find(|record| record.contains(&file));
    let lines = record.expect(&file).lines();
    let lines = lines.filter_map(|line| line.strip_prefix("DA:")?.split_once(','));
    let lines: BTreeMap<usize, u64> = lines
        .map(|(line, count)| (line.parse().unwrap(), count.parse().unwrap()))
        .collect();
    let functions = functions(modules);
    let expected = functions
        .iter()
        .map(|(_, name, count)| (name.clone(), *count));
    let counted = functions
        .iter()
        .map(|(line, name, _)| (name.clone(), lines[line]));
    assert_eq!(counted.collect::<Counts>(), expected.collect::<Counts>());
}

/// Runs one of the crate's binaries, which counts to files of this name, and reads them. Returns how many there
/// are.
#[track_caller]
fn count(name: &str, file: &str, args: &[&str], modules: &[&str]) -> Option<usize> {
    if build::are_left_out() {
        return None;
    }
    let profdata = llvm("llvm-profdata", "LLVM_PROFDATA")?;
    let cov = llvm("llvm-cov", "LLVM_COV")?;
    let binary = Build::with_coverage().binary(name);
    let profiles = tempfile::tempdir().unwrap();
    let pattern = profiles.path().join(file);
    let variable = ("LLVM_PROFILE_FILE", pattern.to_str().unwrap());
    let ran = run(&binary, args, &[variable]);
    let code = if name == "thousand" { 0 } else { 101 };
    let _ = ran.expect_code(code);
    let files: Vec<PathBuf> = fs::read_dir(profiles.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let merged = profiles.path().join("merged");
    let mut merge = Command::new(profdata);
    output(merge.args(["merge", "-o"]).arg(&merged).args(&files));
    let mut export = Command::new(cov);
    export.args(["export", "-format=lcov", "-instr-profile"]);
    check(modules, &output(export.arg(&merged).arg(&binary)));
    Some(files.len())
}

/// What a command printed, which succeeds.
#[track_caller]
fn output(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

#[test]
fn a_job_leaves_one_file_with_all_counts_whatever_its_name_is_made_of() {
    for file in ["%m", "%p", "%4m", "%p-%2m", "plain"] {
        let file = format!("{file}.profraw");
        let files = count("calm", &file, &[], &["calm"]);
        assert!(matches!(files, None | Some(1)), "{file}: {files:?}");
    }
}

#[test]
fn tests_are_counted_in_each_isolation() {
    for isolation in ["fork", "exec", "none"] {
        count("calm", "%p.profraw", &["--isolation", isolation], &["calm"]);
    }
}

#[test]
fn tests_are_counted_that_run_at_once() {
    for isolation in ["fork", "exec"] {
        let args = ["--test-threads", "4", "--isolation", isolation];
        count("calm", "%m.profraw", &args, &["calm"]);
        count("rough", "%m.profraw", &args, &["rough"]);
    }
}

#[test]
fn tests_are_counted_that_a_timeout_or_a_signal_ends_and_so_are_their_cleanups() {
    count("rough", "%p.profraw", &[], &["rough", "forks"]);
    count("rough", "%p.profraw", &["--isolation", "exec"], &["rough"]);
}

#[test]
fn a_thousand_tests_leave_one_file() {
    for threads in ["1", "2"] {
        let args = ["--test-threads", threads];
        let files = count("thousand", "%p.profraw", &args, &["thousand"]);
        assert!(matches!(files, None | Some(1)), "{files:?}");
    }
}

/// What cargo-llvm-cov says of a run of the crate's tests; `None` if it is left out.
fn cargo_llvm_cov(name: &str, args: &[&str]) -> Option<String> {
    if build::are_left_out() {
        return None;
    }
    llvm("llvm-profdata", "LLVM_PROFDATA").zip(llvm("llvm-cov", "LLVM_COV"))?;
    for tool in ["llvm-cov", "nextest"] {
        let installed = Command::new(env!("CARGO"))
            .args([tool, "--version"])
            .output();
        if !installed.is_ok_and(|output| output.status.success()) {
            return left_out("cargo llvm-cov", &format!("cargo-{tool} is not installed"));
        }
    }
    let mut cargo = cargo("llvm-cov", "");
    cargo.env_remove("LLVM_PROFILE_FILE");
    // Each takes away what the other counted.
    cargo.env("CARGO_TARGET_DIR", home().join(format!("llvm-cov-{name}")));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NEXTEST")) {
        cargo.env_remove(name);
    }
    cargo.args(args).args(["--ignore-run-fail", "--lcov"]);
    Some(output(&mut cargo))
}

#[test]
fn cargo_llvm_cov_sees_what_tests_do() {
    let args = ["--test", "calm", "--test", "rough", "--test", "thousand"];
    if let Some(lcov) = cargo_llvm_cov("test", &args) {
        check(&["calm", "rough", "forks", "thousand"], &lcov);
    }
}

#[test]
fn cargo_llvm_cov_nextest_sees_what_tests_do() {
    let args = ["nextest", "--test", "calm", "--test", "rough"];
    if let Some(lcov) = cargo_llvm_cov("nextest", &args) {
        check(&["calm", "rough", "forks"], &lcov);
    }
}
