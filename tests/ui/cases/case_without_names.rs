#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

const SIZE: u64 = 7;

#[autotest]
#[case(1, "x")]
#[case::constant(SIZE, to = "x")]
#[case::colon(mb: 1)]
#[case::arrow(mb => 1)]
#[case::too_many(1, "x", 3)]
fn copy(mb: u64, to: &str) {}

#[autotest]
#[case(1)]
fn nothing() {}

fn main() {}
