//! Checks that the executable has every test that its crates declare.

use std::collections::BTreeMap;

use autotest_core::{Description, excerpt};
use autotest_meta::{MetaError, Problem, Suite};

use super::Parts;
use super::compile::Compiled;

/// The maximum number of names that a message lists.
const LISTED: usize = 10;

/// An error when checking the tests of the executable.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeclaredError {
    #[error(transparent)]
    Unreadable(#[from] MetaError),
    #[error("cargo made no library of the crate `{0}`; report this as a bug of autotest")]
    NoLibrary(String),
    #[error(
        "the executable lacks {count} of the tests that its crates declare: {names}; the linker has dropped them, so \
         look for linker options in Cargo's configuration and in `{build}`",
        build = "build.rs"
    )]
    Lacking { count: usize, names: String },
    #[error(
        "the suite `{0}` has no tests; does `attr` select any, and do its crates name the suite?"
    )]
    Empty(String),
    #[error(transparent)]
    Joined(#[from] Problem),
}

/// The tests of an executable that has every test its crates declare.
#[derive(Debug)]
pub(super) struct Tests {
    pub(super) tests: Vec<Description>,
}

/// Reads the tests of the executable, and compares them with those of the crates' libraries.
///
/// # Errors
/// If a file cannot be read, a test is missing, or the suite has no tests.
pub(super) fn check(parts: &Parts<'_>, compiled: &Compiled) -> Result<Tests, DeclaredError> {
    let own = Suite::of_file(&compiled.executable)?;
    let mut libraries = Vec::new();
    for package in &parts.crates {
        let name = crate::workspace::library(package).unwrap_or_default();
        let library = compiled.libraries.get(name);
        let library = library.ok_or_else(|| DeclaredError::NoLibrary(name.to_owned()))?;
        libraries.push(Suite::of_library(library)?);
    }
    let declared = Suite::joined(libraries, &parts.suite.name, parts.suite.attr())?;
    let ids = declared.tests.into_iter().map(|test| test.id);
    let missing: Vec<String> = ids.filter(|id| own.test(id).is_none()).collect();
    if !missing.is_empty() {
        return Err(lacking(&missing));
    }
    match own.tests.is_empty() {
        true => Err(DeclaredError::Empty(parts.suite.name.clone())),
        false => Ok(Tests { tests: own.tests }),
    }
}

fn lacking(missing: &[String]) -> DeclaredError {
    let mut names: Vec<_> = missing.iter().take(LISTED).map(|id| excerpt(id)).collect();
    if missing.len() > LISTED {
        names.push("…".into());
    }
    DeclaredError::Lacking {
        count: missing.len(),
        names: names
            .iter()
            .map(|name| format!("`{name}`"))
            .collect::<Vec<_>>()
            .join(", "),
    }
}

impl Tests {
    /// The number of tests in each crate, by crate name.
    pub(super) fn by_crate(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for test in &self.tests {
            *counts.entry(crate_of(test)).or_default() += 1;
        }
        counts
    }
}

/// The name of the crate that contains a test.
pub(super) fn crate_of(test: &Description) -> &str {
    test.module.split("::").next().unwrap_or_default()
}
