use autotest::prelude::*;

#[autotest(block_on = run)]
fn ping() {}

fn main() {}
