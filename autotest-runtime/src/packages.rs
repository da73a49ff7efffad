//! Packages: repositories, installation, and the test that stands for a package.
//!
//! A package given as a test is a run like any other. The body of the run installs the package and runs its executable,
//! which has its own job below the run's output directory. The records of that job are forwarded, so its runs are runs
//! of this job, too.
//!
//! This module must not know the supervisor, the registry or flags.

#[cfg(feature = "http")]
mod http;
mod install;
mod nested;
mod repository;

use std::path::Path;

use autotest_core::{Call, Details, Metadata, Module, Phase, PhaseSet, TestDef, Verdict};

pub(crate) use install::install_named;
pub(crate) use repository::Repository;

/// `true` if a text is the path, the URL or the name of a package, and not a repository.
pub(crate) fn is_package(text: &str) -> bool {
    autotest_package::TestName::is_package(text)
}

/// Refuses packages that cannot exist, before anything runs. Servers are not asked yet.
///
/// # Errors
/// If a file does not exist, or a package is given by name without a repository.
pub(crate) fn check_given(packages: &[String], repositories: &[String]) -> Result<(), String> {
    for package in packages {
        let shown = autotest_core::excerpt(package);
        let path = package.strip_prefix("file://").unwrap_or(package);
        if package.starts_with("http://")
            || package.starts_with("https://")
            || Path::new(path).is_file()
        {
            continue;
        }
        if path.contains('/') {
            return Err(format!("the package `{shown}` does not exist"));
        }
        if repositories.is_empty() {
            return Err(format!(
                "the package `{shown}` is not here: name the directory or URL that has it with another `--package`"
            ));
        }
    }
    Ok(())
}

/// The verdict of a test. For a package, the location is removed, since it would be one in this crate.
pub(crate) fn verdict(def: &TestDef, verdict: Option<Verdict>) -> Option<Verdict> {
    let mut verdict = verdict?;
    if std::ptr::eq(def, &raw const PACKAGE) {
        verdict.location = None;
    }
    Some(verdict)
}

/// The test that stands for every package; the run has the name of the package.
pub(crate) static PACKAGE: TestDef = TestDef {
    name: "package",
    line: line!(),
    call: Call::Context(nested::run),
    details: &Details {
        doc: "Installs a package and runs the tests in it.",
        module: &Module {
            path: module_path!(),
            file: file!(),
        },
        meta: &Metadata::DEFAULT,
        // Since `execute` is defined, `--iterations` and the like are left to the tests in the package.
        phases: PhaseSet::of(&[Phase::Execute]),
        catch_all: PhaseSet::of(&[Phase::Execute]),
        ..Details::DEFAULT
    },
};
