#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy((from, to): (String, String), _: u64) {}

fn main() {}
