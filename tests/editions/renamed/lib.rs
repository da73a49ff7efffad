//! Expansions that reach the framework by another name.

#![deny(warnings, missing_docs, clippy::pedantic)]
#![forbid(unsafe_code)]

use framework::prelude::*;

/// Not the framework.
pub mod autotest {}

/// By the name of the dependency.
///
/// # Errors
/// Never.
#[framework::autotest(crate = framework)]
pub fn by_name(#[param(default = 1, range = 1..)] mb: u32, dir: Option<&str>) -> TestResult {
    let _ = (mb, dir);
    Ok(())
}

/// A facade around the framework.
pub mod facade {
    pub use framework::*;
}

/// By a path within this crate.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByPath;

#[framework::autotest(crate = crate::facade)]
impl ByPath {
    fn run_once(&mut self, cx: &mut TestContext) -> Result<(), TestError> {
        let _ = self;
        cx.write_attr_keyval([("renamed", true)])
    }
}

/// A suite.
#[framework::suite(crate = ::framework, suites("renamed"))]
pub mod tcp {
    /// In a suite.
    #[framework::autotest]
    pub fn in_suite() {}
}

/// What would be a file.
pub mod file {
    framework::suite_file! {
        #![suite(crate = framework, suites("renamed"))]

        /// In a file.
        #[framework::autotest]
        pub fn in_file() {}
    }
}

#[cfg(test)]
#[test]
fn every_test_is_registered() {
    let defs = framework::__private::registered().flatten();
    let mut names: Vec<_> = defs.map(|def| def.name).collect();
    names.sort_unstable();
    assert_eq!(names, ["ByPath", "by_name", "in_file", "in_suite"]);
}
