#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(
    #[param(default = 0, range = 1..=4096)] mb: u64,
    #[param(default = 10, range = 1..10)] files: u64,
    #[param(default = -1.5, range = 0.0..)] seconds: f64,
) {
}

fn main() {}
