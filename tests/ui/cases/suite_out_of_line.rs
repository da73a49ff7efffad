use autotest::prelude::*;

#[suite(suites("net"))]
#[path = "../suite_out_of_line/net.rs"]
mod net;

fn main() {}
