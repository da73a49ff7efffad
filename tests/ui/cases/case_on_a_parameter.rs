#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
#[case(mb = 1)]
fn copy(#[case] mb: u64) {}

fn main() {}
