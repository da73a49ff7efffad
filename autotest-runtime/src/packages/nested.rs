//! The body of a package's run: installs the package, runs its job and forwards the records of that job.

mod follow;
mod passed;
mod patience;
mod summary;

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use autotest_core::lifecycle::runs_cleanup;
use autotest_core::{ExecuteArgs, Settings, TestContext, TestError, TestResult};
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

/// Arguments of the run that become flags of the package's job.
const PASSED_AS_FLAGS: [&str; 5] = [
    "constraints",
    "iterations",
    "profile_only",
    "run_cleanup",
    "test_length",
];

/// Installs the package and runs its tests.
pub(super) fn run(cx: &mut TestContext) -> TestResult {
    let installed = install(cx).map_err(TestError::error)?;
    let Some(manifest) = &installed.manifest else {
        let reason = "it has no `manifest.json`, so it has no tests of its own: `job.install_pkg` installs it";
        return Err(TestError::error(reason).into());
    };
    let executable = Executable::new(cx.bindir().join(&manifest.executable), cx)?;
    let framework = ExecuteArgs::parse(cx.args())?;
    let passed = Passed::to(&executable, &settings(cx, &framework));
    let mut command = command(cx, &executable, &framework);
    command.args(&passed.flags);
    let _patience = Patience::new();
    adopt_orphans();
    let started = command.spawn();
    let mut child = started.map_err(|error| {
        TestError::error(format!(
            "failed to execute `{}`: {error}",
            executable.path.display()
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

/// The executable of a package, with the arguments of the run for its tests.
struct Executable {
    path: PathBuf,
    /// The arguments as environment variables: a test sees only those that it declares, and secrets do not appear in the
    /// command line.
    variables: Vec<(String, String)>,
    /// The names of empty arguments, which are no variables, since an empty variable is ignored.
    empty: Vec<String>,
}

impl Executable {
    fn new(path: PathBuf, cx: &TestContext) -> TestResult<Executable> {
        let mut executable = Executable {
            path,
            variables: Vec::new(),
            empty: Vec::new(),
        };
        let is_flag = |name: &str| PASSED_AS_FLAGS.contains(&name);
        for (name, _) in cx.args().iter().filter(|(name, _)| !is_flag(name)) {
            let text = text_of(name, cx)?;
            match text.is_empty() {
                true => executable.empty.push(name.to_owned()),
                false => {
                    let variable = format!("AUTOTEST_PARAM_{}", name.to_ascii_uppercase());
                    executable.variables.push((variable, text));
                }
            }
        }
        Ok(executable)
    }

    /// A command for it, without the variables meant for this job.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        for name in REMOVED {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, text)| (name, text)));
        command
    }
}

/// The text of an argument, even of a secret one.
fn text_of(name: &str, cx: &TestContext) -> TestResult<String> {
    Ok(match cx.args().get(name)? {
        Some(serde_json::Value::String(text)) => text,
        Some(value) => value.to_string(),
        None => String::new(),
    })
}

/// The settings for the tests of the package: an argument of the run takes precedence over the setting of the job.
fn settings(cx: &TestContext, framework: &ExecuteArgs) -> Settings {
    let job = cx.job().settings;
    Settings {
        run_test_cleanup: runs_cleanup(cx.args(), job),
        default_profile_only: framework.profile_only.unwrap_or(job.default_profile_only),
        ..job.clone()
    }
}

/// The command that runs the package's job.
fn command(cx: &TestContext, executable: &Executable, framework: &ExecuteArgs) -> Command {
    let mut command = executable.command();
    command.arg("--results").arg(cx.outputdir().join(JOB));
    command.args(["--color", "never"]);
    if let Some(iterations) = framework.iterations {
        command.args(["--iterations", &iterations.to_string()]);
    }
    if let Some(length_s) = framework.test_length {
        command.args(["--test-length", &format!("{length_s}s")]);
    }
    for constraint in &framework.constraints {
        command.args(["--constraint", constraint]);
    }
    command
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
