//! The Rust target of a suite: checks that its standard library is installed, and finds a linker.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo;
use crate::workspace::Workspace;

/// An error when choosing a target.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TargetError {
    #[error("failed to run `{0}`: {1}; is Rust installed?")]
    NoRustc(String, std::io::Error),
    #[error("`{0}` failed: {1}")]
    Rustc(String, String),
    #[error("rustc knows no target `{0}`{1}")]
    Unknown(String, String),
    #[error("the standard library of {0} is not installed; `rustup target add {0}` installs it")]
    NotInstalled(String),
    #[error(
        "no linker for {target}: install a cross compiler, such as {example} (Debian: {package}), or name one in \
         {variable}"
    )]
    NoLinker {
        target: String,
        example: String,
        package: String,
        variable: String,
    },
}

/// A target for which suites can be built.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) triple: String,
    /// The flags with which rustc makes a static executable.
    pub(super) flags: Vec<String>,
    /// The environment variable that names a linker, and its value; `None` if Cargo finds one itself.
    pub(super) linker: Option<(String, String)>,
    pub(super) toolchain: Toolchain,
}

/// The Rust toolchain of the workspace.
#[derive(Debug)]
pub(super) struct Toolchain {
    rustc: String,
    dir: PathBuf,
    /// The triple of this machine.
    host: String,
    pub(super) commit: String,
    /// Its version, such as `1.95.0`.
    pub(super) version: String,
    pub(super) sysroot: PathBuf,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.triple)?;
        match &self.linker {
            Some((_, linker)) => write!(f, ", linked by {linker}"),
            None => Ok(()),
        }
    }
}

impl Target {
    /// Chooses the target that the user names; otherwise musl for this machine's architecture, if it is installed;
    /// otherwise this machine's own target, with a static libc.
    ///
    /// # Errors
    /// If its standard library or a linker is not installed.
    pub(super) fn choose(
        named: Option<&str>,
        workspace: &Workspace,
    ) -> Result<Target, TargetError> {
        let toolchain = Toolchain::of(workspace.root())?;
        let triple = match named {
            Some(triple) => triple.to_owned(),
            None => toolchain.default_target()?,
        };
        toolchain.check(&triple)?;
        // These come after the user's own flags, and the last one counts.
        let mut flags = vec!["-C".to_owned(), "target-feature=+crt-static".to_owned()];
        let linker = linker(&triple, &toolchain.host, workspace.root())?;
        if let Some(Linker::Rust) = linker {
            flags.extend(["-C", "link-self-contained=yes"].map(str::to_owned));
        }
        let linker = linker.map(|linker| (linker_variable(&triple), linker.program()));
        Ok(Target {
            triple,
            flags,
            linker,
            toolchain,
        })
    }
}

impl Toolchain {
    fn of(dir: &Path) -> Result<Toolchain, TargetError> {
        let mut toolchain = Toolchain {
            rustc: std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned()),
            dir: dir.to_owned(),
            host: String::new(),
            commit: String::new(),
            version: String::new(),
            sysroot: PathBuf::new(),
        };
        let version = toolchain.ask(&["-vV"])?;
        let field = |name: &str| {
            let mut lines = version.lines();
            let found = lines.find_map(|line| line.strip_prefix(name));
            found.unwrap_or_default().to_owned()
        };
        toolchain.host = field("host: ");
        toolchain.version = field("release: ");
        toolchain.commit = field("commit-hash: ");
        toolchain.sysroot = toolchain.ask(&["--print", "sysroot"])?.trim().into();
        Ok(toolchain)
    }

    /// Runs rustc, and returns what it prints.
    fn ask(&self, args: &[&str]) -> Result<String, TargetError> {
        let mut command = Command::new(&self.rustc);
        // rustup looks here for the workspace's toolchain file.
        let output = command.args(args).current_dir(&self.dir).output();
        let output = output.map_err(|error| TargetError::NoRustc(self.rustc.clone(), error))?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
            false => {
                let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(TargetError::Rustc(
                    format!("{} {}", self.rustc, args.join(" ")),
                    stderr,
                ))
            }
        }
    }

    fn default_target(&self) -> Result<String, TargetError> {
        let architecture = self.host.split('-').next().unwrap_or_default();
        let musl = format!("{architecture}-unknown-linux-musl");
        Ok(match self.has(&musl)? {
            true => musl,
            false => self.host.clone(),
        })
    }

    fn has(&self, triple: &str) -> Result<bool, TargetError> {
        let libdir = self.ask(&["--print", "target-libdir", "--target", triple])?;
        Ok(Path::new(libdir.trim()).is_dir())
    }

    fn check(&self, triple: &str) -> Result<(), TargetError> {
        let known = self.ask(&["--print", "target-list"])?;
        // A target may also be a file that describes one.
        if !triple.ends_with(".json") && !known.lines().any(|known| known == triple) {
            let near = autotest_core::nearest(triple, known.lines());
            let hint = near.map(|near| format!("; did you mean `{near}`?"));
            return Err(TargetError::Unknown(
                triple.to_owned(),
                hint.unwrap_or_default(),
            ));
        }
        match self.has(triple)? {
            true => Ok(()),
            false => Err(TargetError::NotInstalled(triple.to_owned())),
        }
    }
}

/// A linker that Cargo would not choose itself.
enum Linker {
    Gcc(String),
    /// Rust's own, with the start files and the libc of the target's standard library.
    Rust,
}

impl Linker {
    fn program(&self) -> String {
        match self {
            Linker::Gcc(program) => program.clone(),
            Linker::Rust => "rust-lld".to_owned(),
        }
    }
}

/// Finds a linker. `None` if the user configured one for Cargo, or if this machine's own will do.
fn linker(triple: &str, host: &str, dir: &Path) -> Result<Option<Linker>, TargetError> {
    let variable = linker_variable(triple);
    if std::env::var_os(&variable).is_some() || is_configured(triple, dir) {
        return Ok(None);
    }
    let mut parts = triple.split('-');
    let architecture = parts.next().unwrap_or_default();
    let is_own = host.split('-').next() == Some(architecture);
    if is_own && is_on_path("cc") {
        return Ok(None);
    }
    let abi = triple.rsplit('-').next().unwrap_or_default();
    let gcc_architecture = match architecture {
        "armv7" | "thumbv7neon" => "arm",
        "riscv64gc" => "riscv64",
        other => other,
    };
    let gcc = |abi: &str| format!("{gcc_architecture}-linux-{abi}-gcc");
    let gnu = gcc(&abi.replace("musl", "gnu"));
    let candidates = [gcc(abi), gnu.clone()];
    if let Some(found) = candidates.into_iter().find(|program| is_on_path(program)) {
        return Ok(Some(Linker::Gcc(found)));
    }
    if abi.starts_with("musl") {
        return Ok(Some(Linker::Rust));
    }
    Err(TargetError::NoLinker {
        target: triple.to_owned(),
        package: format!("gcc-{}", gnu.trim_end_matches("-gcc").replace('_', "-")),
        example: gnu,
        variable,
    })
}

fn linker_variable(triple: &str) -> String {
    let name = triple.to_uppercase().replace(['-', '.'], "_");
    format!("CARGO_TARGET_{name}_LINKER")
}

/// Whether Cargo's configuration names a linker: in the workspace's directory, above it, or in Cargo's home.
fn is_configured(triple: &str, dir: &Path) -> bool {
    let dirs = dir.ancestors().map(|dir| dir.join(".cargo"));
    let dirs = dirs.chain(cargo::home());
    dirs.flat_map(|dir| [dir.join("config.toml"), dir.join("config")])
        .filter_map(|path| fs_err::read_to_string(path).ok()?.parse().ok())
        .any(|config: toml_edit::DocumentMut| {
            let target = config.get("target").and_then(|target| target.get(triple));
            target.is_some_and(|target| target.get("linker").is_some())
        })
}

fn is_on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}
