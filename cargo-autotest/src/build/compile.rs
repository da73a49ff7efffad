//! Compiles the suite, such that the executable does not depend on the directory in which it is built.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cargo_metadata::Artifact;
use object::{Object, ObjectSection};

use super::main_crate::MainCrate;
use super::rustc::{self, Additions, VARIABLE};
use super::{Parts, Target};
use crate::cargo::{self, CargoError};
use crate::workspace::{Workspace, directory, library};

/// An error when compiling the suite.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompileError {
    #[error(transparent)]
    Cargo(#[from] CargoError),
    #[error("cargo made no executable; report this as a bug of autotest")]
    NoExecutable,
    #[error(
        "the executable is not static, but needs `{0}` on the target; look for `crt-static` and `-dynamic-linker` in \
         Cargo's configuration and RUSTFLAGS"
    )]
    Dynamic(String),
    #[error("failed to read the executable: {0}")]
    Unreadable(std::io::Error),
    #[error("failed to write to the target directory: {0}")]
    Directory(std::io::Error),
    #[error("failed to find this program: {0}")]
    NoSelf(std::io::Error),
}

/// The files that Cargo built.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) executable: PathBuf,
    /// The libraries of the test crates, by crate name.
    pub(super) libraries: BTreeMap<String, PathBuf>,
}

/// Compiles the main crate and everything it depends on, with a profile of the main crate.
///
/// # Errors
/// If something cannot be compiled or linked. Cargo has already printed the reason.
pub(super) fn run(
    workspace: &Workspace,
    main_crate: &MainCrate,
    parts: &Parts<'_>,
    target: &Target,
) -> Result<Compiled, CompileError> {
    let profile = main_crate.profile.as_str();
    // A target may also be a file that describes one.
    let triple = Path::new(&target.triple).file_name().unwrap_or_default();
    let triple = triple.to_string_lossy();
    let triple = triple.strip_suffix(".json").unwrap_or(&triple);
    let dir = workspace.target_dir().join(triple).join(profile);
    let of = format!(
        "{}\n{}\n{}",
        target.flags.join(" "),
        cargo::home().unwrap_or_default().display(),
        target.toolchain.sysroot.display()
    );
    rustc::forget_others(&dir, &of).map_err(CompileError::Directory)?;
    let additions = additions(workspace, main_crate, target);
    let additions = serde_json::to_string(&additions).unwrap_or_default();
    let mut command = cargo::command();
    command
        .current_dir(workspace.root())
        .args(["build", "--manifest-path"])
        .arg(&main_crate.manifest)
        .args(["--target", &target.triple, "--profile", profile])
        .arg("--target-dir")
        .arg(workspace.target_dir())
        .env(
            "RUSTC_WRAPPER",
            std::env::current_exe().map_err(CompileError::NoSelf)?,
        )
        .env(VARIABLE, additions)
        .env("CARGO_INCREMENTAL", "0")
        .envs(target.linker.clone());
    if std::env::var_os("SOURCE_DATE_EPOCH").is_none() {
        command.env("SOURCE_DATE_EPOCH", "0");
    }
    let artifacts = cargo::artifacts(&mut command)?;
    let compiled = compiled(&artifacts, parts, main_crate).ok_or(CompileError::NoExecutable)?;
    match loader(&compiled.executable).map_err(CompileError::Unreadable)? {
        Some(loader) => Err(CompileError::Dynamic(loader)),
        None => Ok(compiled),
    }
}

/// The dynamic loader that the executable names; `None` if it is static.
fn loader(executable: &Path) -> std::io::Result<Option<String>> {
    let bytes = std::fs::read(executable)?;
    let file = object::File::parse(bytes.as_slice()).map_err(std::io::Error::other)?;
    let Some(section) = file.section_by_name(".interp") else {
        return Ok(None);
    };
    let name = section.data().map_err(std::io::Error::other)?;
    let name = String::from_utf8_lossy(name);
    Ok(Some(name.trim_end_matches('\0').to_owned()))
}

fn compiled(artifacts: &[Artifact], parts: &Parts<'_>, main_crate: &MainCrate) -> Option<Compiled> {
    let libraries = parts.crates.iter().filter_map(|package| {
        let of_package = |artifact: &&Artifact| artifact.manifest_path == package.manifest_path;
        let artifacts = artifacts.iter().filter(of_package);
        let mut files = artifacts.flat_map(|artifact| &artifact.filenames);
        let rlib = files.find(|file| file.extension() == Some("rlib"))?;
        Some((
            library(package)?.to_owned(),
            rlib.clone().into_std_path_buf(),
        ))
    });
    let mut executables = artifacts
        .iter()
        .filter(|artifact| artifact.manifest_path.as_std_path() == main_crate.manifest)
        .filter_map(|artifact| artifact.executable.clone());
    Some(Compiled {
        executable: executables.next()?.into_std_path_buf(),
        libraries: libraries.collect(),
    })
}

fn additions(workspace: &Workspace, main_crate: &MainCrate, target: &Target) -> Additions {
    let root = workspace.root();
    let mut local = BTreeMap::new();
    for package in workspace.local_packages() {
        let dir = directory(package);
        local.insert(
            dir.to_string_lossy().into_owned(),
            stable_name(package, root),
        );
    }
    let own = main_crate.manifest.parent().unwrap_or(Path::new(""));
    local.insert(own.to_string_lossy().into_owned(), main_crate.name.clone());
    let mut flags = target.flags.clone();
    for (from, to) in prefixes(workspace, target) {
        flags.push(format!("--remap-path-prefix={}={to}", from.display()));
    }
    // All local packages, because other suites are built in the same directory.
    let readable = workspace.local_packages().filter_map(library);
    Additions {
        target: target.triple.clone(),
        flags,
        local,
        readable: readable.map(|name| name.replace('-', "_")).collect(),
        wrapper: std::env::var("RUSTC_WRAPPER")
            .ok()
            .filter(|wrapper| !wrapper.is_empty()),
    }
}

/// A name for a local package that does not depend on where the workspace is.
fn stable_name(package: &cargo_metadata::Package, root: &Path) -> String {
    let dir = directory(package);
    let below = dir.strip_prefix(root).unwrap_or(Path::new(""));
    format!("{} {} {}", package.name, package.version, below.display())
}

/// Prefixes of source paths, each with its replacement in the executable's messages. If several match a file, the last
/// one counts.
fn prefixes(workspace: &Workspace, target: &Target) -> Vec<(PathBuf, String)> {
    let root = workspace.root();
    let mut prefixes = Vec::new();
    if let Some(home) = cargo::home() {
        prefixes.push((home, "cargo".to_owned()));
    }
    for package in workspace.local_packages() {
        let dir = directory(package);
        if !dir.starts_with(root) {
            prefixes.push((dir, format!("{}-{}", package.name, package.version)));
        }
    }
    prefixes.push((workspace.target_dir().to_owned(), "target".to_owned()));
    // Cargo passes rustc paths relative to the workspace.
    prefixes.push((root.to_owned(), String::new()));
    let toolchain = &target.toolchain;
    let library = toolchain.sysroot.join("lib/rustlib/src/rust");
    prefixes.push((library, format!("/rustc/{}", toolchain.commit)));
    prefixes
}
