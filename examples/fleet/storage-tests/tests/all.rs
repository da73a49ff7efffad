//! Runs the tests of this crate on this machine: `cargo test`.

autotest::main!(storage_tests);
