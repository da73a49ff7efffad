//! Binaries under emulators, tools that trace them, and in process namespaces: tests run there as they do
//! elsewhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::binary::{fixture_command, fixture_path, walk};

/// Tests that end in many ways.
const SELECTED: [&str; 6] = [
    "says::",
    "parts",
    "nests::parent",
    "raises::",
    "pairs::",
    "takes_a_second",
];

/// Programs that run another one, with their arguments.
const RUNNERS: &[&[&str]] = &[
    &["qemu-x86_64-static"],
    &["valgrind", "-q"],
    &["strace", "-f", "-o", "/dev/null"],
    &["gdb", "-batch", "-nx", "-ex", "run", "--args"],
    &["rr", "record", "-n"],
];

/// The same under an emulator of another architecture. Its standard library must be installed:
/// `rustup target add aarch64-unknown-linux-musl`.
const TARGET: &str = "aarch64-unknown-linux-musl";
const EMULATOR: &str = "qemu-aarch64-static";

/// A binary that ended, and what it left.
struct Ran {
    output: Output,
    files: Vec<String>,
}

impl Ran {
    /// The verdicts, the files of the results and the exit code, which are to be the same everywhere.
    fn told(&self, has_code: bool) -> (Vec<String>, &[String], Option<i32>) {
        let code = self.output.status.code().filter(|_| has_code);
        (verdicts(&self.output), &self.files, code)
    }
}

/// Runs tests of a binary below another program. One that hangs is ended after two minutes.
fn run(runner: &[&str], binary: &Path, isolation: &str, tests: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    let mut command = Command::new("timeout");
    command.args(["-k", "5", "120"]).args(runner).arg(binary);
    command.args(["--results", "results", "--isolation", isolation]);
    command.args(["--timeout", "60"]).args(tests);
    command
        .current_dir(home.path())
        .stdin(Stdio::null())
        .env("_RR_TRACE_DIR", home.path());
    let output = command.output().unwrap();
    assert_ne!(output.status.code(), Some(124), "{runner:?} hangs");
    let files = walk(&home.path().join("results"));
    Ran { output, files }
}

/// What became of each test; numbers of processes differ.
fn verdicts(output: &Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines = stdout.lines().filter(|line| line.starts_with("test "));
    let lines = lines.filter(|line| !line.starts_with("test result"));
    let without_numbers = |line: &str| {
        let (verdict, _) = line
            .split_once(" (WARN: left processes")
            .unwrap_or((line, ""));
        verdict.to_owned()
    };
    lines.map(without_numbers).collect()
}

fn natively() -> Ran {
    let ran = run(&[], fixture_path("faulty"), "fork", &SELECTED);
    assert!(verdicts(&ran.output).len() > 12, "{:?}", ran.output);
    ran
}

/// Whether a program can be run here, and else why not.
fn is_usable(runner: &[&str]) -> Result<(), String> {
    let mut command = Command::new(runner[0]);
    let output = command
        .args(&runner[1..])
        .arg("/bin/true")
        .stdin(Stdio::null())
        .output();
    match output {
        Err(_) => Err(format!("{} is not installed", runner[0])),
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => {
            let stderr = String::from_utf8_lossy(&output.stderr);
            let why = stderr.lines().next().unwrap_or_default();
            Err(format!("{} does not run here: {why}", runner[0]))
        }
    }
}

/// The programs of [`RUNNERS`] that can be used here.
fn usable_runners() -> impl Iterator<Item = &'static [&'static str]> {
    let is_usable = |runner: &&&[&str]| match is_usable(runner) {
        Ok(()) => true,
        Err(reason) => {
            eprintln!("left out: {reason}");
            false
        }
    };
    RUNNERS.iter().filter(is_usable).copied()
}

#[test]
fn tests_run_under_emulators_and_tools_as_they_do_natively() {
    let expected = natively();
    for runner in usable_runners() {
        // gdb ends with a code of its own.
        let has_code = runner[0] != "gdb";
        for isolation in ["fork", "exec"] {
            let ran = run(runner, fixture_path("faulty"), isolation, &SELECTED);
            let output = &ran.output;
            let (told, expected) = (ran.told(has_code), expected.told(has_code));
            assert_eq!(told, expected, "{runner:?}, {isolation}: {output:?}");
        }
    }
}

/// A fork would have the threads' locks, but not the threads: the binary is executed again for each test.
#[test]
fn a_binary_with_threads_is_not_forked_under_emulators_and_tools() {
    let tests = ["is_another_process", "waits_for_another"];
    for runner in usable_runners() {
        for isolation in ["fork", "exec"] {
            let ran = run(runner, fixture_path("threaded"), isolation, &tests);
            let expected = [
                "test is_another_process ... ok",
                "test waits_for_another ... ok",
            ];
            let output = &ran.output;
            assert_eq!(
                verdicts(output),
                expected,
                "{runner:?}, {isolation}: {output:?}"
            );
        }
    }
}

#[test]
fn tests_of_another_architecture_run_under_an_emulator() {
    let binary = match cross_built() {
        Ok(binary) => binary,
        Err(reason) => return eprintln!("left out: {reason}"),
    };
    let expected = natively();
    for isolation in ["fork", "exec"] {
        let ran = run(&[EMULATOR], &binary, isolation, &SELECTED);
        let output = &ran.output;
        assert_eq!(
            ran.told(true),
            expected.told(true),
            "{isolation}: {output:?}"
        );
    }
}

/// The fixture for another architecture, which takes a while to build.
pub(crate) fn cross_built() -> Result<PathBuf, String> {
    if std::env::var_os("AUTOTEST_EMULATED").is_none() {
        return Err("AUTOTEST_EMULATED=1 builds and runs tests of another architecture".to_owned());
    }
    let version = Command::new(EMULATOR).arg("--version").output();
    version.map_err(|_| format!("{EMULATOR} is not installed"))?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let dir = root.join("target/emulated");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--target", TARGET]);
    cargo.args([
        "--package",
        "autotest-tests",
        "--bin",
        "faulty",
        "--target-dir",
    ]);
    cargo
        .arg(&dir)
        .env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER", "rust-lld");
    let output = cargo.current_dir(root).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("target may not be installed") {
        return Err(format!(
            "the target is not installed: rustup target add {TARGET}"
        ));
    }
    assert!(output.status.success(), "{stderr}");
    // Deprecations of libc under musl among them.
    assert!(!stderr.contains("warning"), "{stderr}");
    Ok(dir.join(TARGET).join("debug/faulty"))
}

/// A process namespace below the `/proc` of another one. `None` where none can be made.
fn in_namespace(script: &str) -> Option<(tempfile::TempDir, Output)> {
    let home = tempfile::tempdir().unwrap();
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args([
            "--user",
            "--map-root-user",
            "--pid",
            "--fork",
            "sh",
            "-c",
            script,
        ]);
        command.env(
            "BINARY",
            fixture_command(home.path(), "faulty").get_program(),
        );
        command
            .current_dir(home.path())
            .stdin(Stdio::null())
            .output()
    };
    if !unshare("true").is_ok_and(|output| output.status.success()) {
        eprintln!("left out: unshare makes no process namespace here");
        return None;
    }
    let output = unshare(script).unwrap();
    Some((home, output))
}

/// Tests that leave a daemon and that wait for a child of theirs.
const PAIRS: &str = "parts pairs::a_leaves_a_daemon pairs::b_needs_its_child";

/// What is left behind is not found; nothing of ours is taken for that, nor anybody else's.
fn finds_nothing_left(output: &Output) {
    let expected = [
        "test pairs::a_leaves_a_daemon ... ok",
        "test pairs::b_needs_its_child ... ok",
        "test parts ... ok",
    ];
    assert_eq!(verdicts(output), expected, "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(!stdout.contains("left processes behind"), "{stdout}");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_proc_of_another_namespace_counts_as_none() {
    let script = format!("$BINARY --results results {PAIRS}");
    if let Some((_home, output)) = in_namespace(&script) {
        finds_nothing_left(&output);
    }
}

/// The next process of the namespace is given the number that it is likely to have outside, until it has.
#[test]
fn the_proc_of_another_namespace_counts_as_none_where_our_number_is_the_same_in_both() {
    let script = format!(
        r#"n=0
        while [ $n -lt 200 ]; do
            n=$((n + 1))
            number=$(sh -c 'read number rest </proc/self/stat; echo $number')
            echo $number 2>/dev/null >/proc/sys/kernel/ns_last_pid || exit 98
            sh -c 'read number rest </proc/self/stat; [ $number = $$ ] || exit 99
                   exec $BINARY --results results {PAIRS}'
            code=$?
            [ $code = 99 ] || exit $code
        done
        exit 99"#
    );
    let Some((_home, output)) = in_namespace(&script) else {
        return;
    };
    match output.status.code() {
        Some(98) => eprintln!("left out: the numbers of processes cannot be chosen here"),
        Some(99) => eprintln!("left out: no process got the number that it has outside"),
        _ => finds_nothing_left(&output),
    }
}

/// A process of the outer namespace has the number that the job's process had in the inner one.
#[test]
fn a_job_of_another_namespace_is_resumed_without_a_signal_to_anybody() {
    let script = "$BINARY --results results --include-ignored sleeps & n=0; \
                  until grep -q process results/journal.jsonl || [ $n = 200 ]; \
                  do sleep 0.05; n=$((n + 1)); done; kill -9 $!; wait";
    let Some((home, _)) = in_namespace(script) else {
        return;
    };
    let journal = home.path().join("results/journal.jsonl");
    let text = std::fs::read_to_string(&journal).unwrap();
    let mut bystander = Command::new("sleep").arg("600").spawn().unwrap();
    // As if it had the number of the test's process, and had been started at the same time.
    let number = text.split("\"process\":{\"pid\":").nth(1).unwrap();
    let number = number.split(',').next().unwrap().to_owned();
    let text = text.replace(
        &format!("\"process\":{{\"pid\":{number},"),
        &format!("\"process\":{{\"pid\":{},", bystander.id()),
    );
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", bystander.id())).unwrap();
    let ticks: f64 = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .nth(19)
        .unwrap()
        .parse()
        .unwrap();
    let since = text
        .split("\"since_boot_s\":")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap()
        .to_owned();
    std::fs::write(
        &journal,
        text.replace(&since, &format!("{}", ticks / 100.0)),
    )
    .unwrap();
    let mut resume = fixture_command(home.path(), "faulty");
    let output = resume
        .args(["--resume", "results", "--attempts", "1"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    let is_alive = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert!(is_alive, "the bystander was killed: {output:?}");
}
