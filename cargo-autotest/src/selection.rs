//! Selects the tests of its crates that belong to a suite.

use autotest_core::Description;
use autotest_core::attr::{AttrError, Expr};

use crate::config::Suite;

/// The selection that `main!(…, suite = "…", attr = "…")` makes in a suite's executable.
#[derive(Debug)]
pub(crate) struct Selection {
    suite: String,
    attr: Option<Expr>,
}

impl Selection {
    /// The selection that the configuration of a suite asks for.
    ///
    /// # Errors
    /// If the expression does not parse.
    pub(crate) fn of(suite: &Suite) -> Result<Selection, AttrError> {
        let attr = suite.attr.as_ref();
        Ok(Selection {
            suite: suite.name.clone(),
            attr: attr.map(|attr| Expr::parse(&attr.text)).transpose()?,
        })
    }

    /// Whether a test belongs to the suite: it names the suite or none, and the expression selects it.
    pub(crate) fn has(&self, test: &Description) -> bool {
        let names_it = test.suites.is_empty() || test.suites.contains(&self.suite);
        let attr = self.attr.as_ref();
        names_it && attr.is_none_or(|expr| expr.holds(&test.selectable_attributes()))
    }
}
