#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(#[param(default = 1)] cx: &mut TestContext) {}

fn main() {}
