//! Measurements.

use std::io::Write;
use std::time::Instant;

use autotest::prelude::*;

/// How fast a file is written and on the disk.
#[autotest(suites("perf"), timeout = "5m", constraints("mib_per_s > 0.1"))]
fn write_speed(
    cx: &mut TestContext,
    /// How much to write, in MiB.
    #[param(default = 4, range = 1..=1024)]
    mib: usize,
) -> TestResult {
    let start = Instant::now();
    let mut file = fs::File::create(cx.tmpdir().join("data"))?;
    file.write_all(&vec![7; mib << 20])?;
    file.sync_all()?;
    let mib_per_s = mib as f64 / start.elapsed().as_secs_f64();
    cx.write_perf_keyval([("mib_per_s", mib_per_s)])?;
    cx.perf("write_speed")
        .units("MiB_per_sec")
        .higher_is_better()
        .record(mib_per_s)?;
    Ok(())
}
