//! A suite as a lab has it: each test measures or breaks something real, and leaves the target as it was.
//!
//! ```sh
//! cargo run --example field                                        # as root; it takes a CPU offline for a moment
//! cargo run --example field -- --param seconds=30 disk loopback    # two of the tests, for longer
//! cargo run --example field -- --constraint 'p99_ms < 20' disk     # a stricter limit
//! cargo run --example field -- --describe netns::PacketLoss
//! ```
//!
//! A test is TEST_NA and says why where a program, a privilege or a feature of the kernel is missing. Kill one
//! with `kill -9`: no loop device, mount, namespace, control group or daemon stays behind, and the CPU is online.

mod cpu;
mod disk;
mod file_system;
mod kernel_log;
mod loopback;
mod memory;
mod netns;
mod service;

use autotest::Command;
use autotest::prelude::*;
use serde_json::Value;

/// Runs a command that prepares the target, and returns what it prints. If it fails, the target lacks something
/// that the test needs: TEST_NA.
#[track_caller]
fn prepare(command: Command) -> TestResult<String> {
    match command.or_skip().read() {
        Ok(printed) => Ok(printed),
        Err(error) => skip!("{}", error.to_string().replace("\n  ", ": ")),
    }
}

/// A number in a report of a tool, by its JSON pointer.
#[track_caller]
fn number(report: &Value, pointer: &str) -> TestResult<f64> {
    match report.pointer(pointer).and_then(Value::as_f64) {
        Some(number) => Ok(number),
        None => fail!("the report has no number `{pointer}`"),
    }
}

autotest::main!();
