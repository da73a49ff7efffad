#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
#[case::small(mb = 0)]
#[case::none(mb)]
#[case::twice(mb = 1, mb = 2)]
fn copy(#[param(range = 1..)] mb: u64) {}

fn main() {}
