//! Tests that reach their end.

use autotest::prelude::*;
use counted::calm;

#[autotest]
fn passes() {
    calm::pass();
}

#[autotest]
fn fails() -> TestResult {
    calm::fail();
    fail!("on purpose")
}

#[autotest]
fn panics() {
    calm::panic();
    panic!("on purpose");
}

#[derive(Default)]
struct Phased;

#[autotest(version = 1, iterations = 3)]
impl Phased {
    fn initialize(&mut self) {
        calm::initialize();
    }

    fn setup(&mut self) {
        calm::setup();
    }

    fn warmup(&mut self) {
        calm::warmup();
    }

    fn run_once(&mut self) {
        calm::run_once();
    }

    fn cleanup(&mut self) {
        calm::cleanup();
    }
}

#[autotest(ignore)]
fn below() {
    calm::subtest();
}

#[autotest]
fn nests(cx: &mut TestContext) -> TestResult {
    cx.run_subtest(Subtest::new("below"))?;
    Ok(())
}

/// A file that this process wrote at its end would be there, where no other one looks.
#[autotest]
fn goes_elsewhere(cx: &mut TestContext) -> TestResult {
    std::env::set_current_dir(cx.tmpdir())?;
    calm::elsewhere();
    Ok(())
}

autotest::main!();
