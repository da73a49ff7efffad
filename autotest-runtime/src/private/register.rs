//! How the tests of a binary get together: each module has a function that the loader calls before
//! `main`, and that enters its tests.
//!
//! By hand, and not by `inventory`, for what it costs the compiler: that one's node, trait object and
//! constructor take 1.8 times as long to compile as this function and the pointer to it, for a crate of
//! lone tests all in all. Sections with a symbol at their begin and end would take as long as this, but
//! linkers that collect garbage may drop them. This module must not do anything that needs `main`.

use std::sync::{Mutex, PoisonError};

use autotest_core::TestDef;

/// The tests of all modules so far.
static REGISTERED: Mutex<Vec<&'static [TestDef]>> = Mutex::new(Vec::new());

/// Enters the tests of a module, or a lone one, each case one.
pub fn register(tests: &'static [TestDef]) {
    let mut registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
    registered.push(tests);
}

/// What was entered, module by module.
pub fn registered() -> Vec<&'static [TestDef]> {
    let registered = REGISTERED.lock().unwrap_or_else(PoisonError::into_inner);
    registered.clone()
}

/// Has the loader call a function.
///
/// The attributes stand here and not in an expansion, so that authors may forbid `unsafe_code`.
#[doc(hidden)]
#[macro_export]
macro_rules! __at_start {
    ($function:ident) => {
        #[used]
        #[unsafe(link_section = ".init_array")]
        static __AUTOTEST_AT_START: extern "C" fn() = $function;
    };
}
