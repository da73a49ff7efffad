#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
#[case::case_2(mb = 1)]
#[case(mb = 2)]
fn copy(#[param(range = 1..)] mb: u64) {}

fn main() {}
