#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(#[param(defualt = 1)] mb: u64, #[param(size = 4)] kb: u64) {}

fn main() {}
