//! Adds a run to the time line: a slice that contains its phases, iterations and subtests.

use autotest_core::perf::Measured;
use autotest_report::Digest;
use autotest_report::digest::RunDigest;
use serde_json::json;

use super::{Span, Trace};

/// Adds a run with everything in it, clamped to the span `around`.
pub(super) fn add(trace: &mut Trace<'_>, digest: &Digest, index: usize, around: Span) {
    let run = &digest.runs[index];
    let (from_t, to_t) = (run.started_t, run.started_t + run.elapsed_s);
    let whole = around.clamped(from_t, to_t);
    let lane = whole.lane;
    let reason = run.verdict.as_ref().map(|verdict| verdict.reason.as_str());
    let args = json!({
        "attempt": run.is_attempt(),
        "groups": digest.groups_around(run),
        "reason": reason.unwrap_or_default(),
        "status": run.status().name(),
        "subdir": run.subdir,
    });
    trace.slice("test", &run.name, whole, args);
    phases(trace, run, whole);
    for line in &run.status_lines {
        let text = format!("{}: {}", line.value.code, line.value.message);
        trace.instant("status", &text, lane, whole.nearest(line.t));
    }
    for crash in &run.crashes {
        trace.instant("crash", &format!("crash: {crash}"), lane, whole.to_t);
    }
    counters(trace, run, whole.to_t);
    subtests(trace, digest, index, whole);
}

/// Adds the subtests of a run. They ran one after another, but by the clock one may seem to end after the next has
/// begun.
fn subtests(trace: &mut Trace<'_>, digest: &Digest, parent: usize, whole: Span) {
    let mut subtests = digest.subtests(parent).peekable();
    while let Some((index, _)) = subtests.next() {
        let next = subtests.peek();
        let next_t = next.map_or(whole.to_t, |(_, next)| next.started_t);
        add(trace, digest, index, whole.clamped(whole.from_t, next_t));
    }
}

/// Adds the phases. Each lasts until the next one, or until the end of the run.
fn phases(trace: &mut Trace<'_>, run: &RunDigest, whole: Span) {
    for (at, phase) in run.phases.iter().enumerate() {
        let next_t = run.phases.get(at + 1).map_or(whole.to_t, |next| next.t);
        let span = whole.clamped(phase.t, next_t);
        trace.slice("phase", &phase.value.to_string(), span, json!({}));
        iterations(trace, run, span);
    }
}

/// Adds the iterations of a phase. Each lasts from the previous report until its own. Where reports are rare, several
/// iterations are one slice.
fn iterations(trace: &mut Trace<'_>, run: &RunDigest, phase: Span) {
    let progress = run.progress.iter();
    let mut before = progress.clone().filter(|it| it.t <= phase.from_t);
    let (mut from_t, mut first) = (
        phase.from_t,
        before.next_back().map_or(1, |it| it.value + 1),
    );
    for progress in progress.filter(|it| it.t > phase.from_t && it.t <= phase.to_t) {
        let to_t = progress.t;
        let last = progress.value;
        let name = match last == first {
            true => format!("iteration {last}"),
            false => format!("iterations {first} to {last}"),
        };
        trace.slice("iteration", &name, phase.clamped(from_t, to_t), json!({}));
        (from_t, first) = (to_t, last + 1);
    }
}

/// Adds the measurements of iterations at the times when they were written, and perf values, which have no time, at the
/// end.
fn counters(trace: &mut Trace<'_>, run: &RunDigest, end_t: f64) {
    for iteration in &run.iterations {
        for (key, value) in &iteration.perf {
            if let Some(number) = value
                .to_string()
                .parse::<f64>()
                .ok()
                .filter(|it| it.is_finite())
            {
                trace.counter(&format!("{}: {key}", run.name), key, number, iteration.t);
            }
        }
    }
    for value in &run.perf {
        let name = format!("{}: {}", run.name, value.description());
        let series = value.units().unwrap_or("value");
        let number = match value.measured() {
            Measured::Scalar(number) => Some(*number),
            Measured::List(numbers) => numbers.last().copied(),
        };
        if let Some(number) = number {
            trace.counter(&name, series, number, end_t);
        }
    }
}

#[cfg(test)]
mod tests {
    use autotest_report::digest::RunDigest;

    use super::*;

    fn run(name: &str, parent: Option<usize>, started_t: f64, elapsed_s: f64) -> RunDigest {
        RunDigest {
            name: name.to_owned(),
            parent,
            started_t,
            elapsed_s,
            ..RunDigest::default()
        }
    }

    #[test]
    fn subtests_do_not_overlap() {
        let runs = vec![
            run("a", None, 1.0, 4.0),
            run("b", Some(0), 2.0, 1.5),
            run("c", Some(0), 3.0, 9.0),
        ];
        let digest = Digest {
            runs,
            ..Digest::default()
        };
        let mut events = Vec::new();
        let mut trace = Trace {
            events: &mut events,
            pid: 1,
            origin_t: 0.0,
            job_lane: 0,
        };
        let (from_t, to_t) = (1.0, 5.0);
        let around = Span {
            lane: 1,
            from_t,
            to_t,
        };
        add(&mut trace, &digest, 0, around);
        let slice = |event: &serde_json::Value| {
            let time = |name| event[name].as_u64().unwrap_or(0) / 1_000_000;
            (event["name"].clone(), time("ts"), time("dur"))
        };
        let slices: Vec<_> = events.iter().map(slice).collect();
        let expected = [("a", 1, 4), ("b", 2, 1), ("c", 3, 2)];
        assert_eq!(
            slices,
            expected.map(|(name, ts, dur)| (json!(name), ts, dur))
        );
    }
}
