//! A module whose tests are registered together.

use autotest::prelude::*;

/// The suite of the module.
#[autotest::suite(attributes("tcp"), needs(root))]
pub mod states {
    use super::*;

    #[autotest(needs(env("NO_SUCH_VARIABLE")))]
    fn opens() {}

    #[autotest(attributes("slow"))]
    fn closes() {}
}

#[derive(Default)]
struct Transfer;

#[autotest]
impl Transfer {
    fn run_once(&mut self) {}

    #[cfg(unix)]
    fn cleanup(&mut self) {}
}
