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

/// Passes at the second attempt that a runner makes.
#[autotest]
fn flaky_under_a_runner() -> TestResult {
    let attempt = std::env::var("NEXTEST_ATTEMPT").ok();
    ensure!(
        attempt.is_none_or(|attempt| attempt != "1"),
        "the first attempt"
    );
    Ok(())
}

/// A test that does not apply is no failure to a runner.
#[autotest]
fn not_applicable() -> TestResult {
    skip!("not on this target")
}

/// Ends the process with success, which must not pass for a pass.
#[autotest(ignore)]
fn exits_with_0() {
    std::process::exit(0);
}

#[derive(Default)]
struct Hangs;

/// Runs until somebody ends it, and must be cleaned up after then.
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
