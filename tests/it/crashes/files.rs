//! Cores that the kernel writes to files, without the handler.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::super::binary::{Tree, fixture_path, walk};
use super::job::{has_gdb, normal, programs_without_gdb, without_ids};
use super::target::alone;

/// Runs the fixture without a limit for cores. `None`, and says why, where the kernel writes none into the directory
/// of the process.
fn run(home: &Path, args: &[&str]) -> Option<String> {
    run_with(home, args, &[])
}

/// The same with variables.
fn run_with(home: &Path, args: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    let _alone = alone();
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap();
    if pattern.starts_with(['|', '@']) || pattern.contains('/') {
        eprintln!(
            "left out: cores in files (core_pattern is `{}`)",
            pattern.trim()
        );
        return None;
    }
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -c unlimited; exec \"$@\"", "sh"]);
    command
        .arg(fixture_path("crashes"))
        .args(["--results", "results"])
        .args(args);
    let output = command
        .current_dir(home)
        .env("TMPDIR", home)
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("ulimit") {
        eprintln!("left out: cores in files ({})", stderr.trim());
        return None;
    }
    Some(normal(
        &Tree::at(home, "results"),
        &String::from_utf8(output.stdout).unwrap(),
    ))
}

#[test]
fn a_core_in_the_test_s_directory_is_found() {
    let home = tempfile::tempdir().unwrap();
    let Some(stdout) = run(home.path(), &["segfault"]) else {
        return;
    };
    let verdict = stdout
        .lines()
        .find(|line| line.starts_with("ERROR: "))
        .unwrap();
    let place = match has_gdb() {
        true => " in crashes::touch_nothing at tests/fixtures/crashes.rs:18",
        false => "",
    };
    let expected =
        format!("ERROR: killed by signal 11 (SIGSEGV, a segfault or stack overflow){place}");
    assert_eq!(verdict, expected);
    let files = walk(&home.path().join("results/segfault"));
    let mut files: Vec<_> = files.iter().map(|path| without_ids(path)).collect();
    files.retain(|path| !path.starts_with("debug") && !path.starts_with("results"));
    let expected = [
        "crash/",
        "crash/crashes.N/",
        "crash/crashes.N/backtrace.txt",
        "crash/crashes.N/core.gz",
        "crash/crashes.N/crash.json",
        "keyval",
        "profiling/",
        "status",
    ];
    assert_eq!(files, expected);
}

#[test]
fn the_core_of_a_program_is_found_and_the_test_passes() {
    let home = tempfile::tempdir().unwrap();
    let Some(stdout) = run(home.path(), &["--exact", "survives"]) else {
        return;
    };
    let crash =
        "sh (.) was killed by signal 11 (SIGSEGV, a segfault or stack overflow); see crash/sh.N";
    assert!(
        stdout.contains(&format!("test survives ... ok\n    also crash: {crash}\n")),
        "{stdout}"
    );
}

/// The stack pointer of its caller is its own, as in many a leaf function of 64-bit Arm and RISC-V.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_caller_of_a_function_without_a_frame_is_found_without_gdb() {
    let home = tempfile::tempdir().unwrap();
    let programs = programs_without_gdb();
    let variables = [("PATH", programs.path().to_str().unwrap())];
    let Some(stdout) = run_with(home.path(), &["without_a_frame"], &variables) else {
        return;
    };
    let verdict =
        "\nERROR: killed by signal 4 (SIGILL, an illegal instruction) in crashes::leaf::calls\n";
    assert!(stdout.contains(verdict), "{stdout}");
}
