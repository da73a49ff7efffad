use autotest::prelude::*;

#[suite]
fn ping() {}

fn main() {}
