#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(#[cfg(unix)] mode: u32) {}

fn main() {}
