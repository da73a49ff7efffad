//! What cannot begin on a target, and what is told about it.

use std::fs;
use std::process::Command;

use super::Lab;
use super::lab::stripped;

#[test]
fn what_does_not_begin_is_told() {
    let lab = Lab::with_board();
    let ran = lab.run("faulty", &["board"], &["--", "--nonsense"]);
    let ran = ran.expect_code(2);
    let expected = "error: board: the suite did not begin (exit code 2):\nerror: ";
    assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    assert!(ran.stderr.contains("--nonsense"), "{}", ran.stderr);
}

#[test]
fn mistakes_are_told_before_anything_is_done() {
    let lab = Lab::with_board();
    let refused = |args: &[&str], code: i32| {
        let mut command = lab.tool();
        let ran = lab.end(command.arg("run").args(args).spawn().unwrap());
        let ran = ran.expect_code(code);
        assert!(!lab.path("board/jobs").exists() || lab.jobs_on("board").is_empty());
        ran.stderr
    };
    let binary = stripped("faulty").display().to_string();
    let told = refused(&[&binary, "--on", "bord"], 2);
    let expected = "error: no target or group is called `bord`; did you mean `board`?\n";
    assert_eq!(told, expected);
    let told = refused(&[&binary, "--on", "board", "--shard"], 2);
    let expected =
        "error: `--shard` divides the tests among several targets; name them with `--on`\n";
    assert_eq!(told, expected);
    let told = refused(&[&binary, "--", "--results=x"], 2);
    let expected =
        "error: `--results` is not for the suite: name the directory for the results before `--`\n";
    assert_eq!(told, expected);
    let told = refused(&["./none", "--on", "board"], 2);
    let expected = "error: failed to read `./none`: No such file or directory (os error 2)\n";
    assert_eq!(told, expected);
    fs::write(lab.host().join("text"), "text that is longer than a header").unwrap();
    let told = refused(&["./text", "--on", "board"], 1);
    assert_eq!(told, "error: `./text` is not an executable of Linux\n");
    let told = refused(&[&binary, "--on", "board", "--on", "board"], 2);
    assert_eq!(told, "error: the target `board` is named twice\n");
}

#[test]
fn an_executable_of_another_architecture_is_refused() {
    let lab = Lab::with_board();
    let mut elf = fs::read(stripped("faulty")).unwrap();
    let is_arm = cfg!(target_arch = "aarch64");
    let other: u16 = if is_arm { 62 } else { 183 };
    elf[18..20].copy_from_slice(&other.to_le_bytes());
    fs::write(lab.host().join("other"), elf).unwrap();
    let mut command = lab.tool();
    let ran = command.args(["run", "./other", "--on", "board"]).spawn();
    let ran = lab.end(ran.unwrap()).expect_code(1);
    let (machine, architecture) = match is_arm {
        true => ("aarch64", "x86_64"),
        false => ("x86_64", "aarch64"),
    };
    let expected = format!(
        "error: board: the target is a machine `{machine}` (Linux), and `other` is for {architecture}\n"
    );
    assert_eq!(ran.stderr, expected);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_started() {
    let lab = Lab::with_board();
    let directory = lab.path("board");
    fs::create_dir(&directory).unwrap();
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", "size=1m", "none"]);
    let mounted = mount.arg(&directory).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        eprintln!("left out: no file system can be mounted here");
        return;
    }
    let ran = lab.run("faulty", &["board"], &["--", "parts"]);
    Command::new("umount").arg(&directory).status().unwrap();
    let ran = ran.expect_code(1);
    let expected = "error: board: failed to copy `faulty` to the target: ";
    assert!(ran.stderr.starts_with(expected), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("No space left on device"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_a_target_says_is_made_safe() {
    let lab = Lab::new();
    lab.add_target("phone", "adb:phone", "");
    let path = lab.add_program("adb", "printf 'error: \\033[31mred\\r\\n' >&2; exit 1");
    let mut command = lab.command("many", &["phone"], &[]);
    let ran = lab.end(command.env("PATH", path).spawn().unwrap());
    assert_eq!(ran.expect_code(1).stderr, "error: phone: ?[31mred\n");
}

#[test]
fn a_target_that_never_answers_is_told() {
    let lab = Lab::new();
    let path = lab.add_device("phone", "sh");
    lab.hang("phone");
    let mut command = lab.command("many", &["phone"], &["--patience", "1"]);
    let ran = lab.end(command.env("PATH", path).spawn().unwrap());
    let expected = "error: phone: `adb get-state` does not end: nothing came from it for 15s\n";
    assert_eq!(ran.expect_code(1).stderr, expected);
}
