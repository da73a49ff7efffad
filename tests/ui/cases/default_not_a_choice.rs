#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[autotest]
fn format(#[param(default = "ext5", choices("ext4", "xfs"))] fs: String) {}

fn main() {}
