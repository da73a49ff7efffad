//! A service that its supervisor starts again.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use autotest::prelude::*;

/// The daemon: a web server in its supervisor's directory.
const RUN: &str = "#!/bin/sh\nexec python3 -m http.server --bind 127.0.0.1 $PORT\n";

/// Kills the daemon of a service, which must be back in time, in another process, and answer.
#[autotest(timeout = "1m")]
fn restarts(
    cx: &mut TestContext,
    #[param(default = 8431)] port: u16,
    /// How long the service may be away.
    #[param(default = "10s")]
    limit: Duration,
) -> TestResult {
    cx.command("python3").or_skip().arg("--version").run()?;
    let service = cx.tmpdir().join("service");
    fs::create_dir(&service)?;
    fs::write(service.join("run"), RUN)?;
    fs::set_permissions(service.join("run"), PermissionsExt::from_mode(0o755))?;
    let supervisor = cx.command("runsv").or_skip().arg(&service);
    let mut supervisor = supervisor.env("PORT", port.to_string()).spawn()?;
    supervisor.wait_for_port("20s", port)?;

    let pid = service.join("supervise/pid");
    let killed: u32 = fs::read_value(&pid)?;
    let began = Instant::now();
    cx.shell("kill -KILL $1").arg(killed.to_string()).run()?;
    cx.wait_until(limit, "the daemon has another process", |_| -> TestResult {
        ensure_ne!(fs::read_value::<u32>(&pid)?, killed);
        Ok(())
    })?;
    supervisor.wait_for_port(limit, port)?;
    let away = began.elapsed();
    ensure_le!(away, limit);
    let get = "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)";
    cx.command("python3")
        .args(["-c", get, &format!("http://127.0.0.1:{port}/")])
        .run()?;

    cx.perf("away")
        .units("s")
        .lower_is_better()
        .record(away.as_secs_f64())?;
    cx.write_perf_keyval([("away_s", away.as_secs_f64())])?;
    Ok(())
}
