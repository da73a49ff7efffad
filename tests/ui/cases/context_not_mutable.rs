#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn by_reference(cx: &TestContext) {}

#[autotest]
fn by_value(mb: u64, cx: TestContext) {}

fn main() {}
