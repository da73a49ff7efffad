//! How fast a run consumes the root file system (`job.monitor_disk_usage`).

use std::time::{Duration, Instant};

/// The file system that is monitored.
const DEVICE: &str = "/";

/// A run counts as at least this long, so that a short burst is no high rate (formats §10).
const LEAST: Duration = Duration::from_secs(60);

const BYTES_PER_MIB: f64 = (1 << 20) as f64;
const SECONDS_PER_HOUR: f64 = 3600.0;

/// The free space at the beginning of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct DiskUsage {
    free_bytes: u64,
    since: Instant,
    max_mb_per_hour: f64,
}

impl DiskUsage {
    /// Begins to measure. `None` without a limit, or if the space is unknown.
    pub(super) fn begin(max_mb_per_hour: Option<f64>) -> Option<DiskUsage> {
        Some(DiskUsage {
            max_mb_per_hour: max_mb_per_hour?,
            free_bytes: free_bytes()?,
            since: Instant::now(),
        })
    }

    /// The warning, in the original's words, if the rate was above the limit.
    pub(super) fn warning(&self) -> Option<String> {
        warning(self, free_bytes()?, self.since.elapsed())
    }
}

fn warning(before: &DiskUsage, free_bytes: u64, elapsed: Duration) -> Option<String> {
    let used = before.free_bytes.saturating_sub(free_bytes) as f64 / BYTES_PER_MIB;
    let rate = used / elapsed.max(LEAST).as_secs_f64() * SECONDS_PER_HOUR;
    (rate > before.max_mb_per_hour)
        .then(|| format!("disk space on {DEVICE} was consumed at a rate of {rate:.2} MB/hour"))
}

fn free_bytes() -> Option<u64> {
    let device = rustix::fs::statvfs(DEVICE).ok()?;
    Some(device.f_bavail * device.f_frsize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_at_least_a_minute() {
        let before = DiskUsage {
            free_bytes: 10 << 20,
            since: Instant::now(),
            max_mb_per_hour: 60.0,
        };
        let second = Duration::from_secs(1);
        let text = "disk space on / was consumed at a rate of 120.00 MB/hour";
        assert_eq!(warning(&before, 8 << 20, second).as_deref(), Some(text));
        assert_eq!(warning(&before, 9 << 20, second), None);
        assert_eq!(warning(&before, 8 << 20, 2 * LEAST), None);
        assert_eq!(warning(&before, 11 << 20, second), None);
    }
}
