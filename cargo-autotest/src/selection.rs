//! Which tests of its crates belong to a suite.

use autotest_core::Description;
use autotest_core::attr::{AttrError, Expr};

use crate::config::Suite;

/// The selection of a suite's executable, as `main!(…, suite = "…", attr = "…")` makes it.
#[derive(Debug)]
pub(crate) struct Selection {
    suite: String,
    attr: Option<Expr>,
}

impl Selection {
    /// The selection that is configured.
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
