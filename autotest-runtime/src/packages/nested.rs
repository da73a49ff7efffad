//! The body of a package's run: installs the package, runs its job and forwards the records of that job.

mod follow;
mod passed;
mod patience;
mod summary;

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use autotest_core::{Arg, TestContext, TestError, TestResult};
use rustix::io::Errno;
use rustix::process::WaitOptions;

use super::install::{Installation, Installed, newest_first};
use super::repository::Repository;
use follow::Follow;
use passed::Passed;
use patience::Patience;
use summary::Summary;

/// The job directory of the package, in the output directory of its run.
const JOB: &str = "job";

/// The interval at which the journal of the package's job is read.
const PERIOD: Duration = Duration::from_millis(20);

/// Variables that choose tests, directories and report files of this job, and must not reach the package's.
const REMOVED: [&str; 13] = [
    "AUTOTEST_OPTIONS",
    "AUTOTEST_RESULTS",
    "AUTOTEST_SHARD",
    "AUTOTEST_SHARDS",
    "AVOCADO_VERSION",
    "BAZEL_TEST",
    "NEXTEST",
    "RUST_TEST_NOCAPTURE",
    "RUST_TEST_SHUFFLE",
    "RUST_TEST_SHUFFLE_SEED",
    "RUST_TEST_THREADS",
    "SLURM_ARRAY_TASK_ID",
    "SLURM_RESTART_COUNT",
];

/// Installs the package and runs its tests.
pub(super) fn run(cx: &mut TestContext) -> TestResult {
    let installed = install(cx).map_err(TestError::error)?;
    let Some(manifest) = &installed.manifest else {
        let reason = "it has no `manifest.json`, so it has no tests of its own: `job.install_pkg` installs it";
        return Err(TestError::error(reason).into());
    };
    let executable = cx.bindir().join(&manifest.executable);
    let passed = Passed::to(&executable, cx.job().settings, cx.args());
    let mut command = command(cx, &executable);
    command.args(&passed.flags);
    let _patience = Patience::new();
    adopt_orphans();
    let started = command.spawn();
    let mut child = started.map_err(|error| {
        TestError::error(format!(
            "failed to execute `{}`: {error}",
            executable.display()
        ))
    })?;
    let mut summary = Summary::default();
    let status = follow(cx, &mut child, &mut summary);
    if status.is_err() {
        let _ = child.kill();
        let _ = child.wait();
    }
    wait_for_orphans();
    let failed = |error| TestError::error(format!("failed to follow the package's job: {error}"));
    let verdict = summary.verdict(status.map_err(failed)?);
    Ok(passed.told(cx, verdict)?)
}

/// How long the guardian of a package's job may take to clean up.
const ORPHANS_PATIENCE: Duration = Duration::from_secs(3);

/// Makes this process the parent of orphaned descendants. If that fails, the supervisor adopts them.
fn adopt_orphans() {
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Waits for the processes that the package's job leaves: its guardian outlives it for a moment. The supervisor ends
/// those that live longer, and names them.
fn wait_for_orphans() {
    let start = Instant::now();
    while start.elapsed() < ORPHANS_PATIENCE {
        match rustix::process::wait(WaitOptions::NOHANG) {
            Ok(None) => std::thread::sleep(Duration::from_millis(1)),
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    }
}

fn install(cx: &TestContext) -> Result<Installed, String> {
    let given = cx.test_name();
    let dir = cx.bindir();
    let repositories = &cx.job().settings.repositories;
    let (name, repositories) = match Repository::of_package(given) {
        Some((repository, name)) => (name, vec![repository]),
        None => (given, newest_first(repositories)),
    };
    let installation = Installation {
        name,
        package_type: "test",
        repositories,
        dir,
    };
    installation.install().map_err(|error| error.to_string())
}

/// A command for the executable, without the variables meant for this job.
fn bare(executable: &Path) -> Command {
    let mut command = Command::new(executable);
    for name in REMOVED {
        command.env_remove(name);
    }
    command
}

/// The command that runs the package's job. Arguments of the run that are not the framework's own become environment
/// variables: a test sees only those that it declares, and secrets do not appear in the command line.
fn command(cx: &TestContext, executable: &Path) -> Command {
    let mut command = bare(executable);
    command.arg("--results").arg(cx.outputdir().join(JOB));
    command.args(["--color", "never"]);
    for (name, arg) in cx.args().iter() {
        let text = text_of(name, cx);
        match (name, arg) {
            ("iterations", _) => command.args(["--iterations", &text]),
            ("test_length", _) => command.args(["--test-length", &format!("{text}s")]),
            ("profile_only", Arg::Json(serde_json::Value::Bool(true))) => {
                command.arg("--profile-only")
            }
            ("constraints", _) => command.args(constraints(arg)),
            ("run_cleanup", Arg::Json(serde_json::Value::Bool(false))) => {
                command.arg("--no-cleanup")
            }
            (name, _) => command.env(
                format!("AUTOTEST_PARAM_{}", name.to_ascii_uppercase()),
                text,
            ),
        };
    }
    command
}

/// The text of an argument, even of a secret one.
fn text_of(name: &str, cx: &TestContext) -> String {
    match cx.args().get::<serde_json::Value>(name) {
        Ok(Some(serde_json::Value::String(text))) => text,
        Ok(Some(value)) => value.to_string(),
        Ok(None) | Err(_) => String::new(),
    }
}

fn constraints(arg: &Arg) -> Vec<String> {
    let Arg::Json(serde_json::Value::Array(constraints)) = arg else {
        return Vec::new();
    };
    let texts = constraints.iter().filter_map(serde_json::Value::as_str);
    texts
        .flat_map(|text| ["--constraint".to_owned(), text.to_owned()])
        .collect()
}

/// Forwards records until the process ends. The process gets the same signals as this one, and ends its tests with
/// their `cleanup`; so this process only waits.
fn follow(
    cx: &mut TestContext,
    child: &mut Child,
    summary: &mut Summary,
) -> std::io::Result<ExitStatus> {
    let mut journal = Follow::new(&cx.outputdir().join(JOB));
    loop {
        let ended = child.try_wait()?;
        journal.read(|record| {
            summary.note(&record);
            follow::forward(cx, record);
        })?;
        match ended {
            Some(status) => return Ok(status),
            None => std::thread::sleep(PERIOD),
        }
    }
}
