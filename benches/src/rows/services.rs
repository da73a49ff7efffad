//! What a job does beside its tests, if it is asked to: what that takes of a test's time, and of a binary's size.

use std::fs;
use std::path::Path;

use crate::bench::Bench;
use crate::job::{Place, Sync};
use crate::journal;
use crate::rounds::alternate;
use crate::row::{Bar, Compared, LeftOut, Line, Unit};
use crate::workshop::Profile;

/// A service, the feature that has it, and the arguments that ask for it.
struct Service {
    feature: &'static str,
    args: &'static [&'static str],
    /// How much longer a test may take.
    bar: Bar,
}

const SERVICES: [Service; 2] = [
    Service {
        feature: "leaks",
        args: &["--leaks", "warn"],
        bar: Bar::AtMost(0.001),
    },
    Service {
        feature: "sysinfo",
        args: &["--sysinfo"],
        bar: Bar::None,
    },
];

/// The features, each with the one that it stands on.
const FEATURES: [(&str, &str); 9] = [
    ("leaks", ""),
    ("sysinfo", ""),
    ("crash-handler", ""),
    ("profilers", ""),
    ("proc-profiler", "profilers"),
    ("perf-profiler", "profilers"),
    ("flamegraph", "perf-profiler"),
    ("packages", ""),
    ("http", "packages"),
];

/// What the samples of `proc` may add.
const PROC: Bar = Bar::MoreBytes(150_000.0);

/// So many tests are run, of which the first hundred are not timed.
const RUNS: usize = 1_000;
const BEFORE: usize = 100;

pub(super) fn time(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let place = Place::new(bench.tmpfs()?)?;
    let of = |service: &Service| {
        let features = [service.feature];
        let workshop = &bench.workshop;
        let suite = workshop.suite_with_features(Profile::Release, &features)?;
        let pairs = alternate(
            bench.rounds(),
            || seconds_of_one(&place, &suite, service.args),
            || seconds_of_one(&place, &suite, &[]),
        )?;
        let work = format!("what {} adds to a test", service.args.join(" "));
        let line = pairs.more(&work, "a test without", Unit::Seconds, service.bar);
        Ok(line.note("The difference within a round; the test is empty, isolated and in memory."))
    };
    SERVICES.iter().map(of).collect()
}

fn seconds_of_one(place: &Place, suite: &Path, args: &[&str]) -> Result<f64, LeftOut> {
    place.run(&mut place.job(suite, Sync::None, args))?;
    let seconds = journal::seconds_between_ends(&place.jobdir(), BEFORE, RUNS)?;
    Ok(seconds / (RUNS - BEFORE) as f64)
}

pub(super) fn size(bench: &Bench) -> Result<Vec<Line>, LeftOut> {
    let size = |feature: &str| {
        let features: Vec<_> = Some(feature)
            .filter(|it| !it.is_empty())
            .into_iter()
            .collect();
        let workshop = &bench.workshop;
        let suite = workshop.suite_with_features(Profile::ForSize, &features)?;
        Ok::<_, LeftOut>(fs::metadata(suite)?.len() as f64)
    };
    let of = |(feature, below): &(&str, &str)| {
        let (with, without) = (size(feature)?, size(below)?);
        Ok(Line {
            work: format!("1,000 tests with the feature `{feature}`"),
            ours: Unit::Bytes.of(with),
            against: Some((
                format!("with `{below}`").replace("with ``", "without"),
                Unit::Bytes.of(without),
            )),
            compared: Compared::MoreBytes(with - without),
            bar: if *feature == "proc-profiler" {
                PROC
            } else {
                Bar::None
            },
            notes: Vec::new(),
        })
    };
    FEATURES.iter().map(of).collect()
}
