use autotest::prelude::*;

#[autotest(timeuot = "2m")]
fn ping() {}

#[autotest(colour = "red")]
fn paint() {}

fn main() {}
