//! What a job does about the kernel's caches and the space on disks.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::binary::{fixture_command, fixture_path};
use super::tree::Tree;

/// Somebody without rights.
const NOBODY: &str = "65534";

/// Runs a copy of the fixture without the rights of root.
fn as_nobody(home: &Path, args: &[&str]) -> Output {
    fs::set_permissions(home, fs::Permissions::from_mode(0o777)).unwrap();
    let copied = Command::new("cp")
        .arg(fixture_path("escapes"))
        .arg(home.join("tests"))
        .status();
    assert!(copied.unwrap().success());
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        let of = [format!("--reuid={NOBODY}"), format!("--regid={NOBODY}")];
        command.args(of).args(["--clear-groups", "./tests"]);
        command
    } else {
        Command::new("./tests")
    };
    let command = command.args(["--results", "results"]).args(args);
    command.current_dir(home).output().unwrap()
}

#[test]
fn caches_that_cannot_be_dropped_are_one_warning_of_the_job() {
    for isolation in ["fork", "none"] {
        let home = tempfile::tempdir().unwrap();
        let names = ["e_plants", "i_innocent"];
        let args = [
            "--drop-caches",
            "--iterations",
            "2",
            "--isolation",
            isolation,
        ];
        let output = as_nobody(home.path(), &[&names[..], &args].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let reason = "caches are not dropped: failed to open `/proc/sys/vm/drop_caches` for writing: Permission denied \
                      (os error 13); run the job as root";
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(stderr, format!("note: {reason}\n"), "{isolation}");
        let log = Tree::at(home.path(), "results").log("status.log");
        let warnings: Vec<_> = log.lines().filter(|line| line.contains("WARN")).collect();
        let expected = format!("→WARN→----→----→timestamp=.→localtime=.→{reason}");
        assert_eq!(warnings, [expected], "{isolation}");
    }
}

#[test]
fn nothing_is_said_of_caches_that_need_not_be_dropped() {
    let home = tempfile::tempdir().unwrap();
    let output = as_nobody(home.path(), &["i_innocent"]);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let log = Tree::at(home.path(), "results").log("status.log");
    assert!(!log.contains("WARN"), "{log}");
}

/// For the whole machine, whose caches are dropped and whose disk must not change otherwise.
fn may_run(program: &str) -> bool {
    let is_asked = std::env::var_os("AUTOTEST_TARGET").is_some();
    let reason = match () {
        () if !is_asked => "AUTOTEST_TARGET is not set",
        () if !rustix::process::geteuid().is_root() => "not root",
        () if Command::new(program).arg("--version").output().is_err() => {
            "a program is not installed"
        }
        () => return true,
    };
    eprintln!("left out: {program} ({reason})");
    false
}

#[test]
fn caches_are_dropped_before_each_iteration() {
    if !may_run("fincore") {
        return;
    }
    for (flags, cached) in [(&["--drop-caches"][..], ["0", "0"]), (&[], ["16", "16"])] {
        // Not in `/tmp`, which may be in memory.
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let file = home.path().join("file");
        fs::write(&file, vec![b'x'; 64 << 10]).unwrap();
        let mut command = fixture_command(home.path(), "leaky");
        command.args(["reads", "--iterations", "2", "--results", "results"]);
        command
            .arg("--param")
            .arg(format!("file={}", file.display()));
        let output = command.args(flags).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let keyval = fs::read_to_string(home.path().join("results/reads/results/keyval")).unwrap();
        let expected = cached.map(|pages| format!("cached{{attr}}={pages}\n"));
        assert_eq!(keyval.replace("\n\n", "\n").trim_start(), expected.concat());
    }
}

#[test]
fn a_test_that_consumes_the_disk_faster_than_allowed_is_told() {
    if !may_run("sync") {
        return;
    }
    for (limit, is_told) in [("60", true), ("1000000", false)] {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut command = fixture_command(home.path(), "leaky");
        command.args(["fills", "--results", "results", "--max-disk-usage", limit]);
        command
            .arg("--param")
            .arg(format!("dir={}", home.path().display()));
        let output = command.output().unwrap();
        let log = Tree::at(home.path(), "results").log("status.log");
        let warning = "disk space on / was consumed at a rate of ";
        assert_eq!(log.contains(warning), is_told, "{limit}: {log}{output:?}");
    }
}
