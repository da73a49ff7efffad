//! CPU hotplug.

use std::time::Instant;

use autotest::prelude::*;

/// Takes a CPU offline and online again. A program that is bound to it goes on elsewhere meanwhile.
#[autotest(timeout = "1m", attributes("root"))]
fn hotplug(cx: &mut TestContext, #[param(default = 1)] cpu: u32) -> TestResult {
    let online = format!("/sys/devices/system/cpu/cpu{cpu}/online");
    let cpu = cpu.to_string();
    let pinned = ["--cpu-list", &cpu, "sleep", "infinity"];
    let mut pinned = cx.command("taskset").or_skip().args(pinned).spawn()?;
    let on_cpu = ["--cpu-list", &cpu, "true"];

    let began = Instant::now();
    // The first changes nothing, but shows whether hotplug is possible here; the framework undoes both.
    let changed = cx.set_file(&online, 1);
    if let Err(error) = changed.and_then(|()| cx.set_file(&online, 0)) {
        skip!("{error}");
    }
    let offline_ms = began.elapsed().as_secs_f64() * 1000.0;
    // No program can be bound to a CPU that is offline.
    cx.command("taskset").args(on_cpu).ok_codes([1]).run()?;
    ensure!(
        pinned.is_running(),
        "the program did not survive the loss of its CPU"
    );

    let began = Instant::now();
    cx.set_file(&online, 1)?;
    let online_ms = began.elapsed().as_secs_f64() * 1000.0;
    cx.command("taskset").args(on_cpu).run()?;
    for (name, ms) in [("offline", offline_ms), ("online", online_ms)] {
        cx.perf(name).units("ms").lower_is_better().record(ms)?;
    }
    cx.write_perf_keyval([("offline_ms", offline_ms), ("online_ms", online_ms)])?;
    Ok(())
}
