//! The smallest test binary.
//!
//! ```sh
//! cargo run --example hello              # run the tests; prints where the results are
//! cargo run --example hello -- --list    # list them
//! cargo run --example hello -- kernel    # run those whose name contains "kernel"
//! ```

use std::path::Path;

use autotest::prelude::*;

/// The null device exists.
#[autotest]
fn null_device_exists() -> TestResult {
    ensure!(Path::new("/dev/null").exists(), "no null device");
    Ok(())
}

/// The kernel has a name; `?` turns any error into the test's failure.
#[autotest]
fn kernel_has_a_name(cx: &mut TestContext) -> TestResult {
    let name = std::fs::read_to_string("/proc/sys/kernel/ostype")?;
    cx.write_test_keyval([("kernel", name.trim())])?;
    Ok(())
}

autotest::main!();
