#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

struct Disk;

#[autotest]
fn copy(disk: Disk) {}

fn main() {}
