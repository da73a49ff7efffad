#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
#[case::small(mb = 1)]
#[case::small(mb = 2)]
fn copy(mb: u64) {}

fn main() {}
