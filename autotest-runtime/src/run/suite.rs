//! The tests of the binary: those that `main!` links and that belong to its suite.

use autotest_core::attr::Expr;

use super::MainError;
use crate::__private::Main;
use crate::plan::attributes;
use crate::registry::Registry;

/// # Errors
/// If names of tests are illegal or collide, or the expression of `main!` does not parse.
pub(super) fn registry(main: &Main) -> Result<Registry, MainError> {
    let registry = Registry::collect(main)?;
    let Some(text) = main.attr else {
        return Ok(registry);
    };
    let expr = Expr::parse(text)
        .map_err(|error| MainError::Linkage(format!("`attr` of `main!`: {error}")))?;
    Ok(registry.retain(|test| expr.holds(&attributes(test))))
}
