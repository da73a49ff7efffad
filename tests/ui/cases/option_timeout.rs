use autotest::prelude::*;

#[autotest(timeout = "soon")]
fn ping() {}

fn main() {}
