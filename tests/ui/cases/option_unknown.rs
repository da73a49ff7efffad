use autotest::prelude::*;

#[autotest(timeuot = "2m")]
fn ping() {}

#[autotest(colour = "red")]
fn pong() {}

#[autotest(timeout_secs = 120, tag = "x", network)]
fn peng() {}

#[autotest::suite(colour = "red", suite("bvt"))]
mod tests {}

fn main() {}
