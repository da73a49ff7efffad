#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
#[case::small(mv = 1)]
fn copy(mb: u64) {}

#[autotest]
#[case(mb = 1)]
fn ping() {}

fn main() {}
