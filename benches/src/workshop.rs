//! Where test binaries are made: generated packages below `target/autotest-bench`, each its own
//! workspace, and their builds.
//!
//! It must not know what is measured of them.

mod packages;

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

pub(crate) use packages::Package;

use crate::process;
use crate::row::LeftOut;

/// How a binary has its libc.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Linked {
    Statically,
    Dynamically,
}

impl Linked {
    fn name(self) -> &'static str {
        match self {
            Linked::Statically => "static",
            Linked::Dynamically => "dynamic",
        }
    }
}

/// How a suite is optimized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    Release,
    /// As `cargo autotest build` builds it.
    ForSize,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Profile::Release => "release",
            Profile::ForSize => "for-size",
        }
    }
}

pub(crate) struct Workshop {
    /// The repository.
    root: PathBuf,
    /// Where all of it is.
    dir: PathBuf,
    /// What rustc builds for here.
    host: String,
    /// What was built already, or could not be.
    built: RefCell<HashMap<String, Result<PathBuf, LeftOut>>>,
}

impl Workshop {
    pub(crate) fn open() -> Result<Workshop, LeftOut> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .canonicalize()?;
        let dir = root.join("target/autotest-bench");
        std::fs::create_dir_all(&dir)?;
        let version = process::output(Command::new("rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or_else(|| LeftOut("rustc does not say its host".into()))?;
        Ok(Workshop {
            host: host.to_owned(),
            root,
            dir,
            built: RefCell::default(),
        })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A binary of the package `suites`, of which each is built when it is asked for.
    pub(crate) fn suite(&self, linked: Linked, name: &str) -> Result<PathBuf, LeftOut> {
        self.binary(&Package::suites(&self.root), Profile::Release, linked, name)
    }

    /// The same, static, as `cargo autotest build` builds it.
    pub(crate) fn suite_for_size(&self, name: &str) -> Result<PathBuf, LeftOut> {
        let package = Package::suites(&self.root);
        self.binary(&package, Profile::ForSize, Linked::Statically, name)
    }

    /// A static suite of 1,000 tests with these features of the framework.
    pub(crate) fn suite_with_features(
        &self,
        profile: Profile,
        features: &[&str],
    ) -> Result<PathBuf, LeftOut> {
        let package = Package::with_features(&self.root, features);
        self.binary(&package, profile, Linked::Statically, "thousand")
    }

    fn binary(
        &self,
        package: &Package,
        profile: Profile,
        linked: Linked,
        name: &str,
    ) -> Result<PathBuf, LeftOut> {
        let (profile, linking) = (profile.name(), linked.name());
        let what = format!("{name} of {} ({profile}, {linking})", package.name);
        self.once(what, || {
            let dir = package.write(&self.dir)?;
            let target_dir = self.dir.join(linking);
            let mut cargo = self.cargo(&dir, &["build", "--profile", profile, "--bin", name]);
            self.link(&mut cargo, linked);
            process::measure(cargo.arg("--target-dir").arg(&target_dir))?;
            // Packages have binaries of the same name, and their builds share a directory.
            let built = target_dir.join(&self.host).join(profile).join(name);
            let kept = self
                .dir
                .join(format!("{}-{profile}-{linking}-{name}", package.name));
            std::fs::copy(built, &kept)?;
            Ok(kept)
        })
    }

    /// The program of the host, `cargo-autotest`.
    pub(crate) fn host_tool(&self) -> Result<PathBuf, LeftOut> {
        self.once("cargo-autotest".to_owned(), || {
            let args = ["build", "--release", "--package", "cargo-autotest"];
            let mut cargo = self.cargo(&self.root, &args);
            let target_dir = self.dir.join("host");
            process::measure(cargo.arg("--target-dir").arg(&target_dir))?;
            Ok(target_dir.join("release/cargo-autotest"))
        })
    }

    /// Has cargo link what it builds in this way.
    fn link(&self, cargo: &mut Command, linked: Linked) {
        cargo.env(
            "RUSTFLAGS",
            match linked {
                Linked::Statically => "-Ctarget-feature=+crt-static",
                Linked::Dynamically => "-Ctarget-feature=-crt-static",
            },
        );
        // Without a target the flags would be those of the macros, too, which are no executables.
        cargo.args(["--target", &self.host]);
    }

    /// The one test target of a package, built as the static suites are.
    pub(crate) fn test_binary(&self, package: &Package) -> Result<PathBuf, LeftOut> {
        self.once(package.name.clone(), || {
            let dir = package.write(&self.dir)?;
            let mut cargo = self.cargo(&dir, &["test", "--release", "--no-run", "--tests"]);
            self.as_test_binaries(&mut cargo);
            cargo.arg("--message-format=json");
            executable(&process::output(&mut cargo)?)
        })
    }

    /// Has cargo build, or find, what [`test_binary`](Workshop::test_binary) builds.
    pub(crate) fn as_test_binaries(&self, cargo: &mut Command) {
        self.link(cargo, Linked::Statically);
        cargo.arg("--target-dir").arg(self.dir.join("peers"));
    }

    /// Cargo in the directory of a package, as if the benchmark did not run under cargo itself.
    pub(crate) fn cargo(&self, dir: &Path, args: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(is_of_an_outer_cargo) {
                cargo.env_remove(name);
            }
        }
        cargo.current_dir(dir).args(args);
        cargo
    }

    fn once(
        &self,
        what: String,
        build: impl FnOnce() -> Result<PathBuf, LeftOut>,
    ) -> Result<PathBuf, LeftOut> {
        if let Some(built) = self.built.borrow().get(&what) {
            return built.clone();
        }
        eprintln!("  building {what}");
        let built =
            build().map_err(|error| LeftOut::because(format!("{what} does not build"), error.0));
        self.built.borrow_mut().insert(what, built.clone());
        built
    }
}

/// What cargo sets for what it runs, and what would change how packages are built.
fn is_of_an_outer_cargo(name: &str) -> bool {
    const WHOLE: [&str; 8] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_TARGET_DIR",
        "CARGO_BUILD_TARGET",
        "CARGO_INCREMENTAL",
        "LD_LIBRARY_PATH",
        "OUT_DIR",
        "CARGO",
    ];
    const BEGIN: [&str; 5] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_PROFILE_",
        "NEXTEST",
    ];
    WHOLE.contains(&name) || BEGIN.iter().any(|begin| name.starts_with(begin))
}

/// The executable that cargo's messages name.
fn executable(messages: &str) -> Result<PathBuf, LeftOut> {
    #[derive(Deserialize)]
    struct Message {
        executable: Option<PathBuf>,
    }
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Message>(line).ok());
    let executable = messages
        .filter_map(|message| message.executable)
        .next_back();
    executable.ok_or_else(|| LeftOut("cargo named no executable".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_user_set_for_cargo_stays() {
        assert!(is_of_an_outer_cargo("CARGO_PKG_NAME"));
        assert!(is_of_an_outer_cargo("RUSTFLAGS"));
        assert!(!is_of_an_outer_cargo("CARGO_HOME"));
        assert!(!is_of_an_outer_cargo("CARGO_BUILD_JOBS"));
    }

    #[test]
    fn the_executable_is_found_among_messages() {
        let messages =
            "{\"reason\":\"x\"}\n{\"executable\":null}\n{\"executable\":\"/a/b\"}\n{}\nno";
        assert_eq!(executable(messages).unwrap(), Path::new("/a/b"));
        assert!(executable("").is_err());
    }
}
