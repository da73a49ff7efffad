//! A suite.

autotest::main!(net_tests, storage_tests, suite = "bvt", attr = "!slow");
