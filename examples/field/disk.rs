//! Throughput and latency of a disk, measured by fio.

use std::path::PathBuf;

use autotest::prelude::*;
use serde_json::Value;

use crate::number;

/// Sequential writes of 64 KiB, each of which is on the disk before the next begins.
const WRITES: &str =
    "--name=writes --rw=write --bs=64k --sync=1 --size=16m --unlink=1 --time_based";

/// Writes for some seconds, and waits after each block until it is on the disk.
#[autotest(
    suites("perf"),
    timeout = "10m",
    constraints("mb_per_s > 0.1", "p99_ms < 1000")
)]
fn synchronous_writes(
    cx: &mut TestContext,
    /// The directory to write to; by default the test's temporary directory.
    dir: Option<PathBuf>,
    /// For how long to write.
    #[param(default = 2, range = 1..=300)]
    seconds: u32,
) -> TestResult {
    let fio = cx.command("fio").or_skip().args(WRITES.split(' '));
    let fio = fio.arg(format!("--runtime={seconds}"));
    let fio = fio.current_dir(dir.unwrap_or(cx.tmpdir().to_owned()));
    let report: Value = fio.arg("--output-format=json").read_json()?;

    let mb_per_s = number(&report, "/jobs/0/write/bw_bytes")? / 1e6;
    let p99_ms = number(&report, "/jobs/0/write/clat_ns/percentile/99.000000")? / 1e6;
    cx.perf("throughput")
        .units("MB_per_sec")
        .higher_is_better()
        .record(mb_per_s)?;
    cx.perf("latency_p99")
        .units("ms")
        .lower_is_better()
        .record(p99_ms)?;
    cx.write_perf_keyval([("mb_per_s", mb_per_s), ("p99_ms", p99_ms)])?;
    Ok(())
}
