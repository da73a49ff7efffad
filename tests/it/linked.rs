//! Suites: binaries that link libraries of tests. They are those of the workspace in `tests/linked`.

mod matrix;
mod suites;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::own_crate;

/// One way to build the suites.
#[derive(Clone, Default)]
struct Build<'a> {
    /// The directory of the profile is called like the profile.
    profile: &'a str,
    /// For the compiler of everything.
    flags: &'a str,
    /// For the linker of the suites.
    link_args: &'a str,
    target: Option<&'a str>,
    /// A directory with programs that are found before others.
    path: Option<&'a Path>,
}

impl Build<'_> {
    /// Builds all suites. Returns the directory with the executables, or what the compiler said.
    fn build(&self) -> Result<PathBuf, String> {
        let mut target_dir = own_crate::home("linked");
        if !self.flags.is_empty() {
            target_dir.push("flags");
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let dirs = self.path.map(Path::to_owned).into_iter();
        let dirs = dirs.chain(std::env::split_paths(&path));
        let mut cargo = Command::new(env!("CARGO"));
        cargo
            .current_dir(sources())
            .args(["build", "--quiet", "--bins", "--profile", self.profile])
            .arg("--target-dir")
            .arg(&target_dir)
            .env("PATH", std::env::join_paths(dirs).unwrap())
            .env("AUTOTEST_LINK_ARGS", self.link_args)
            .env("RUSTFLAGS", self.flags)
            .env_remove("CARGO_ENCODED_RUSTFLAGS");
        if let Some(target) = self.target {
            cargo.args(["--target", target]);
            target_dir.push(target);
        }
        let Output { status, stderr, .. } = cargo.output().unwrap();
        match status.success() {
            true => Ok(target_dir.join(self.profile.replace("dev", "debug"))),
            false => Err(String::from_utf8_lossy(&stderr).into_owned()),
        }
    }
}

/// A copy of the workspace that has the dependencies of ours.
fn sources() -> &'static Path {
    static COPIED: OnceLock<PathBuf> = OnceLock::new();
    COPIED.get_or_init(|| own_crate::copied("linked"))
}

/// The suites as `cargo build` makes them.
fn built() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let build = Build {
            profile: "dev",
            ..Build::default()
        };
        build.build().unwrap_or_else(|error| panic!("{error}"))
    })
}

/// Copies an executable by another program: a process that this one forks at the same time would keep the copy open for
/// writing, and nobody could execute it.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").args([from, to]).status();
    assert!(copied.unwrap().success());
}

/// The names of the tests in a binary.
fn list(binary: &Path) -> Vec<String> {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(binary).arg("--list").output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{}: {stderr}", binary.display());
    let stdout = String::from_utf8(stdout).unwrap();
    let names = stdout
        .lines()
        .filter_map(|line| line.strip_suffix(": test"));
    names.map(str::to_owned).collect()
}
