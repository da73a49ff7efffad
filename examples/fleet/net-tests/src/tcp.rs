//! Connections by TCP.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

use autotest::prelude::*;

/// What is sent comes back.
#[autotest(suites("bvt"), timeout = "30s")]
fn echoes(#[param(values(1, 1400, 65536))] bytes: usize) -> TestResult {
    let sent: Vec<u8> = (0..bytes).map(|i| i as u8).collect();
    let received = exchange(&sent)?;
    ensure!(received == sent, "{bytes} bytes came back changed");
    Ok(())
}

/// How fast the loopback interface is.
#[autotest(
    suites("perf"),
    timeout = "1m",
    iterations = 3,
    constraints("mib_per_s > 1")
)]
fn throughput(
    cx: &mut TestContext,
    /// How much to send, in MiB.
    #[param(default = 4, range = 1..=1024)]
    mib: usize,
) -> TestResult {
    let sent = vec![7; mib << 20];
    let start = Instant::now();
    exchange(&sent)?;
    let mib_per_s = 2.0 * mib as f64 / start.elapsed().as_secs_f64();
    cx.write_perf_keyval([("mib_per_s", mib_per_s)])?;
    Ok(())
}

/// Sends bytes to an echo server on a thread of its own.
fn exchange(bytes: &[u8]) -> TestResult<Vec<u8>> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let mut received = vec![0; bytes.len()];
    thread::scope(|scope| -> TestResult {
        scope.spawn(|| -> std::io::Result<u64> {
            let (mut server, _) = listener.accept()?;
            let mut reader = server.try_clone()?;
            std::io::copy(&mut reader, &mut server)
        });
        let mut writer = client.try_clone()?;
        scope.spawn(move || writer.write_all(bytes));
        client.read_exact(&mut received)?;
        client.shutdown(std::net::Shutdown::Both)?;
        Ok(())
    })?;
    Ok(received)
}
