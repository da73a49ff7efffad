//! Two libraries and a test of its own.

use autotest::prelude::*;

#[autotest]
fn own() {}

autotest::main!(net_tests, storage_tests);
