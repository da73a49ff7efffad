//! Names a library of which no test is linked.

autotest::main!(net_tests, left_out);
