//! Tests in a library, some in modules of their own.

use autotest::prelude::*;

pub mod tcp;

/// The address of this very host answers.
#[autotest(suites("bvt"), attributes("quick"))]
fn ping() {}

/// Only in another suite.
#[autotest(suites("perf"))]
fn throughput() {}

/// Needs what no target has.
#[autotest(needs(cmd("no-such-program"), file("/no/such/file"), kernel(">= 2.6")))]
fn needs_more() {}

/// Reads its data file.
#[autotest(data("blobs/small.bin"))]
fn reads_data(cx: &mut TestContext) -> TestResult {
    let content = std::fs::read_to_string(cx.bindir().join("blobs/small.bin"))?;
    ensure_eq!(content, "small\n");
    Ok(())
}

/// The site has a version of its own.
#[autotest(name = "net::link")]
fn link() -> TestResult {
    fail!("the site's version runs instead")
}

/// Two cases.
#[autotest]
#[case::v4(version = 4)]
#[case::v6(version = 6)]
fn resolves(version: u32) {
    let _ = version;
}

/// A control function of a library.
#[autotest::control]
fn nightly(job: &mut Job) -> JobResult {
    job.run_test("net_tests::ping").run()?;
    Ok(())
}

/// A hook of a library.
#[autotest::hook]
fn before(cx: &mut TestContext) {
    let _ = cx;
}
