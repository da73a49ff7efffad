use autotest::prelude::*;

#[autotest(timeout = 5, suites = "bvt", retries = "two", author)]
fn ping() {}

#[autotest(author "me", expect = "pass", data("a" "b"), ignore(slow))]
fn pong() {}

#[autotest(version = true, time = 1, preserve_srcdir = 1, crate = "x")]
fn peng() {}

fn main() {}
