//! The code of the design document's section 3, its bodies filled in.

use std::path::{Path, PathBuf};

use autotest::prelude::*;

use crate::bench::{check, fails, passes};

struct Measured {
    mbps: f64,
    ms: f64,
}

fn measure(dir: PathBuf, mb: u64) -> std::io::Result<Measured> {
    std::fs::metadata(dir)?;
    Ok(Measured {
        mbps: 60.0 + mb as f64,
        ms: 12.5,
    })
}

/// The device node is there.
#[autotest]
fn node_exists() -> TestResult {
    ensure!(Path::new("/dev/null").exists());
    Ok(())
}

/// Sequential write speed.
#[autotest(
    suites("bvt", "perf"),
    attributes("disk"),
    timeout = "2m",
    version = 1,
    constraints("throughput > 50", "latency_ms <= 20")
)]
fn write_speed(
    cx: &mut TestContext,
    /// Where to write.
    dir: Option<PathBuf>,
    /// How much, in MiB.
    #[param(default = 64, range = 1..=4096)]
    mb: u64,
) -> anyhow::Result<()> {
    let r = measure(dir.unwrap_or(cx.tmpdir().into()), mb)?;
    cx.perf("throughput")
        .units("MB_per_sec")
        .higher_is_better()
        .record(r.mbps)?;
    cx.write_perf_keyval([("throughput", r.mbps), ("latency_ms", r.ms)])?;
    Ok(())
}

/// The whole lifecycle. Every phase is optional but run_once (or execute).
#[derive(Default)]
struct Dbench {
    tree: PathBuf,
    trace: Vec<String>,
}

#[autotest(version = 3, preserve_srcdir, profilers("vmstat"))]
impl Dbench {
    fn initialize(&mut self, cx: &mut TestContext, dir: Option<PathBuf>) -> TestResult {
        self.tree = dir.unwrap_or_else(|| cx.tmpdir().to_owned());
        self.helper("initialize");
        Ok(())
    }

    fn setup(&mut self, _cx: &mut TestContext) -> TestResult {
        self.helper("setup");
        Ok(())
    }

    fn warmup(&mut self, _cx: &mut TestContext) -> TestResult {
        self.helper("warmup");
        Ok(())
    }

    fn before_run_once(&mut self, _cx: &mut TestContext) -> TestResult {
        self.helper("before_run_once");
        Ok(())
    }

    fn run_once(&mut self, cx: &mut TestContext, #[param(default = 8)] nprocs: u32) -> TestResult {
        self.helper(&format!("run_once({nprocs}) {}", cx.iteration()));
        Ok(())
    }

    fn after_run_once(&mut self) {
        self.helper("after_run_once");
    }

    fn postprocess_iteration(&mut self) -> Result<(), std::io::Error> {
        self.helper("postprocess_iteration");
        Ok(())
    }

    fn postprocess(&mut self) {
        self.helper("postprocess");
    }

    fn cleanup(&mut self, _cx: &mut TestContext) -> TestResult {
        self.helper("cleanup");
        fail!("{}: {}", self.tree.display(), self.trace.join(", "))
    }

    fn helper(&mut self, step: &str) {
        self.trace.push(step.to_owned());
    }
}

#[autotest]
#[case::small(mb = 1)]
#[case::large(mb = 1024)]
fn copy(cx: &mut TestContext, mb: u64) -> TestResult {
    cx.write_perf_keyval([("mb", mb)])?;
    fail!("{mb} MiB")
}

#[autotest::suite(suites("net"), timeout = "10s")]
mod tcp {
    use autotest::prelude::*;

    #[autotest]
    fn ping() -> TestResult {
        Ok(())
    }
}

#[test]
fn a_free_test_passes() {
    check("node_exists", &[], passes());
}

#[test]
fn a_test_with_parameters_takes_its_defaults() {
    let dir = std::env::temp_dir();
    check(
        "write_speed",
        &[("dir", dir.to_str().expect("utf-8"))],
        passes(),
    );
}

#[test]
fn an_error_through_anyhow_is_unhandled() {
    let reason = "Unhandled error: No such file or directory (os error 2)";
    check("write_speed", &[("dir", "/nonexistent")], fails(reason));
}

#[test]
fn all_phases_run_in_order() {
    let trace = "/d: initialize, setup, warmup, before_run_once, run_once(8) 1, after_run_once, \
                 postprocess_iteration, postprocess, cleanup";
    check("Dbench", &[("dir", "/d")], fails(trace));
}

#[test]
fn each_case_has_its_arguments() {
    check("copy::small", &[], fails("1 MiB"));
    check("copy::large", &[], fails("1024 MiB"));
    check("copy::large", &[("mb", "7")], fails("7 MiB"));
}

#[test]
fn a_suite_gives_defaults() {
    let def = crate::bench::def("ping");
    assert_eq!(def.meta.suites, ["net"]);
    assert_eq!(def.meta.timeout, Some(std::time::Duration::from_secs(10)));
    assert_eq!(def.module.path, "forms::design::tcp");
    check("ping", &[], passes());
}
