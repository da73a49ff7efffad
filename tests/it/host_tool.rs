//! `cargo autotest`, run from outside.

mod calibrate;
mod check;
mod config;
mod describe;
mod help;
mod list;
mod new;
mod report;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use tempfile::TempDir;

use super::own_crate::home;

/// The repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The tool, which is built if it is not.
pub(crate) fn program() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile_dir = Path::new(env!("CARGO_BIN_EXE_faulty")).parent().unwrap();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "--package", "cargo-autotest"]);
        cargo.arg("--target-dir").arg(profile_dir.parent().unwrap());
        cargo.current_dir(root());
        assert!(cargo.status().unwrap().success(), "the tool does not build");
        profile_dir.join("cargo-autotest")
    })
}

/// What the tool printed.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the tool in a directory. What it builds is kept for the next time, in a directory of its own.
pub(crate) fn run_in(dir: &Path, args: &[&str]) -> Ran {
    run(tool(dir).args(args), dir)
}

/// The tool, to be run in a directory.
pub(crate) fn tool(dir: &Path) -> Command {
    let mut command = Command::new(program());
    command.current_dir(dir);
    of_its_own(&mut command);
    command
}

/// Cargo, to be run in a directory as a user runs it.
pub(crate) fn cargo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(dir);
    of_its_own(&mut command);
    command
}

/// Nothing of the Cargo that runs these tests, and a directory for what is built.
fn of_its_own(command: &mut Command) {
    for (name, _) in std::env::vars() {
        let is_cargos = name.starts_with("CARGO") && name != "CARGO_HOME";
        if is_cargos || name.starts_with("AUTOTEST") || name == "RUSTFLAGS" {
            command.env_remove(name);
        }
    }
    command
        .env("CARGO_TARGET_DIR", home("host-tool"))
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_COLOR", "never");
}

pub(crate) fn run(command: &mut Command, dir: &Path) -> Ran {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let text = text.replace(&dir.display().to_string(), "[DIR]");
        let text = text.replace(&home("host-tool").display().to_string(), "[TARGET]");
        text.replace(&root().display().to_string(), "[AUTOTEST]")
    };
    Ran {
        code: status.code(),
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "{}{}", self.stdout, self.stderr);
        self
    }
}

/// An empty directory that is in no workspace.
pub(crate) fn empty() -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = fs::canonicalize(dir.path()).unwrap();
    (dir, path)
}

/// Gives a new workspace the versions of this one, so that nothing is downloaded.
pub(crate) fn lock(dir: &Path) {
    fs::copy(root().join("Cargo.lock"), dir.join("Cargo.lock")).unwrap();
}

/// Writes files below a directory.
pub(crate) fn write(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
