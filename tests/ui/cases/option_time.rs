use autotest::prelude::*;

#[autotest(time = "SHROT")]
fn ping() {}

fn main() {}
