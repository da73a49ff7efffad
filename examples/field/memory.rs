//! Memory pressure, as the kernel measures it: PSI, pressure stall information.

use std::path::{Path, PathBuf};

use autotest::prelude::*;

use crate::prepare;

/// In a control group of 16 MiB, writes and reads a file of 64 MiB, again and again.
const HOG: &str = "echo $$ > $1/cgroup.procs && while \
    dd if=/dev/zero of=hog bs=1M count=64 conv=fsync && cat hog > /dev/null; do :; done";

#[derive(Default)]
struct Pressure {
    group: PathBuf,
}

/// The kernel reports memory pressure while a program needs more memory than its control group may have.
#[autotest(timeout = "2m", attributes("root"))]
impl Pressure {
    fn initialize(&mut self, cx: &mut TestContext) -> TestResult {
        let (parent, limit) = match fs::exists("/sys/fs/cgroup/memory")? {
            true => ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
            false => ("/sys/fs/cgroup", "memory.max"),
        };
        self.group = Path::new(parent).join(format!("field-{}", std::process::id()));
        cx.save("group", &self.group)?;
        let make = cx.shell("mkdir $1 && echo 16M > $1/$2");
        prepare(make.arg(&self.group).arg(limit))?;
        prepare(cx.command("cat").arg("/proc/pressure/memory")).map(drop)
    }

    fn run_once(&mut self, cx: &mut TestContext) -> TestResult {
        let mut hog = cx.shell(HOG).arg(&self.group).spawn()?;
        hog.wait_for_line("1m", "copied")?;
        let before = stalled_ms()?;
        cx.sleep("1s")?;
        let stalled = stalled_ms()? - before;
        cx.write_perf_keyval([("stalled_ms", stalled)])?;
        ensure_ge!(stalled, 10, "programs hardly waited for memory");
        ensure!(hog.is_running(), "the kernel has killed the program");
        Ok(())
    }

    fn cleanup(&mut self, cx: &mut TestContext) -> TestResult {
        let _ = fs::remove_file("hog");
        let group = cx.saved("group")?.unwrap_or(PathBuf::new());
        let is_gone = |_: &mut _| !group.is_dir() || fs::remove_dir(&group).is_ok();
        cx.wait_until("10s", "the control group is gone", is_gone)?;
        Ok(())
    }
}

/// How long programs have waited for memory: `some avg10=0.00 avg60=0.00 avg300=0.00 total=<microseconds>`.
fn stalled_ms() -> TestResult<u64> {
    let text = fs::read_to_string("/proc/pressure/memory")?;
    let total = text.split(['=', '\n']).nth(4).unwrap_or_default();
    Ok(total.parse::<u64>()? / 1000)
}
