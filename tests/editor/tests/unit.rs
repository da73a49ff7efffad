//! A file that libtest's harness runs. It must not run what is a test of the framework.

use autotest::prelude::*;

#[test]
fn of_libtest() {}

#[autotest]
fn of_the_framework() {}

struct Phases;

#[autotest]
impl Phases {
    fn new() -> Phases {
        Phases
    }

    fn run_once(&self) {}
}
