use autotest::prelude::*;

#[autotest]
#[test]
fn a() {}

#[autotest]
#[ignore]
#[should_panic]
fn b() {}

fn main() {}
