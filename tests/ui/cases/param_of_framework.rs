#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(iterations: u32, run_cleanup: bool) {}

fn main() {}
