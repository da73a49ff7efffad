//! Load to be profiled: processors, memory, a disk, other processes. The test reads from `/proc` what it used, so that
//! the profile can be compared with it. It always has a profiler of this file, `interrupts`.
//!
//! ```sh
//! cargo run --example profiled -- --list-profilers
//! cargo run --example profiled -- --describe interrupts
//! cargo run --example profiled -- --profiler proc:interval=100ms
//! cargo run --example profiled -- --profiler proc:interval=100ms --profile-only --iterations 3
//! ```
//!
//! The files are in `profiling/iteration.N` of the test's results; a browser shows `proc.svg`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::Write;
use std::thread;
use std::time::Duration;

use autotest::prelude::*;

/// How many interrupts each processor had.
#[derive(Default)]
struct Interrupts {
    least: u64,
    before: Counts,
    after: Counts,
}

/// The interrupts by name, all processors together.
type Counts = BTreeMap<String, u64>;

/// The interrupts in the profiled iteration.
#[autotest::profiler]
impl Interrupts {
    fn initialize(
        &mut self,
        /// Leave out interrupts that occur less often.
        #[param(default = 1)]
        least: u64,
    ) {
        self.least = least;
    }

    fn start(&mut self) -> TestResult {
        self.before = counts()?;
        Ok(())
    }

    fn stop(&mut self) -> TestResult {
        self.after = counts()?;
        Ok(())
    }

    fn report(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut text = String::new();
        for (name, after) in &self.after {
            let count = after.saturating_sub(*self.before.get(name).unwrap_or(&0));
            if count >= self.least {
                text += &format!("{count:>8} {name}\n");
            }
        }
        fs::write(cx.profdir().join("interrupts"), text)?;
        Ok(())
    }
}

fn counts() -> TestResult<Counts> {
    let text = fs::read_to_string("/proc/interrupts")?;
    let lines = text.lines().filter_map(|line| line.split_once(':'));
    let counts = lines.map(|(name, rest)| {
        let numbers = rest
            .split_whitespace()
            .map_while(|word| word.parse::<u64>().ok());
        (name.trim().to_owned(), numbers.sum())
    });
    Ok(counts.collect())
}

/// Ticks in a second, as everywhere on Linux that people still use.
const TICKS_PER_SECOND: f64 = 100.0;

/// The time between two kinds of load, so that they are apart in the plot.
const PAUSE: Duration = Duration::from_millis(200);

/// What this process and the children that it waited for have used.
struct Used {
    cpu_s: f64,
    written_bytes: f64,
    resident_bytes: f64,
}

impl Used {
    fn now() -> TestResult<Used> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        let fields: Vec<f64> = stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .map(|field| field.parse().unwrap_or(0.0))
            .collect();
        Ok(Used {
            cpu_s: fields[11..15].iter().sum::<f64>() / TICKS_PER_SECOND,
            written_bytes: line("/proc/self/io", "write_bytes:")?,
            resident_bytes: 1024.0 * line("/proc/self/status", "VmRSS:")?,
        })
    }
}

/// The number in a line of a file of `/proc`.
fn line(path: &str, key: &str) -> TestResult<f64> {
    let text = fs::read_to_string(path)?;
    let rest = text.lines().find_map(|line| line.strip_prefix(key));
    let number = rest.and_then(|rest| rest.split_ascii_whitespace().next());
    Ok(number.unwrap_or("0").parse()?)
}

/// Keeps a processor busy until this process has used so much more of one.
fn compute(seconds: f64) -> TestResult {
    let start = Used::now()?.cpu_s;
    while Used::now()?.cpu_s < start + seconds {
        black_box((0..2_000_000_u64).fold(0, |hash: u64, i| hash.rotate_left(5) ^ i));
    }
    Ok(())
}

/// Loads processors, memory, the disk, and other processes, one after the other.
#[autotest(suites("perf"), profilers("interrupts"))]
fn load(
    cx: &mut TestContext,
    /// How long each kind of load takes, in seconds of a processor.
    #[param(default = 0.5, range = 0.01..=60.0)]
    seconds: f64,
    /// How much memory is used, and how much is written to the disk, in MiB.
    #[param(default = 128, range = 1..=4096)]
    mb: usize,
) -> TestResult {
    let before = Used::now()?;
    compute(seconds)?;
    thread::sleep(PAUSE);
    let memory = black_box(vec![1_u8; mb << 20]);
    let resident_bytes = Used::now()?.resident_bytes;
    thread::sleep(PAUSE);
    let mut file = File::create(cx.tmpdir().join("load"))?;
    file.write_all(&memory)?;
    file.sync_all()?;
    drop(memory);
    thread::sleep(PAUSE);
    let busy = format!("timeout {seconds} sh -c 'while :; do :; done'; true");
    cx.command("sh").args(["-c", &busy]).run()?;
    let after = Used::now()?;
    cx.write_perf_keyval([
        ("cpu_s", after.cpu_s - before.cpu_s),
        ("written_bytes", after.written_bytes - before.written_bytes),
        ("resident_bytes", resident_bytes),
    ])?;
    Ok(())
}

autotest::main!();
