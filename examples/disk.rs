//! Real work on the real file system: sequential write speed and fsync latency.
//!
//! ```sh
//! cargo run --example disk -- --param mb=64 --iterations 3 --constraint 'throughput > 1'
//! cargo run --example disk -- --describe SequentialWrite
//! cargo run --example disk -- --param dir=/mnt/stick --constraint 'latency_ms < 50'
//! cargo run --example disk -- --test-length 10s       # as many iterations as fit into 10 seconds
//! ```

use std::fs::{self, File};
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use autotest::prelude::*;

/// The size of one write call.
const BLOCK: usize = 1 << 20;

#[derive(Default)]
struct SequentialWrite {
    file: PathBuf,
    block: Vec<u8>,
    seconds: f64,
    sync_seconds: f64,
}

/// Writes a file in blocks of 1 MiB, then syncs it to the disk.
#[autotest(
    suites("perf"),
    attributes("disk"),
    author = "autotest",
    constraints("throughput > 0", "latency_ms >= 0")
)]
impl SequentialWrite {
    fn initialize(
        &mut self,
        cx: &mut TestContext,
        /// The directory to write to; by default the test's temporary directory.
        dir: Option<PathBuf>,
    ) -> TestResult {
        let dir = dir.unwrap_or(cx.tmpdir().to_owned());
        if !dir.is_dir() {
            skip!("`{}` is not a directory", dir.display());
        }
        self.file = dir.join(format!("autotest-disk-{}", std::process::id()));
        self.block = (0..BLOCK).map(|i| (i * 31 % 251) as u8).collect();
        Ok(())
    }

    fn run_once(
        &mut self,
        /// How much to write, in MiB.
        #[param(default = 16, range = 1..=65536)]
        mb: u64,
    ) -> TestResult {
        let start = Instant::now();
        let mut file = File::create(&self.file)?;
        for _ in 0..mb {
            file.write_all(&self.block)?;
        }
        let written = start.elapsed();
        file.sync_all()?;
        self.seconds = start.elapsed().as_secs_f64();
        self.sync_seconds = self.seconds - written.as_secs_f64();
        ensure!(
            file.metadata()?.len() == mb << 20,
            "the file is not as long as what was written"
        );
        Ok(())
    }

    fn postprocess_iteration(&mut self, cx: &mut TestContext) -> TestResult {
        let mbps = (fs::metadata(&self.file)?.len() >> 20) as f64 / self.seconds;
        let latency_ms = self.sync_seconds * 1000.0;
        log::info!("{mbps:.1} MB/s, fsync took {latency_ms:.2} ms");
        cx.perf("throughput")
            .units("MB_per_sec")
            .higher_is_better()
            .record(mbps)?;
        cx.perf("fsync_latency")
            .units("ms")
            .lower_is_better()
            .record(latency_ms)?;
        cx.write_perf_keyval([("throughput", mbps), ("latency_ms", latency_ms)])?;
        Ok(())
    }

    /// Removes the file, even if the test failed.
    fn cleanup(&mut self) -> TestResult {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

autotest::main!();
