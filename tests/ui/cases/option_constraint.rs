use autotest::prelude::*;

#[autotest(constraints("throughput > 50", "latency_ms <= ", "a b"))]
fn ping() {}

fn main() {}
