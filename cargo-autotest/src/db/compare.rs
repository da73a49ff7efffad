//! `db compare`: tells whether metrics changed between two sets of jobs.

use std::collections::{BTreeMap, BTreeSet};

use autotest_report::sanitize;
use serde::Serialize;

use super::cell::Cell;
use super::engine::Table;
use super::history::missing;
use super::measured::{self, Filter, Job, Metric, Samples};
use super::{Database, DbError, noise, select, table};
use crate::cli::{self, Format};
use crate::exit::Exit;
use crate::stats::{self, Comparison, Order, Rules, Verdict, compare_jobs};
use crate::verdict;

/// An error when comparing jobs.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompareError {
    #[error("the job `{0}` is on both sides; name jobs of which none is on both")]
    OnBothSides(String),
    #[error("no metric was measured on both sides, by the same test on the same target")]
    NothingInCommon,
}

/// The jobs of both sides.
struct Sides<'j> {
    before: Vec<&'j Job>,
    after: Vec<&'j Job>,
}

/// A metric that was measured on both sides.
struct Compared<'m> {
    metric: &'m Metric,
    /// The number of jobs of each side that measured it.
    jobs: (usize, usize),
    comparison: Comparison,
}

/// Compares the jobs. Returns the verdicts, as they are printed, and the exit code.
///
/// # Errors
/// If the database has no such jobs, or they have no metric in common.
pub(crate) fn run(args: &cli::Compare) -> Result<(String, Exit), DbError> {
    let mut database = Database::read(&args.place)?;
    let jobs = jobs(&mut database, args)?;
    let sides = Sides::of(args, &jobs)?;
    let chosen = [sides.before.as_slice(), &sides.after].concat();
    let others = measured::others(&jobs, &chosen);
    let samples = samples(&mut database, &[chosen, others.clone()].concat(), args)?;
    let rules = rules(args);
    let mut compared = Vec::new();
    let mut one_sided = Vec::new();
    for (metric, samples) in &samples {
        let order = args.in_turn.then_some(Order::InTurn);
        match sides.compare(metric, samples, &others, order, &rules) {
            Some(comparison) => compared.push(comparison),
            None if sides.have_measured(samples) => one_sided.push(metric),
            None => {}
        }
    }
    if compared.is_empty() {
        return Err(CompareError::NothingInCommon.into());
    }
    correct(&mut compared, &rules);
    let is_worse = |it: &Compared<'_>| it.comparison.verdict == Verdict::Regress;
    let exit = match args.fail_on_regress && compared.iter().any(is_worse) {
        true => Exit::Failed,
        false => Exit::Done,
    };
    let text = match args.output.format {
        Format::Json => compared.iter().map(Compared::json).collect(),
        Format::Text => text(&sides, &compared, &one_sided),
    };
    Ok((text, exit))
}

/// All jobs, or all jobs of the target that the user named.
fn jobs(database: &mut Database, args: &cli::Compare) -> Result<Vec<Job>, DbError> {
    let jobs = measured::jobs(database, args.target.as_deref())?;
    if let (true, Some(target)) = (jobs.is_empty(), &args.target) {
        let sql = "SELECT hostname FROM targets ORDER BY hostname";
        if let Some(missing) = missing(database, sql, "target", target)? {
            return Err(missing.into());
        }
    }
    Ok(jobs)
}

/// The samples of the jobs; only of one test, if the user named one.
fn samples(
    database: &mut Database,
    jobs: &[&Job],
    args: &cli::Compare,
) -> Result<BTreeMap<Metric, Samples>, DbError> {
    let filter = Filter {
        test: args.test.as_deref(),
        ..Filter::default()
    };
    let samples = measured::samples(database, jobs, filter)?;
    if let (true, Some(test)) = (samples.is_empty(), &args.test) {
        let sql = "SELECT DISTINCT test FROM runs UNION SELECT name FROM runs ORDER BY test";
        if let Some(missing) = missing(database, sql, "test", test)? {
            return Err(missing.into());
        }
    }
    Ok(samples)
}

fn rules(args: &cli::Compare) -> Rules {
    let rules = Rules::default();
    let minimal_effect = args
        .minimal_effect
        .map_or(rules.minimal_effect, |percent| percent / 100.0);
    Rules {
        minimal_effect,
        excluded_effect: rules.excluded_effect.max(minimal_effect),
        ..rules
    }
}

/// Corrects the verdicts for the number of metrics.
fn correct(compared: &mut [Compared<'_>], rules: &Rules) {
    let mut comparisons: Vec<Comparison> = compared.iter().map(|it| it.comparison).collect();
    stats::correct(&mut comparisons, rules);
    for (it, comparison) in compared.iter_mut().zip(comparisons) {
        it.comparison = comparison;
    }
}

impl<'j> Sides<'j> {
    fn of(args: &cli::Compare, jobs: &'j [Job]) -> Result<Sides<'j>, DbError> {
        let before = select::select(&args.before, jobs)?;
        let after = select::select(&args.after, jobs)?;
        if let Some(job) = before
            .iter()
            .find(|job| after.iter().any(|it| it.id == job.id))
        {
            let job = sanitize::single_line(&job.job);
            return Err(CompareError::OnBothSides(job).into());
        }
        Ok(Sides { before, after })
    }

    /// Whether a job of either side has samples.
    fn have_measured(&self, samples: &Samples) -> bool {
        let mut jobs = self.before.iter().chain(&self.after);
        jobs.any(|job| samples.of_jobs.iter().any(|(id, _)| *id == job.id))
    }

    /// The comparison of a metric, if it was measured on both sides.
    fn compare<'m>(
        &self,
        metric: &'m Metric,
        samples: &Samples,
        others: &[&Job],
        order: Option<Order>,
        rules: &Rules,
    ) -> Option<Compared<'m>> {
        let is_in = |side: &[&Job], id: i64| side.iter().any(|job| job.id == id);
        let of = |side: &[&Job]| -> Vec<Vec<f64>> {
            let jobs = samples.of_jobs.iter().filter(|(id, _)| is_in(side, *id));
            jobs.map(|(_, values)| values.clone()).collect()
        };
        let (before, after) = (of(&self.before), of(&self.after));
        if before.is_empty() || after.is_empty() {
            return None;
        }
        let sides: Vec<bool> = samples
            .of_jobs
            .iter()
            .filter(|(id, _)| is_in(&self.before, *id) || is_in(&self.after, *id))
            .map(|(id, _)| is_in(&self.after, *id))
            .collect();
        let comparison = compare_jobs(
            &before,
            &after,
            order.unwrap_or_else(|| order_of(&sides)),
            noise::noise(samples, others),
            samples.higher_is_better,
            rules,
        );
        Some(Compared {
            metric,
            jobs: (before.len(), after.len()),
            comparison,
        })
    }
}

/// The order of jobs, given the side of each: in turn if each pair of consecutive jobs has one of each side.
fn order_of(sides: &[bool]) -> Order {
    let mut pairs = sides.chunks_exact(2);
    match pairs.all(|pair| pair[0] != pair[1]) && sides.len() > 1 {
        true => Order::InTurn,
        false => Order::Apart,
    }
}

const COLUMNS: [&str; 8] = [
    "target", "test", "metric", "before", "after", "change", "interval", "verdict",
];

fn text(sides: &Sides<'_>, compared: &[Compared<'_>], one_sided: &[&Metric]) -> String {
    let targets: BTreeSet<&str> = compared
        .iter()
        .map(|it| it.metric.target.as_str())
        .collect();
    // A single target is named in the first lines, so it needs no column.
    let skipped = usize::from(targets.len() < 2);
    let row = |it: &Compared<'_>| it.row().into_iter().skip(skipped).collect();
    let table = Table {
        columns: COLUMNS
            .into_iter()
            .skip(skipped)
            .map(str::to_owned)
            .collect(),
        rows: compared.iter().map(row).collect(),
    };
    let mut text = format!(
        "before: {}\nafter:  {}\n\n{}\n{}\n",
        described(&sides.before),
        described(&sides.after),
        table::print(&table, Format::Text),
        counts(compared)
    );
    if !one_sided.is_empty() {
        text += &format!("measured on one side only: {}\n", names(one_sided));
    }
    text
}

/// Describes the jobs of a side: how many, and their builds, targets and times.
fn described(jobs: &[&Job]) -> String {
    let distinct = |of: fn(&Job) -> &str, what: &str| -> String {
        let all: BTreeSet<&str> = jobs.iter().map(|job| of(job)).collect();
        match all.first() {
            Some(only) if all.len() == 1 => format!("{what} {}", sanitize::single_line(only)),
            _ => format!("{} {what}s", all.len()),
        }
    };
    let (first, last) = (jobs.first(), jobs.last());
    let times = first.zip(last).map_or(String::new(), |(first, last)| {
        match first.time == last.time {
            true => first.time.clone(),
            false => format!("{} to {}", first.time, last.time),
        }
    });
    let (builds, targets) = (
        distinct(|job| &job.build, "build"),
        distinct(|job| &job.target, "target"),
    );
    format!(
        "{}, {builds}, {targets}, {times}",
        distinct(|job| &job.job, "job")
    )
}

/// The number of metrics with each verdict.
fn counts(compared: &[Compared<'_>]) -> String {
    const WORDS: [&str; 5] = ["regress", "improve", "differ", "same", "not enough data"];
    let count = |word: &str| {
        let of_word = |it: &&Compared<'_>| verdict::word(it.comparison.verdict) == word;
        (compared.iter().filter(of_word).count(), word.to_owned())
    };
    let counts = WORDS.into_iter().map(count).filter(|(count, _)| *count > 0);
    let counts: Vec<String> = counts
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    counts.join(", ")
}

fn names(metrics: &[&Metric]) -> String {
    const SHOWN: usize = 5;
    let name = |metric: &&Metric| {
        let (test, name) = (sanitize::single_line(&metric.test), metric.shown());
        format!("{test} {}", sanitize::single_line(&name))
    };
    let mut names: Vec<String> = metrics.iter().take(SHOWN).map(name).collect();
    if metrics.len() > SHOWN {
        names.push(format!("and {} more", metrics.len() - SHOWN));
    }
    names.join(", ")
}

/// A comparison as a JSON object.
#[derive(Serialize)]
struct Line<'a> {
    target: &'a str,
    test: &'a str,
    metric: &'a str,
    source: &'static str,
    units: &'a str,
    higher_is_better: Option<bool>,
    before: Side,
    after: Side,
    /// The relative change; null if there is none, or if it is infinite.
    change: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    p: f64,
    verdict: &'static str,
    advice: Option<&'static str>,
}

#[derive(Serialize)]
struct Side {
    jobs: usize,
    median: f64,
}

impl Compared<'_> {
    fn row(&self) -> Vec<Cell> {
        let (metric, comparison) = (self.metric, &self.comparison);
        let name = match metric.units.as_str() {
            "" => metric.shown(),
            units => format!("{} ({units})", metric.shown()),
        };
        let change = comparison.change;
        [
            metric.target.clone(),
            metric.test.clone(),
            name,
            verdict::number(comparison.before.median),
            verdict::number(comparison.after.median),
            change.map_or(String::new(), |change| verdict::percent(change.estimate)),
            change.map_or(String::new(), |change| verdict::interval(&change)),
            verdict::in_full(comparison.verdict),
        ]
        .map(Cell::Text)
        .to_vec()
    }

    fn json(&self) -> String {
        let (metric, comparison) = (self.metric, &self.comparison);
        let line = Line {
            target: &metric.target,
            test: &metric.test,
            metric: &metric.name,
            source: metric.source.word(),
            units: &metric.units,
            higher_is_better: comparison.higher_is_better,
            before: Side {
                jobs: self.jobs.0,
                median: comparison.before.median,
            },
            after: Side {
                jobs: self.jobs.1,
                median: comparison.after.median,
            },
            change: comparison.change.map(|change| change.estimate),
            low: comparison.change.map(|change| change.low),
            high: comparison.change.map(|change| change.high),
            p: comparison.p,
            verdict: verdict::word(comparison.verdict),
            advice: verdict::advice(comparison.verdict),
        };
        sanitize::json(&line).unwrap_or_default() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_in_turn_if_each_pair_has_one_of_both_sides() {
        let order = |sides: &str| {
            let sides: Vec<bool> = sides.chars().map(|side| side == 'b').collect();
            order_of(&sides)
        };
        for sides in ["ab", "abab", "abba", "baab", "ababa"] {
            assert_eq!(order(sides), Order::InTurn, "{sides}");
        }
        for sides in ["", "a", "aabb", "aab", "abaa"] {
            assert_eq!(order(sides), Order::Apart, "{sides}");
        }
    }
}
