//! A job as a control function: groups, branches that run at the same time, hooks, a condition on a result, and
//! a reboot.
//!
//! ```sh
//! cargo run --example nightly -- --list-controls
//! cargo run --example nightly -- --describe nightly
//! cargo run --example nightly -- --control nightly --results /tmp/nightly; echo "exit $?"
//! cargo run --example nightly -- --resume /tmp/nightly; echo "exit $?"
//! ```
//!
//! The first run exits with 75: the job wants a reboot. On a real target, `--reboot-command reboot` does it, and
//! the system starts the binary with `--resume` after each boot. Until then, resuming it without one will do.

use std::fs;
use std::time::{Duration, Instant};

use autotest::prelude::*;

/// Writes and reads a file.
#[autotest(attributes("disk"))]
fn disk(
    cx: &mut TestContext,
    /// How much to write, in KiB.
    #[param(default = 64, range = 1..=65536)]
    kb: usize,
) -> TestResult {
    let file = cx.tmpdir().join("data");
    let start = Instant::now();
    fs::write(&file, vec![7; kb << 10])?;
    ensure!(fs::read(&file)?.len() == kb << 10, "the file is too short");
    cx.write_perf_keyval([("seconds", start.elapsed().as_secs_f64())])?;
    Ok(())
}

/// The loopback interface is there.
#[autotest(attributes("net"))]
fn loopback() -> TestResult {
    ensure!(fs::exists("/sys/class/net/lo")?, "no loopback interface");
    Ok(())
}

/// Keeps a processor busy for a while.
#[autotest]
fn burn(
    /// For how long.
    #[param(default = "50ms")]
    time: Duration,
) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        std::hint::spin_loop();
    }
}

/// Notes the load before each test.
#[autotest::hook]
fn note_load(cx: &mut TestContext) -> TestResult {
    let load = fs::read_to_string("/proc/loadavg")?;
    fs::write(cx.outputdir().join("load"), load)?;
    Ok(())
}

/// Disk, network and load, before and after a reboot.
#[autotest::control(suites("nightly"), time = "SHORT")]
fn nightly(
    job: &mut Job,
    /// How often to look at the network.
    #[param(default = 2, range = 1..=100)]
    rounds: u32,
) -> JobResult {
    job.settings(|settings| settings.hooks.before_test = Some("note_load".to_owned()))?;
    let disk = job.run_test("disk").tag("before").arg("kb", 256).run()?;
    job.group("network", |job| {
        for round in 1..=rounds {
            job.run_test("loopback")
                .tag(format!("round_{round}"))
                .timeout("10s")
                .run()?;
        }
        Ok(())
    })?;
    job.parallel(|side| {
        side.branch("cpu", |job: &mut Job| job.run_test("burn").run().map(drop));
        side.branch("io", |job: &mut Job| {
            job.run_test("disk").tag("beside").run().map(drop)
        });
    })?;
    if !disk.is_good() {
        // A broken disk is not better after a reboot.
        return Ok(());
    }
    job.reboot()?;
    job.run_test("disk")
        .tag("after")
        .constraint("seconds < 60")
        .run()?;
    Ok(())
}

autotest::main!();
