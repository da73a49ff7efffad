//! How the tests of a binary get together: each module submits its own.

use autotest_core::TestDef;

/// The tests of one module, or a lone one; each case is one.
#[derive(Debug)]
pub struct Registration {
    /// In the order of their source.
    pub tests: &'static [TestDef],
}

inventory::collect!(Registration);

/// What was submitted, module by module.
pub fn registered() -> impl Iterator<Item = &'static [TestDef]> {
    let registrations = inventory::iter::<Registration>.into_iter();
    registrations.map(|registration| registration.tests)
}
