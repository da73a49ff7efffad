use autotest::prelude::*;

#[autotest(retries = 1, author = "me", retries = 2)]
fn ping() {}

fn main() {}
