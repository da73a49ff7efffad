//! Binaries under emulators, tools that trace them, and in process namespaces: tests run there as they do
//! elsewhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::binary::{fixture_command, fixture_path};

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

fn run(runner: &[&str], binary: &Path, isolation: &str) -> Option<Output> {
    let home = tempfile::tempdir().unwrap();
    let program = runner.first().map_or(binary, Path::new);
    let mut command = Command::new(program);
    if !runner.is_empty() {
        command.args(&runner[1..]).arg(binary);
    }
    command.args([
        "--results",
        "results",
        "--isolation",
        isolation,
        "--timeout",
        "60",
    ]);
    command.args(SELECTED).current_dir(home.path());
    command
        .stdin(Stdio::null())
        .env("_RR_TRACE_DIR", home.path());
    command.output().ok()
}

/// What became of each test; numbers of processes differ.
fn verdicts(output: &Output) -> Vec<String> {
    let stdout = String::from_utf8_lossy(&output.stdout);
    let lines = stdout.lines().filter(|line| line.starts_with("test "));
    let lines = lines.filter(|line| !line.starts_with("test result"));
    lines
        .map(|line| {
            line.split(" (WARN: left processes")
                .next()
                .unwrap()
                .to_owned()
        })
        .collect()
}

fn natively() -> Vec<String> {
    let verdicts = verdicts(&run(&[], fixture_path("faulty"), "fork").unwrap());
    assert!(verdicts.len() > 12, "{verdicts:?}");
    verdicts
}

/// Whether a program can be run here, and else why not.
fn is_usable(runner: &[&str]) -> Result<(), String> {
    let mut command = Command::new(runner[0]);
    let output = command
        .args(&runner[1..])
        .arg("true")
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

#[test]
fn tests_run_under_emulators_and_tools_as_they_do_natively() {
    let expected = natively();
    for runner in RUNNERS {
        if let Err(reason) = is_usable(runner) {
            eprintln!("left out: {reason}");
            continue;
        }
        for isolation in ["fork", "exec"] {
            let output = run(runner, fixture_path("faulty"), isolation).unwrap();
            assert_eq!(
                verdicts(&output),
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
        let output = run(&[EMULATOR], &binary, isolation).unwrap();
        assert_eq!(verdicts(&output), expected, "{isolation}: {output:?}");
    }
}

/// The fixture for another architecture, which takes a while to build.
fn cross_built() -> Result<PathBuf, String> {
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

#[test]
fn the_proc_of_another_namespace_counts_as_none() {
    let script =
        "$BINARY --results results parts pairs::a_leaves_a_daemon pairs::b_needs_its_child";
    let Some((_home, output)) = in_namespace(script) else {
        return;
    };
    // What is left behind is not found; nothing of ours is taken for that, nor anybody else's.
    let expected = [
        "test pairs::a_leaves_a_daemon ... ok",
        "test pairs::b_needs_its_child ... ok",
        "test parts ... ok",
    ];
    assert_eq!(verdicts(&output), expected, "{output:?}");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(!stdout.contains("left processes behind"), "{stdout}");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
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
