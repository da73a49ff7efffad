//! `build`: builds a configured suite into a package with one static executable.

mod compile;
mod data;
mod declared;
mod licenses;
mod lock;
mod main_crate;
mod pack;
mod rustc;
mod target;

use std::path::PathBuf;

use autotest_core::attr::Expr;
use cargo_metadata::Package;

use crate::cli::{self, Format};
use crate::config::{ConfigError, Configuration, Placed, Suite};
use crate::progress;
use crate::workspace::{Workspace, WorkspaceError, library};
pub(crate) use compile::CompileError;
pub(crate) use data::DataError;
use data::DataFiles;
use declared::{DeclaredError, Tests};
use main_crate::MainCrateError;
use pack::{PackError, Packed};
pub(crate) use rustc::as_wrapper;
use target::Target;
pub(crate) use target::TargetError;

/// The default profile, optimized for size. A profile of this name in the workspace replaces it.
const PROFILE: &str = "autotest-suite";

/// An error when building a suite.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error(transparent)]
    MainCrate(#[from] MainCrateError),
    #[error(transparent)]
    Compile(#[from] CompileError),
    #[error(transparent)]
    Lock(#[from] lock::LockError),
    #[error(transparent)]
    Declared(#[from] DeclaredError),
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("failed to collect the licences: {0}")]
    Licenses(#[from] std::io::Error),
    #[error(transparent)]
    Pack(#[from] PackError),
}

/// Builds a suite. Returns the summary to print, in the format that the user chose.
///
/// # Errors
/// If the configuration is wrong, the suite cannot be built, or the result is incomplete.
pub(crate) fn run(args: &cli::Build) -> Result<String, BuildError> {
    let (packed, tests) = build(args)?;
    Ok(match args.format {
        Format::Text => text(&packed, &tests),
        Format::Json => json(&packed, &tests),
    })
}

/// Builds a suite. Returns the path of its package.
///
/// # Errors
/// As [`run`].
pub(crate) fn package(args: &cli::Build) -> Result<PathBuf, BuildError> {
    Ok(build(args)?.0.path)
}

fn build(args: &cli::Build) -> Result<(Packed, Tests), BuildError> {
    let members = Workspace::members_only()?;
    let configuration = Configuration::read(&members)?;
    let suite = configuration.suite(&args.suite)?;
    let target = Target::choose(args.target.as_deref(), &members)?;
    let workspace = Workspace::of_target(&members.manifest(), &target.triple)?;
    let parts = Parts::of(suite, &workspace)?;
    eprintln!("building the suite `{}` for {target}", suite.name);
    let dir = suites_dir(&workspace).join(&suite.name);
    let main_crate = main_crate::write(&dir, &workspace, &parts, profile(args))?;
    let compiled = compile::run(&workspace, &main_crate, &parts, &target)?;
    lock::check(workspace.root(), &main_crate)?;
    let output = args
        .output
        .clone()
        .unwrap_or_else(|| suites_dir(&workspace));
    progress::during(&format!("packing the suite `{}`", suite.name), || {
        let tests = declared::check(&parts, &compiled)?;
        let graph = Workspace::of_target(&main_crate.manifest, &target.triple)?;
        let data = DataFiles::of(&parts, &graph, &tests)?;
        let licenses = licenses::collect(graph.metadata(), &target.toolchain)?;
        let packed = pack::pack(&parts, &target, &compiled, data, &licenses, &output)?;
        Ok((packed, tests))
    })
}

/// The summary of a package, for a person.
fn text(packed: &Packed, tests: &Tests) -> String {
    let counts = tests.by_crate();
    let counts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    format!(
        "package: {}\nsize:    {} bytes\ntests:   {} ({})\nsha256:  {}\n",
        packed.path.display(),
        packed.bytes,
        tests.tests.len(),
        counts.join(", "),
        packed.sha256
    )
}

fn json(packed: &Packed, tests: &Tests) -> String {
    let json = serde_json::json!({
        "suite": packed.manifest.suite,
        "version": packed.manifest.version,
        "target": packed.manifest.target,
        "package": packed.path,
        "bytes": packed.bytes,
        "sha256": packed.sha256.to_string(),
        "tests": tests.tests.len(),
        "tests_by_crate": tests.by_crate(),
    });
    format!("{json}\n")
}

/// The profile that the command line asks for.
fn profile(args: &cli::Build) -> &str {
    match (&args.profile, args.release) {
        (Some(profile), _) => profile,
        (None, true) => "release",
        (None, false) => PROFILE,
    }
}

/// The directory in which suites are built and, unless the user names another, packed.
fn suites_dir(workspace: &Workspace) -> PathBuf {
    workspace.target_dir().join("autotest-suites")
}

/// A suite with the packages that it consists of.
struct Parts<'a> {
    suite: &'a Suite,
    /// The crates of tests, in the order of the configuration.
    crates: Vec<&'a Package>,
    /// The framework on which all of them depend.
    framework: &'a Package,
    version: String,
}

impl<'a> Parts<'a> {
    /// Finds the packages that the configuration names.
    ///
    /// # Errors
    /// If one does not exist or contains no tests, or if they depend on several versions of the framework.
    fn of(suite: &'a Suite, workspace: &'a Workspace) -> Result<Parts<'a>, ConfigError> {
        let mut crates: Vec<&Package> = Vec::new();
        let mut framework: Option<&Package> = None;
        for named in &suite.crates {
            let (package, own) = crate_of_tests(named, workspace)?;
            let name = &named.text;
            if framework.is_some_and(|other| other.id != own.id) {
                let message =
                    format!("`{name}` depends on another `autotest` than the crates before it");
                return Err(ConfigError::at(&named.place, message));
            }
            if crates.iter().any(|other| other.id == package.id) {
                return Err(ConfigError::at(
                    &named.place,
                    format!("`{name}` is named twice"),
                ));
            }
            framework = Some(own);
            crates.push(package);
        }
        if let Some(attr) = &suite.attr {
            Expr::parse(&attr.text)
                .map_err(|error| ConfigError::at(&attr.place, error.to_string()))?;
        }
        Ok(Parts {
            suite,
            version: version(suite, &crates)?,
            crates,
            framework: framework
                .ok_or_else(|| ConfigError::at(&suite.place, "the suite has no crates"))?,
        })
    }
}

/// The package with this name, and the framework on which it depends.
///
/// # Errors
/// If it does not exist or cannot contain tests.
fn crate_of_tests<'a>(
    named: &Placed,
    workspace: &'a Workspace,
) -> Result<(&'a Package, &'a Package), ConfigError> {
    let name = &named.text;
    let at = |message| ConfigError::at(&named.place, message);
    let package = workspace
        .member(name)
        .ok_or_else(|| at(no_such_member(name, workspace)))?;
    if library(package).is_none() {
        return Err(at(format!(
            "`{name}` has no library; its tests belong there"
        )));
    }
    let framework = workspace.framework_of(package).ok_or_else(|| {
        at(format!(
            "`{name}` does not depend on `autotest`, so it has no tests"
        ))
    })?;
    Ok((package, framework))
}

fn no_such_member(name: &str, workspace: &Workspace) -> String {
    let names: Vec<&str> = workspace.members().map(|(name, _)| name).collect();
    match autotest_core::nearest(name, names.iter().copied()) {
        Some(near) => {
            format!("no member of the workspace is called `{name}`; did you mean `{near}`?")
        }
        None => format!(
            "no member of the workspace is called `{name}`; there are {}",
            names.join(", ")
        ),
    }
}

/// The configured version; without one, the version that all crates share.
fn version(suite: &Suite, crates: &[&Package]) -> Result<String, ConfigError> {
    if let Some(version) = &suite.version {
        return Ok(version.text.clone());
    }
    let mut versions = crates.iter().map(|package| &package.version);
    let first = versions.next();
    match first {
        Some(first) if versions.all(|version| version == first) => Ok(first.to_string()),
        _ => Err(ConfigError::at(
            &suite.place,
            "its crates have different versions; give the suite one: version = \"…\"",
        )),
    }
}
