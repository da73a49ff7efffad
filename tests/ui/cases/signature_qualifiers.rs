use autotest::prelude::*;

#[autotest]
unsafe fn a() {}

#[autotest]
const fn b() {}

#[autotest]
extern "C" fn c() {}

fn main() {}
