//! Packages among the tests of a command line.

use super::{PlanError, Selection};
use crate::registry::{Registry, Test};

/// Adds the packages of a command line after the selected tests, or in place of all tests if nothing else selects any.
/// Returns the number of tests that they replace.
///
/// # Errors
/// If a package cannot be a test.
pub(super) fn add(
    registry: &'static Registry,
    selection: &Selection,
    [tests, ignored]: [&mut Vec<&'static Test>; 2],
) -> Result<usize, PlanError> {
    let mut errors = Vec::new();
    let mut packages: Vec<&'static Test> = Vec::new();
    for package in &selection.packages {
        match registry.named(package) {
            Ok(test) => match packages.iter().find(|other| other.directory() == test.directory()) {
                Some(other) => errors.push(format!(
                    "the packages `{}` and `{}` share the directory `{}`: run them one by one, in a job file or \
                     a control function, each with a tag",
                    other.id,
                    test.id,
                    test.directory()
                )),
                None => packages.push(test),
            },
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(PlanError::Names(errors));
    }
    if packages.is_empty() {
        return Ok(0);
    }
    let replaced = match selects(selection) {
        true => 0,
        false => std::mem::take(tests).len() + std::mem::take(ignored).len(),
    };
    tests.extend(packages);
    Ok(replaced)
}

/// `true` if anything but packages is selected.
fn selects(selection: &Selection) -> bool {
    !selection.filters.is_empty()
        || selection.engine_filter.is_some()
        || !selection.attrs.is_empty()
        || !selection.suites.is_empty()
}
