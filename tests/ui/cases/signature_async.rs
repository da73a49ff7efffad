use autotest::prelude::*;

#[autotest]
async fn ping() {}

fn main() {}
