#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest::control]
fn without_job(rounds: u32) -> JobResult {
    Ok(())
}

#[autotest::control(retries = 2, tiem = "LONG")]
fn with_options(job: &mut Job) {}

#[autotest::control]
async fn asynchronous(job: &mut Job) {}

#[autotest::control]
#[case::small(mb = 1)]
unsafe fn with_case(job: &mut Job, mb: u64) {}

#[autotest::control]
fn generic<T>(job: &mut Job) -> bool {
    true
}

#[autotest::control]
struct NoFunction;

fn main() {}
