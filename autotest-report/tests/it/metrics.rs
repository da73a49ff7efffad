//! What a digest says of the measurements of a run.

use autotest_core::perf::PerfRequest;
use autotest_core::{Event, Value};
use autotest_report::Digest;
use autotest_report::digest::{Metric, MetricSource, Point, RunDigest};

use crate::job::Job;

/// A run that recorded these.
fn run(events: Vec<Event>) -> RunDigest {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    for event in events {
        job.send(1, event);
    }
    job.pass(1).end_job();
    Digest::of(job.journal()).unwrap().runs.remove(0)
}

fn perf(request: PerfRequest) -> Event {
    Event::Perf(request.check().unwrap())
}

fn in_units(name: &str, value: impl Into<Value>, units: &str) -> Event {
    perf(PerfRequest {
        units: Some(units.to_owned()),
        ..PerfRequest::new(name, value)
    })
}

fn iteration(perf: &[(&str, Value)]) -> Event {
    let perf = perf.iter();
    Event::IterationKeyval {
        attr: vec![("m".to_owned(), Value::from(9))],
        perf: perf
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect(),
    }
}

fn points(points: &[(usize, f64)]) -> Vec<Point> {
    let points = points.iter();
    points.map(|&(at, value)| Point { at, value }).collect()
}

#[test]
fn perf_values_are_metrics_by_name_and_unit() {
    let run = run(vec![
        in_units("m", vec![1.5, 2.5], "s"),
        in_units("n", 7, "s"),
        perf(PerfRequest {
            higher_is_better: Some(true),
            units: Some("s".to_owned()),
            ..PerfRequest::new("m", "3")
        }),
        in_units("m", 4, "ms"),
        in_units("m", 5, "s"),
        in_units("empty", Vec::<f64>::new(), "s"),
    ]);
    let metric = |name, units, higher_is_better, of: &[(usize, f64)]| Metric {
        name,
        source: MetricSource::PerfValue,
        units: Some(units),
        higher_is_better,
        points: points(of),
    };
    let expected = [
        metric(
            "m",
            "s",
            Some(true),
            &[(1, 1.5), (2, 2.5), (3, 3.0), (4, 5.0)],
        ),
        metric("n", "s", None, &[(1, 7.0)]),
        metric("m", "ms", None, &[(1, 4.0)]),
    ];
    assert_eq!(run.metrics(), expected);
    assert_eq!(expected[0].values(), [1.5, 2.5, 3.0, 5.0]);
}

#[test]
fn a_perf_value_that_replaces_earlier_ones_leaves_those_of_other_metrics() {
    let run = run(vec![
        perf(PerfRequest::new("m", 1)),
        perf(PerfRequest::new("n", 2)),
        perf(PerfRequest {
            replace_existing_values: true,
            ..PerfRequest::new("m", 3)
        }),
        perf(PerfRequest::new("m", 4)),
    ]);
    let kept = run.perf_values();
    let kept: Vec<_> = kept
        .iter()
        .map(|value| (value.description(), value.value().clone()))
        .collect();
    let expected = [("n", 2), ("m", 3), ("m", 4)].map(|(name, value)| (name, Value::from(value)));
    assert_eq!(kept, expected);
}

#[test]
fn keyvals_of_iterations_are_metrics_if_they_are_finite_numbers() {
    let run = run(vec![
        iteration(&[("m", Value::from(1)), ("state", Value::from("hot"))]),
        iteration(&[("other", Value::from(true))]),
        iteration(&[("m", Value::from(" 2.5 ")), ("m", Value::from(3))]),
        iteration(&[("m", Value::from("inf")), ("other", Value::None)]),
        perf(PerfRequest::new("m", 8)),
    ]);
    let metric = |name, source, of: &[(usize, f64)]| Metric {
        name,
        source,
        units: None,
        higher_is_better: None,
        points: points(of),
    };
    let expected = [
        metric("m", MetricSource::PerfValue, &[(1, 8.0)]),
        metric(
            "m",
            MetricSource::Iteration,
            &[(1, 1.0), (3, 2.5), (3, 3.0)],
        ),
        metric("other", MetricSource::Iteration, &[(2, 1.0)]),
    ];
    assert_eq!(run.metrics(), expected);
}

#[test]
fn how_a_metric_is_recorded_has_a_word() {
    let sources = [MetricSource::PerfValue, MetricSource::Iteration];
    assert_eq!(sources.map(MetricSource::word), ["perf value", "iteration"]);
    assert_eq!(sources.map(|it| it.shown("m")), ["m", "m (iterations)"]);
}
