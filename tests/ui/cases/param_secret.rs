#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn with_values(#[param(secret, values("a", "b"))] token: &str) {}

#[autotest]
fn with_choices(#[param(secret, choices("a", "b"))] token: &str) {}

#[autotest]
#[case::known(token = "a")]
fn of_a_case(#[param(secret)] token: &str) {}

#[autotest]
fn with_a_value(#[param(secret = true)] token: &str) {}

fn main() {}
