#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(cx: &mut TestContext, buffer: &mut Vec<u8>) {}

fn main() {}
