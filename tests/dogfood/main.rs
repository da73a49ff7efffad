//! A test binary as users write it, run by `cargo test` and by nextest like any other.

use autotest::prelude::*;

#[autotest]
fn passes() {}

/// Only `--ignored` runs it.
#[autotest(ignore = "takes a board")]
fn ignored() -> TestResult {
    Ok(())
}

#[autotest]
#[case::one(n = 1)]
#[case::two(n = 2)]
fn cases(n: u32) -> TestResult {
    ensure!(n > 0, "no number");
    Ok(())
}

/// Fails at the first attempt of a runner that is tested itself, and says so by this variable.
#[autotest]
fn flaky_under_a_runner() -> TestResult {
    let is_tested = std::env::var_os("DOGFOOD_TESTS_THE_RUNNER").is_some();
    let is_first = std::env::var("NEXTEST_ATTEMPT").is_ok_and(|attempt| attempt == "1");
    ensure!(!(is_tested && is_first), "the first attempt");
    Ok(())
}

/// A test that does not apply is no failure to a runner.
#[autotest]
fn not_applicable() -> TestResult {
    skip!("not on this target")
}

/// Ends the process with exit status 0, which must not count as a pass.
#[autotest(ignore)]
fn exits_with_0() {
    std::process::exit(0);
}

#[derive(Default)]
struct Hangs;

/// Runs until it is killed; its cleanup must run after that.
#[autotest(name = "hangs", ignore)]
impl Hangs {
    fn run_once(&self) {
        std::thread::sleep(std::time::Duration::from_secs(600));
    }

    fn cleanup(&self) {
        println!("cleaned up");
    }
}

autotest::main!();
