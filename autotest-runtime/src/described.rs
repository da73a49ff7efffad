//! Checks job files against the descriptions of tests, for tools that cannot run the binary.
//!
//! The checks and their messages are those of `BINARY --job FILE --dry-run`. Only values whose types this module does
//! not know are left to the binary ([`Checked::unchecked`]).
//!
//! This module must not run anything. It has the feature `host`, since a binary for a target must not contain it.

mod definitions;
mod literals;
mod values;

use std::collections::BTreeMap;
use std::fmt;

use autotest_core::{Description, RunRequest, Settings};

use crate::job_file::{self, JobFile};
use crate::plan::GivenArgs;
use crate::registry::Registry;

/// The tests of a binary, and the other items that a job file may name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Described<'a> {
    /// The tests.
    pub tests: &'a [Description],
    /// The control functions.
    pub controls: &'a [Description],
    /// The hooks.
    pub hooks: &'a [Description],
    /// The profilers.
    #[cfg(feature = "profilers")]
    pub profilers: &'a [Description],
}

/// The result of checking a job file without mistakes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The runs of the job, one per line.
    pub runs: String,
    /// The parameters whose values only the binary can check, without duplicates.
    pub unchecked: Vec<Unchecked>,
}

/// A parameter whose value only the binary can check, since its type or its limits are defined by the author.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unchecked {
    /// The id of the test.
    pub test: String,
    /// The name of the parameter.
    pub param: String,
    /// The type, as written.
    pub ty: String,
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unchecked { test, param, ty } = self;
        write!(f, "parameter `{param}` (`{ty}`) of `{test}`")
    }
}

/// The mistakes in a job file, one per line; or names of tests that no binary can have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Mistaken(String);

/// Checks a job file. `name` is its name, for messages.
///
/// The definitions made from the descriptions stay in memory until the process ends.
///
/// # Errors
/// All mistakes in the file.
pub fn check_job_file(
    name: &str,
    text: &str,
    described: Described<'_>,
) -> Result<Checked, Mistaken> {
    let registry = definitions::registry(described).map_err(|error| Mistaken(error.to_string()))?;
    let file = job_file::read(text, registry, &Settings::default(), GivenArgs::default());
    let file = file.map_err(|mistakes| Mistaken(mistakes.of_file(name)))?;
    Ok(Checked {
        runs: job_file::show(&file.runs),
        unchecked: unchecked(registry, &file),
    })
}

/// The parameters that the file gives values, but that could not be checked.
fn unchecked(registry: &Registry, file: &JobFile) -> Vec<Unchecked> {
    let mut found = BTreeMap::new();
    file.each_run(&mut |request: &RunRequest| {
        let Some(test) = registry.get(&request.test) else {
            return;
        };
        let is_given =
            |name: &str| request.args.arg(name).is_some() || file.params.arg(name).is_some();
        for param in test.def.params {
            if is_given(param.name) && !values::are_known(param) {
                found.insert((test.id, param.name), param.ty);
            }
        }
    });
    let found = found.into_iter();
    found
        .map(|((test, param), ty)| Unchecked {
            test: test.to_owned(),
            param: param.to_owned(),
            ty: ty.to_owned(),
        })
        .collect()
}
