//! Tests whose costs are measured from outside. Each does what a parameter says, and nothing else.

use std::fs::File;
use std::io::{Write, stdout};
use std::os::fd::AsFd;

use autotest::prelude::*;

/// One empty call an iteration.
#[derive(Default)]
struct Empty;

#[autotest]
impl Empty {
    fn run_once(&mut self) {}
}

/// Counts its iterations.
#[derive(Default)]
struct Counting {
    iterations: u64,
}

#[autotest]
impl Counting {
    fn run_once(&mut self) {
        self.iterations += 1;
    }

    fn postprocess(&mut self, cx: &mut TestContext) -> TestResult {
        Ok(cx.write_test_keyval([("iterations", self.iterations.to_string())])?)
    }
}

/// So many perf values, of so many metrics in turn.
#[autotest]
fn perf_values(
    cx: &mut TestContext,
    #[param(default = 0)] count: u64,
    #[param(default = 1)] metrics: u64,
) -> TestResult {
    let names: Vec<String> = (0..metrics)
        .map(|metric| format!("metric_{metric}"))
        .collect();
    for (value, name) in (0..count).zip(names.iter().cycle()) {
        cx.perf(name)
            .units("ms")
            .lower_is_better()
            .record(value as f64)?;
    }
    Ok(())
}

/// So many events, each a keyval.
#[autotest]
fn keyvals(cx: &mut TestContext, #[param(default = 0)] count: u64) -> TestResult {
    for number in 0..count {
        cx.write_test_keyval([("number", number)])?;
    }
    Ok(())
}

/// Prints so many bytes, as the floor does.
#[autotest]
fn print(#[param(default = 0)] bytes: u64) -> TestResult {
    let block = [b'x'; 64 << 10];
    let mut stdout = File::from(stdout().as_fd().try_clone_to_owned()?);
    for _ in 0..bytes / block.len() as u64 {
        stdout.write_all(&block)?;
    }
    Ok(())
}

autotest::main!();
