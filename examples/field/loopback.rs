//! Throughput of TCP over the loopback interface, measured by iperf3.

use std::time::Duration;

use autotest::prelude::*;
use serde_json::Value;

use crate::number;

/// Sends as much as possible over one connection.
#[autotest(suites("perf"), timeout = "10m", constraints("gbit_per_s > 0.1"))]
fn throughput(
    cx: &mut TestContext,
    /// The port of the server.
    #[param(default = 5201)]
    port: u16,
    /// For how long to send.
    #[param(default = 2, range = 1..=300)]
    seconds: u64,
) -> TestResult {
    let (port_arg, time) = (port.to_string(), seconds.to_string());
    let server = ["-s", "--one-off", "-B", "127.0.0.1", "-p", &port_arg];
    let mut server = cx.command("iperf3").or_skip().args(server).spawn()?;
    server.wait_for_port("10s", port)?;

    let client = ["-c", "127.0.0.1", "-p", &port_arg, "-t", &time, "--json"];
    let client = cx.command("iperf3").args(client);
    let report: Value = client
        .timeout(Duration::from_secs(seconds + 10))
        .read_json()?;
    server.wait()?;

    let gbit_per_s = number(&report, "/end/sum_received/bits_per_second")? / 1e9;
    cx.perf("throughput")
        .units("Gbit_per_sec")
        .higher_is_better()
        .record(gbit_per_s)?;
    cx.write_perf_keyval([("gbit_per_s", gbit_per_s)])?;
    Ok(())
}
