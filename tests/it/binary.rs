//! Runs a test binary and shows what it printed and left, without what differs from run to run.

use std::ops::Deref;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

pub(crate) use super::tree::{Tree, walk};

/// The name of the results directory has what paths may have.
const RESULTS: &str = "résults with blanks";

/// A binary that ended.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    stdout: String,
    stderr: String,
    tree: Tree,
    _home: TempDir,
}

/// Runs a fixture of this package.
pub(crate) fn fixture(name: &str, args: &[&str]) -> Ran {
    run(fixture_path(name), args, &[])
}

/// Runs a fixture with variables.
pub(crate) fn fixture_with(variables: &[(&str, &str)], name: &str, args: &[&str]) -> Ran {
    run(fixture_path(name), args, variables)
}

pub(crate) fn fixture_path(name: &str) -> &'static Path {
    Path::new(match name {
        "faulty" => env!("CARGO_BIN_EXE_faulty"),
        "crashes" => env!("CARGO_BIN_EXE_crashes"),
        "followed" => env!("CARGO_BIN_EXE_followed"),
        "mended" => env!("CARGO_BIN_EXE_mended"),
        "mended_next" => env!("CARGO_BIN_EXE_mended_next"),
        "informed" => env!("CARGO_BIN_EXE_informed"),
        "lab" => env!("CARGO_BIN_EXE_lab"),
        "leaky" => env!("CARGO_BIN_EXE_leaky"),
        "many" => env!("CARGO_BIN_EXE_many"),
        "fatal" => env!("CARGO_BIN_EXE_fatal"),
        "escapes" => env!("CARGO_BIN_EXE_escapes"),
        "commands" => env!("CARGO_BIN_EXE_commands"),
        "asserts" => env!("CARGO_BIN_EXE_asserts"),
        "changes" => env!("CARGO_BIN_EXE_changes"),
        "controls" => env!("CARGO_BIN_EXE_controls"),
        "panics" => env!("CARGO_BIN_EXE_panics"),
        "params" => env!("CARGO_BIN_EXE_params"),
        "packaged" => env!("CARGO_BIN_EXE_packaged"),
        "profiled" => env!("CARGO_BIN_EXE_profiled"),
        "prefork" => env!("CARGO_BIN_EXE_prefork"),
        "steps" => env!("CARGO_BIN_EXE_steps"),
        "tampering" => env!("CARGO_BIN_EXE_tampering"),
        "threaded" => env!("CARGO_BIN_EXE_threaded"),
        "sampled" => env!("CARGO_BIN_EXE_sampled"),
        "selected" => env!("CARGO_BIN_EXE_selected"),
        "names" => env!("CARGO_BIN_EXE_names"),
        "typed" => env!("CARGO_BIN_EXE_typed"),
        "twins" => env!("CARGO_BIN_EXE_twins"),
        other => panic!("no fixture is called {other}"),
    })
}

/// Runs an example, which is built if it is not.
pub(crate) fn example(name: &str, args: &[&str]) -> Ran {
    run(&example_path(name), args, &[])
}

pub(crate) fn example_path(name: &str) -> PathBuf {
    examples_dir().join(name)
}

/// Runs an example with variables.
pub(crate) fn example_with(variables: &[(&str, &str)], name: &str, args: &[&str]) -> Ran {
    run(&examples_dir().join(name), args, variables)
}

fn examples_dir() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile_dir = Path::new(env!("CARGO_BIN_EXE_faulty")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--package",
            "autotest-examples",
            "--examples",
        ]);
        cargo.arg("--target-dir").arg(profile_dir.parent().unwrap());
        assert!(
            cargo.status().unwrap().success(),
            "the examples do not build"
        );
        profile_dir.join("examples")
    })
}

/// Runs any binary of tests.
pub(crate) fn run(program: &Path, args: &[&str], variables: &[(&str, &str)]) -> Ran {
    let root = tempfile::tempdir().unwrap();
    let mut command = command(program, root.path());
    command
        .arg("--results")
        .arg(root.path().join(RESULTS))
        .args(args)
        .envs(variables.iter().copied());
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
        tree: Tree::at(root.path(), RESULTS),
        _home: root,
    }
}

/// Runs an example whose results go to the place that it chooses below `home`; what it printed.
pub(crate) fn example_at_home(home: &Path, name: &str, args: &[&str]) -> String {
    let mut command = command(&examples_dir().join(name), home);
    let Output { status, stdout, .. } = command.args(args).output().unwrap();
    assert!(status.success(), "{status}");
    String::from_utf8(stdout).unwrap()
}

/// An example, ready to be started by the test itself.
pub(crate) fn example_command(home: &Path, name: &str) -> Command {
    command(&examples_dir().join(name), home)
}

/// A shell ignores SIGINT in what it runs in the background, as does `nohup` SIGHUP; the tests' own programs would
/// inherit that, and signals that are ignored from the start stay ignored.
#[expect(unsafe_code, reason = "std does not reset signals")]
fn reset_signals(command: &mut Command) {
    let reset = || {
        for signal in [libc::SIGINT, libc::SIGQUIT, libc::SIGHUP, libc::SIGTERM] {
            // SAFETY: it sets no handler.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: `signal` may be called between a fork and an exec.
    unsafe { command.pre_exec(reset) };
}

/// A fixture, ready to be started by the test itself.
pub(crate) fn fixture_command(home: &Path, name: &str) -> Command {
    command(fixture_path(name), home)
}

/// The program, with nothing of this environment but what it is told here.
fn command(program: &Path, home: &Path) -> Command {
    let mut command = Command::new(program);
    reset_signals(&mut command);
    command
        .current_dir(home)
        .env_clear()
        .env("TZ", "UTC0")
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TMPDIR", home);
    command
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }

    pub(crate) fn stdout(&self) -> String {
        self.normal(&self.stdout)
    }

    /// Standard output, byte for byte.
    pub(crate) fn printed(&self) -> &str {
        &self.stdout
    }

    pub(crate) fn stderr(&self) -> String {
        self.normal(&self.stderr)
    }
}

impl Deref for Ran {
    type Target = Tree;

    fn deref(&self) -> &Tree {
        &self.tree
    }
}

/// How many `sleep` processes live that were told to sleep for so long.
pub(crate) fn sleepers(time: &str) -> usize {
    let command = format!("sleep\0{time}\0");
    let processes = std::fs::read_dir("/proc").unwrap();
    let commands =
        processes.filter_map(|process| std::fs::read(process.ok()?.path().join("cmdline")).ok());
    commands
        .filter(|found| *found == command.as_bytes())
        .count()
}
