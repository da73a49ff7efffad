//! The registry of a binary that is only described, for a tool that cannot run it.

use std::sync::OnceLock;

use super::{RegistrationError, Registry, Test, check};
use crate::__private::{ControlDef, HookDef, Main};

/// The items of a binary besides its tests.
#[derive(Debug, Default)]
pub(crate) struct Others {
    pub(crate) controls: Vec<ControlDef>,
    pub(crate) hooks: Vec<HookDef>,
    #[cfg(feature = "profilers")]
    pub(crate) profilers: Vec<autotest_core::TestDef>,
}

impl Registry {
    /// Makes a registry of these tests, which lives until the process ends.
    ///
    /// # Errors
    /// If their names are illegal or collide.
    pub(crate) fn described(
        mut tests: Vec<Test>,
        others: Others,
    ) -> Result<&'static Registry, RegistrationError> {
        tests.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        check(&tests)?;
        Ok(Box::leak(Box::new(Registry {
            tests,
            main: Main::of(""),
            replaced: Vec::new(),
            secrets: OnceLock::new(),
            described: Some(Box::leak(Box::new(others))),
            #[cfg(feature = "packages")]
            packages: super::packages::Packages::default(),
        })))
    }
}
