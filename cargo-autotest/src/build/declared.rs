//! Checks that the executable has every test that its crates declare.

use std::collections::BTreeMap;
use std::path::Path;

use autotest_core::attr::AttrError;
use autotest_core::{Description, excerpt};
use autotest_meta::{MetaError, Suite};

use super::Parts;
use super::compile::Compiled;
use crate::selection::Selection;

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
    #[error("the attribute expression of the suite does not parse: {0}")]
    Attr(#[from] AttrError),
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
    let selection = Selection::of(parts.suite)?;
    let mut missing = Vec::new();
    for package in &parts.crates {
        let name = crate::workspace::library(package).unwrap_or_default();
        let library = compiled.libraries.get(name);
        let library = library.ok_or_else(|| DeclaredError::NoLibrary(name.to_owned()))?;
        let declared = declared(library)?;
        let lacking = declared.iter().filter(|test| selection.has(test));
        let lacking = lacking.filter(|test| own.test(&test.id).is_none());
        missing.extend(lacking.map(|test| test.id.clone()));
    }
    if !missing.is_empty() {
        return Err(lacking(&missing));
    }
    match own.tests.is_empty() {
        true => Err(DeclaredError::Empty(parts.suite.name.clone())),
        false => Ok(Tests { tests: own.tests }),
    }
}

/// The tests that a library declares. A library without tests is allowed, as long as the suite has some.
fn declared(library: &Path) -> Result<Vec<Description>, MetaError> {
    match Suite::of_file(library) {
        Ok(suite) => Ok(suite.tests),
        Err(error) if matches!(*error.problem, autotest_meta::Problem::NoSection) => Ok(Vec::new()),
        Err(error) => Err(error),
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
