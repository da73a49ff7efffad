//! What a machine takes for the same work, again and again: four metrics with the noise that real ones have. Two jobs
//! of this binary differ by nothing but that noise, so `cargo autotest calibrate` can count false alarms with them.
//!
//! ```sh
//! cargo build --release --example metrics
//! for i in $(seq 20); do target/release/examples/metrics --iterations 20 --results aa/$i; done
//! cargo autotest calibrate aa
//! ```

use std::hint::black_box;
use std::time::{Duration, Instant};

use autotest::prelude::*;

/// How often a measurement is repeated for one value.
const REPEATS: u32 = 16;

/// The size of what is copied, in bytes: more than the caches of a core have.
const COPIED_BYTES: usize = 8 << 20;

/// How many places the walk through memory has.
const PLACES: usize = 1 << 18;

/// Arithmetic that depends on its last result, without memory.
#[autotest(suites("perf"))]
fn arithmetic(cx: &mut TestContext) -> TestResult {
    let elapsed = timed(|| {
        (0..black_box(100_000_u64)).fold(1_u64, |x, i| {
            x.wrapping_mul(6_364_136_223).rotate_left(7) ^ i
        })
    });
    record_us(cx, elapsed)
}

/// The throughput of copying memory.
#[autotest(suites("perf"))]
fn copy(cx: &mut TestContext) -> TestResult {
    let source = vec![1_u8; COPIED_BYTES];
    let mut target = vec![0_u8; COPIED_BYTES];
    let elapsed = timed(|| {
        target.copy_from_slice(black_box(&source));
        black_box(target[0])
    });
    let throughput = COPIED_BYTES as f64 / (1 << 20) as f64 / elapsed.as_secs_f64();
    cx.perf("throughput")
        .units("MB_per_sec")
        .higher_is_better()
        .record(throughput)?;
    Ok(())
}

/// A walk through memory in an order that no prefetcher guesses.
#[autotest(suites("perf"))]
fn walk(cx: &mut TestContext) -> TestResult {
    let next = ring();
    let elapsed = timed(|| (0..black_box(50_000)).fold(0, |place, _| next[place]));
    record_us(cx, elapsed)
}

/// A cheap system call.
#[autotest(suites("perf"))]
fn system_call(cx: &mut TestContext) -> TestResult {
    let elapsed = timed(|| {
        for _ in 0..2_000 {
            let _ = black_box(std::fs::metadata("/"));
        }
    });
    record_us(cx, elapsed)
}

fn record_us(cx: &mut TestContext, elapsed: Duration) -> TestResult {
    cx.perf("elapsed")
        .units("us")
        .lower_is_better()
        .record(elapsed.as_secs_f64() * 1e6)?;
    Ok(())
}

/// The mean time of a call, after one that warms up.
fn timed<T>(mut work: impl FnMut() -> T) -> Duration {
    black_box(work());
    let start = Instant::now();
    for _ in 0..REPEATS {
        black_box(work());
    }
    start.elapsed() / REPEATS
}

/// Each place has the number of the next; they form one ring.
fn ring() -> Vec<usize> {
    // A step of odd length visits all of a power of two.
    const STEP: usize = 123_457;
    (0..PLACES).map(|place| (place + STEP) % PLACES).collect()
}

autotest::main!();
