use autotest::prelude::*;

#[autotest]
struct Dbench;

#[autotest]
mod tests {}

fn main() {}
