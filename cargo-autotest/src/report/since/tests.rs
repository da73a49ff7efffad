//! The tests of jobs, with the values that are compared.

use std::collections::{BTreeMap, BTreeSet};

use autotest_core::Kind;
use autotest_report::digest::{MetricSource, RunDigest};
use autotest_report::sanitize::single_line;
use autotest_report::{Digest, Grade};

use super::super::merged::CONTROL;
use crate::db::{Earlier, EarlierRun};
use crate::stats::JobNoise;

/// Identifies a run of a test: target, suite, groups, tagged name, and a count of the runs with that name.
pub(super) type Key = (String, String, Vec<String>, String, usize);

/// Identifies a metric of a test: its name, how it is recorded, and its unit.
pub(super) type MetricKey = (String, MetricSource, String);

/// The tests of some jobs.
#[derive(Default)]
pub(super) struct Tests {
    pub(super) tests: BTreeMap<Key, Test>,
}

/// The final run of a test.
pub(super) struct Test {
    pub(super) name: String,
    pub(super) grade: Grade,
    /// The first line of the reason; empty if it passed.
    pub(super) reason: String,
    pub(super) elapsed_s: f64,
    /// The reason of an attempt that failed, if the test passed in the end.
    pub(super) flaky: Option<String>,
    /// Whether the test is gone if it is missing now.
    pub(super) can_be_gone: bool,
    pub(super) metrics: BTreeMap<MetricKey, Sample>,
}

/// The sample of a metric that a run measured.
#[derive(Default)]
pub(super) struct Sample {
    pub(super) values: Vec<f64>,
    pub(super) higher_is_better: Option<bool>,
    pub(super) noise: Option<JobNoise>,
}

impl Tests {
    pub(super) fn of(digests: &[Digest]) -> Tests {
        let mut tests = Tests::default();
        for digest in digests {
            tests.add(digest);
        }
        tests
    }

    pub(super) fn of_database(earlier: &Earlier) -> Tests {
        let mut tests = Tests::default();
        for run in &earlier.runs {
            let (target, label) = (run.target.clone(), run.label.clone());
            let mut key = (target, label, run.groups.clone(), run.operation.clone(), 0);
            while tests.tests.contains_key(&key) {
                key.4 += 1;
            }
            tests.tests.insert(key, Test::of_database(run));
        }
        tests
    }

    pub(super) fn has_one_target(&self) -> bool {
        let targets: BTreeSet<_> = self.tests.keys().map(|(target, ..)| target).collect();
        targets.len() <= 1
    }

    pub(super) fn forget_target(&mut self) {
        let tests = std::mem::take(&mut self.tests).into_iter();
        self.tests = tests
            .map(|((_, label, groups, name, count), test)| {
                ((String::new(), label, groups, name, count), test)
            })
            .collect();
    }

    /// The name of a test for people, with the target and the suite where there are several.
    pub(super) fn shown(&self, key: &Key) -> String {
        let (target, label, groups, _, _) = key;
        let labels: BTreeSet<_> = self.tests.keys().map(|(_, label, ..)| label).collect();
        let mut parts = Vec::new();
        if !self.has_one_target() {
            parts.push(target.as_str());
        }
        if labels.len() > 1 {
            parts.push(label.as_str());
        }
        parts.extend(groups.iter().map(String::as_str));
        parts.push(self.tests.get(key).map_or("", |test| test.name.as_str()));
        single_line(&parts.join(" > "))
    }

    fn add(&mut self, digest: &Digest) {
        let mut attempts: BTreeMap<Key, Vec<&RunDigest>> = BTreeMap::new();
        let mut counts: BTreeMap<Key, usize> = BTreeMap::new();
        for run in digest.runs.iter().filter(|run| run.parent.is_none()) {
            let mut key = key(digest, run);
            if run.is_attempt() {
                attempts.entry(key).or_default().push(run);
                continue;
            }
            let attempts = attempts.remove(&key).unwrap_or_default();
            let count = counts.entry(key.clone()).or_default();
            (key.4, *count) = (*count, *count + 1);
            self.tests.insert(key, Test::of(run, &attempts));
        }
    }
}

/// The times at which the jobs of each target and suite began, in seconds since 1970.
pub(in crate::report) fn beginnings(digests: &[Digest]) -> BTreeMap<(String, String), f64> {
    let mut beginnings = BTreeMap::new();
    for digest in digests {
        let job = &digest.job;
        let runs = digest.runs.iter().filter(|run| run.parent.is_none());
        let mut suites: BTreeSet<_> = runs
            .map(|run| key(digest, run))
            .map(|(target, label, ..)| (target, label))
            .collect();
        if suites.is_empty() {
            suites.insert((job.hostname.clone(), job.label.clone()));
        }
        for suite in suites {
            let beginning = beginnings.entry(suite).or_insert(job.started_t);
            *beginning = job.started_t.min(*beginning);
        }
    }
    beginnings
}

/// The key of a run. In a merged results tree that is read again, the branches are the targets and suites.
fn key(digest: &Digest, run: &RunDigest) -> Key {
    let job = &digest.job;
    let mut groups: Vec<_> = digest
        .groups_around(run)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let is_merged = job
        .control
        .as_ref()
        .is_some_and(|control| control.name == CONTROL);
    let (mut target, mut label) = (job.hostname.clone(), job.label.clone());
    if is_merged && !groups.is_empty() {
        let unit = groups.remove(0);
        match unit.split_once(": ") {
            Some((host, suite)) => (target, label) = (host.to_owned(), suite.to_owned()),
            None if label.contains(',') => label = unit,
            None => target = unit,
        }
    }
    (target, label, groups, run.operation.clone(), 0)
}

impl Test {
    fn of(run: &RunDigest, attempts: &[&RunDigest]) -> Test {
        let reason = run.verdict.as_ref();
        Test {
            name: run.name.clone(),
            grade: run.grade,
            reason: reason.map_or(String::new(), |verdict| first_line(&verdict.reason)),
            elapsed_s: run.elapsed_s,
            flaky: flaky(run, attempts),
            can_be_gone: true,
            metrics: metrics(run),
        }
    }

    fn of_database(run: &EarlierRun) -> Test {
        let metrics = run.metrics.iter().map(|earlier| {
            let metric = &earlier.metric;
            let key = (metric.name.clone(), metric.source, metric.units.clone());
            let sample = Sample {
                values: earlier.values.clone(),
                higher_is_better: None,
                noise: earlier.noise,
            };
            (key, sample)
        });
        Test {
            name: run.name.clone(),
            grade: run.grade,
            reason: String::new(),
            elapsed_s: run.elapsed_s,
            flaky: None,
            can_be_gone: run.is_of_newest_job,
            metrics: metrics.collect(),
        }
    }
}

/// The reason of an attempt that failed, if the test passed in the end. An attempt that was interrupted with its job
/// says nothing about the test.
fn flaky(run: &RunDigest, attempts: &[&RunDigest]) -> Option<String> {
    if run.grade != Grade::Passed {
        return None;
    }
    let verdicts = attempts
        .iter()
        .filter_map(|attempt| attempt.verdict.as_ref());
    let mut failed = verdicts.filter(|verdict| verdict.kind != Kind::CutOff);
    failed.next().map(|verdict| first_line(&verdict.reason))
}

fn metrics(run: &RunDigest) -> BTreeMap<MetricKey, Sample> {
    let metrics = run.metrics().into_iter().map(|metric| {
        let units = metric.units.unwrap_or_default().to_owned();
        let sample = Sample {
            values: metric.values(),
            higher_is_better: metric.higher_is_better,
            noise: None,
        };
        ((metric.name.to_owned(), metric.source, units), sample)
    });
    metrics.collect()
}

fn first_line(text: &str) -> String {
    single_line(text.lines().next().unwrap_or_default())
}
