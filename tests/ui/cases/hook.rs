#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest::hook]
fn without_context() {}

#[autotest::hook(timeout = "1s")]
fn with_option(cx: &mut TestContext) {}

#[autotest::hook]
fn with_parameter(cx: &mut TestContext, mb: u64) {}

#[autotest::hook]
mod no_function {}

fn main() {}
