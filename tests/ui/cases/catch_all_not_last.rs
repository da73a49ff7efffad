#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(args: Args, mb: u64) {}

fn main() {}
