//! The profiler `perf`, where this machine allows performance events.

use super::binary::{Ran, fixture};

/// Profiles a test. `None`, and says why, where nobody may do that.
fn profiled(test: &str) -> Option<Ran> {
    let args = [
        "--profile-only",
        "--profiler",
        "perf:frequency=997",
        "--exact",
        test,
    ];
    let ran = fixture("sampled", &args);
    assert_eq!(ran.stderr(), "");
    let stdout = ran.stdout();
    for refused in [
        "may not use performance events",
        "has no performance events",
    ] {
        if let Some(line) = stdout.lines().find(|line| line.contains(refused)) {
            eprintln!("left out: {line}");
            return None;
        }
    }
    Some(ran)
}

#[test]
fn events_are_counted_and_functions_are_named() {
    let Some(ran) = profiled("computes") else {
        return;
    };
    let counters = ran.file("computes/profiling/iteration.1/counters.csv");
    let mut lines = counters.lines();
    assert_eq!(lines.next(), Some("event,count,scope,counted_percent"));
    let clock: Vec<_> = lines.next().unwrap().split(',').collect();
    assert_eq!(clock[0], "task_clock_ns");
    assert!(clock[1].parse::<u64>().unwrap() > 50_000_000, "{counters}");
    let folded = ran.file("computes/profiling/iteration.1/stacks.folded");
    let busy = folded.lines().filter(|line| line.contains("keeps_busy"));
    let busy: u64 = busy
        .filter_map(|line| line.rsplit_once(' ')?.1.parse::<u64>().ok())
        .sum();
    assert!(busy > 20, "{folded}");
}

#[test]
fn a_killed_test_has_its_profile() {
    let Some(ran) = profiled("killed_at_once") else {
        return;
    };
    let ran = ran.expect_code(101);
    let counters = ran.file("killed_at_once/profiling/iteration.1/counters.csv");
    assert!(counters.contains("task_clock_ns,"), "{counters}");
}
