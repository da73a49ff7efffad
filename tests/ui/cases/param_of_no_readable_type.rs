#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(to: impl Into<String>, from: &'static str, size: &dyn Send) {}

fn main() {}
