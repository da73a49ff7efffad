//! Reads tests from a test binary, a package, or the test binaries of a workspace, without running any of them.

use std::io;
use std::path::Path;

use autotest_core::Description;
use autotest_meta::{MetaError, Problem, Suite};
use cargo_metadata::Artifact;

use crate::cargo::{self, CargoError};
use crate::config::{self, ConfigError, Configuration, Placed};
use crate::progress;
use crate::workspace::{self, Workspace, WorkspaceError};

/// An error when reading tests.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InspectError {
    #[error(transparent)]
    File(#[from] MetaError),
    #[error(transparent)]
    Workspace(#[from] WorkspaceError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Cargo(#[from] CargoError),
    #[error(
        "no binary of this workspace has autotest tests; make a crate that has with `cargo autotest new NAME`"
    )]
    NoTests,
}

/// A binary and its tests.
#[derive(Debug)]
pub(crate) struct Binary {
    /// The target of the workspace, such as `net-tests: test all`; empty for a file that the user named.
    pub(crate) name: String,
    pub(crate) suite: Suite,
}

/// Reads the tests of a file, or of all binaries of the workspace that have some.
///
/// # Errors
/// If the file cannot be read or has no tests, or the workspace cannot be built or has none.
pub(crate) fn read(file: Option<&Path>) -> Result<Vec<Binary>, InspectError> {
    match file {
        Some(path) => of_file(path),
        None => Built::workspace()?.binaries(),
    }
}

/// As [`read`], and with the binaries of the workspace also the suites that it configures. The suites are not built.
///
/// # Errors
/// Those of [`read`], and if the configuration is wrong.
pub(crate) fn read_with_suites(file: Option<&Path>) -> Result<Vec<Binary>, InspectError> {
    if let Some(path) = file {
        return of_file(path);
    }
    let built = Built::workspace()?;
    let mut all = built.binaries()?;
    for suite in Configuration::read(&built.workspace)?.suites() {
        all.push(Binary {
            name: format!("suite {}", suite.name),
            suite: built.suite(suite)?,
        });
    }
    Ok(all)
}

fn of_file(path: &Path) -> Result<Vec<Binary>, InspectError> {
    Ok(vec![Binary {
        name: String::new(),
        suite: Suite::of_file(path)?,
    }])
}

/// A workspace, with its libraries and test binaries built.
struct Built {
    workspace: Workspace,
    artifacts: Vec<Artifact>,
}

impl Built {
    fn workspace() -> Result<Built, InspectError> {
        let workspace = Workspace::members_only()?;
        let mut command = cargo::command();
        command.current_dir(workspace.root());
        command.args(["build", "--workspace", "--lib", "--tests", "--bins"]);
        if !io::IsTerminal::is_terminal(&io::stderr()) {
            command.arg("--quiet");
        }
        let artifacts = cargo::artifacts(&mut command)?;
        Ok(Built {
            workspace,
            artifacts,
        })
    }

    /// The binaries that have tests, sorted by name.
    fn binaries(&self) -> Result<Vec<Binary>, InspectError> {
        let mut binaries = progress::during("reading the test binaries", || {
            let artifacts = self.artifacts.iter();
            let binaries = artifacts.filter_map(|artifact| {
                let path = artifact.executable.as_ref()?;
                match Suite::of_file(path.as_std_path()) {
                    // An ordinary program, or libtest's harness.
                    Err(error) if matches!(*error.problem, Problem::NoSection) => None,
                    Ok(suite) if suite.main.is_none() => None,
                    read => Some(read.map(|suite| Binary {
                        name: self.name(artifact),
                        suite,
                    })),
                }
            });
            binaries.collect::<Result<Vec<Binary>, MetaError>>()
        })?;
        binaries.sort_by(|a, b| a.name.cmp(&b.name));
        match binaries.is_empty() {
            true => Err(InspectError::NoTests),
            false => Ok(binaries),
        }
    }

    /// The package, kind and name of a Cargo target.
    fn name(&self, artifact: &Artifact) -> String {
        let manifest = artifact.manifest_path.as_std_path();
        let package = self.workspace.member_at(manifest).unwrap_or_default();
        let kind = artifact.target.kind.first();
        let kind = kind.map(ToString::to_string).unwrap_or_default();
        format!("{package}: {kind} {}", artifact.target.name)
    }

    /// The contents that the executable of a suite would have, read from the libraries of its crates.
    fn suite(&self, configured: &config::Suite) -> Result<Suite, InspectError> {
        let mut libraries = vec![Suite {
            profilers: self.built_in_profilers()?,
            ..Suite::default()
        }];
        for name in &configured.crates {
            libraries.push(Suite::of_library(self.library(name)?)?);
        }
        Suite::joined(libraries, &configured.name, configured.attr()).map_err(|problem| {
            let (place, message) = match (&problem, &configured.attr) {
                (Problem::Attr(error), Some(attr)) => (&attr.place, error.to_string()),
                _ => (&configured.place, problem.to_string()),
            };
            ConfigError::at(place, message).into()
        })
    }

    /// The profilers of the framework, with the features with which the workspace uses it.
    fn built_in_profilers(&self) -> Result<Vec<Description>, MetaError> {
        let is_framework = |artifact: &&Artifact| artifact.target.name == workspace::FRAMEWORK;
        let artifacts = self.artifacts.iter().filter(is_framework);
        let mut files = artifacts.flat_map(|artifact| &artifact.filenames);
        let Some(library) = files.find(|file| file.extension() == Some("rlib")) else {
            return Ok(Vec::new());
        };
        // Without the feature, it has none.
        Ok(Suite::of_library(library.as_std_path())?.profilers)
    }

    /// The library of a package that a suite names.
    fn library(&self, name: &Placed) -> Result<&Path, ConfigError> {
        let mut members = self.workspace.members();
        let manifest = members.find(|(member, _)| *member == name.text);
        let is_of_package = |artifact: &&Artifact| {
            manifest.is_some_and(|(_, path)| artifact.manifest_path.as_std_path() == path)
        };
        let artifacts = self.artifacts.iter().filter(is_of_package);
        let mut files = artifacts.flat_map(|artifact| &artifact.filenames);
        let file = files.find(|file| file.extension() == Some("rlib"));
        file.map(|file| file.as_std_path()).ok_or_else(|| {
            let message = format!("the workspace has no library of a package `{}`", name.text);
            ConfigError::at(&name.place, message)
        })
    }
}
