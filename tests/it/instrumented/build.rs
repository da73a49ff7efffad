//! The crate in `tests/instrumented`, built as each kind of instrumentation wants it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use crate::own_crate;

/// Named although it is the host's: cargo then builds macros and build scripts without the sanitizer.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A kind of build, which has a directory of its own.
pub(super) struct Build {
    kind: &'static str,
    flags: String,
    /// What cargo is told besides.
    args: &'static [&'static str],
}

/// Whether these tests are not to run; says so.
pub(super) fn are_left_out() -> bool {
    let are_left_out = std::env::var_os("AUTOTEST_INSTRUMENTED").is_none();
    if are_left_out {
        eprintln!("left out: AUTOTEST_INSTRUMENTED is not set");
    }
    are_left_out
}

/// Says which test is left out and why, where something is missing.
pub(super) fn left_out<T>(what: &str, reason: &str) -> Option<T> {
    eprintln!("left out: {what} ({reason})");
    None
}

impl Build {
    pub(super) fn with_coverage() -> Build {
        Build {
            kind: "coverage",
            flags: "-Cinstrument-coverage".to_owned(),
            args: &[],
        }
    }

    /// With C code, which is an object file already.
    pub(super) fn with_gcov(object: &Path) -> Build {
        let object = object.display();
        Build {
            kind: "gcov",
            flags: format!(
                "-Clink-arg={object} -Clink-arg=--coverage -Clink-arg=-Wl,-u,__gcov_reset,-u,__gcov_dump"
            ),
            args: &["--features", "gcov"],
        }
    }

    /// With a sanitizer, which the stable compiler has, too. `None` where there is none.
    pub(super) fn with_sanitizer(kind: &'static str) -> Option<Build> {
        if !cfg!(all(target_arch = "x86_64", target_env = "gnu")) {
            return left_out(kind, "only built for x86_64-unknown-linux-gnu here");
        }
        let args: &[_] = match kind {
            "thread" if !has_source_of_std() => {
                return left_out(kind, "the component rust-src is not installed");
            }
            "thread" => &["--target", TARGET, "-Zbuild-std"],
            _ => &["--target", TARGET],
        };
        Some(Build {
            kind,
            flags: format!("-Zsanitizer={kind}"),
            args,
        })
    }

    /// Builds one of the crate's test binaries.
    pub(super) fn binary(&self, name: &str) -> PathBuf {
        let mut cargo = cargo("build", &self.flags);
        cargo.args(["--message-format", "json", "--test", name]);
        if self.flags.starts_with("-Z") {
            cargo.env("RUSTC_BOOTSTRAP", "1");
        }
        cargo
            .args(self.args)
            .arg("--target-dir")
            .arg(home().join(self.kind));
        let Output {
            status,
            stdout,
            stderr,
        } = cargo.output().unwrap();
        assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
        let messages = stdout.split(|byte| *byte == b'\n');
        let mut executables = messages.filter_map(|line| {
            let message: serde_json::Value = serde_json::from_slice(line).ok()?;
            let is_it = message["target"]["name"] == name;
            Some(message["executable"].as_str().filter(|_| is_it)?.into())
        });
        executables.next_back().unwrap()
    }
}

/// Cargo, for a command on the crate, with flags for rustc.
pub(super) fn cargo(command: &str, flags: &str) -> Command {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(sources()).args(command.split(' '));
    cargo
        .env("RUSTFLAGS", flags)
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    // For what macros and build scripts count, which nobody reads.
    cargo.env("LLVM_PROFILE_FILE", home().join("build-%m.profraw"));
    cargo.env_remove("RUST_BACKTRACE");
    cargo
}

/// Where all of this is built; it stays there for the next time.
pub(super) fn home() -> PathBuf {
    own_crate::home("instrumented")
}

/// A copy of the crate that has the dependencies of the workspace.
pub(super) fn sources() -> &'static Path {
    static COPIED: OnceLock<PathBuf> = OnceLock::new();
    COPIED.get_or_init(|| own_crate::copied("instrumented"))
}

/// The directory of the target's libraries, beside which components have their files.
fn target_libdir() -> PathBuf {
    let rustc = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output();
    String::from_utf8(rustc.unwrap().stdout)
        .unwrap()
        .trim()
        .into()
}

fn has_source_of_std() -> bool {
    target_libdir().join("../../src/rust/library").exists()
}

/// One of LLVM's tools: that which the variable names, or the one of the component `llvm-tools`.
pub(super) fn llvm(tool: &str, variable: &str) -> Option<PathBuf> {
    let component = || Some(target_libdir().join("../bin").join(tool));
    let named = std::env::var_os(variable).map(PathBuf::from);
    let tool = named.or_else(component).filter(|tool| tool.exists());
    tool.or_else(|| {
        left_out(
            variable,
            "neither set nor is the component llvm-tools installed",
        )
    })
}
