#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn copy(
    /// How much.
    #[param(default = 1, default = 2, doc = "How many.")]
    mb: u64,
) {
}

fn main() {}
