//! The page about a metric over many jobs: a plot of each series, with the places where its level changed.
//!
//! This module must not find changes itself.

use maud::{DOCTYPE, Markup, html};

use super::changes::{MetricVerdict, percent};
use super::head;
use super::plot::{Scale, place};
use super::words::{count, line, moment, number};

/// A metric over many jobs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// The title of the page.
    pub title: String,
    /// A series for each test and target.
    pub series: Vec<TrendSeries>,
}

/// The values of a metric in the order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrendSeries {
    /// The test that measured them.
    pub test: String,
    /// The target.
    pub target: String,
    /// The name of the metric.
    pub metric: String,
    /// Its unit; may be empty.
    pub unit: String,
    /// A value for each job.
    pub points: Vec<TrendPoint>,
    /// Where the level changed, in order.
    pub changes: Vec<TrendChange>,
}

/// The value of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrendPoint {
    /// When the job began, in seconds since 1970.
    pub t: f64,
    /// The id of the job.
    pub job: String,
    /// The build of the binary.
    pub build: String,
    /// The commit under test; may be empty.
    pub commit: String,
    /// The release of the kernel; may be empty.
    pub kernel: String,
    /// The median of the job's measurements; it must be finite.
    pub value: f64,
}

/// A change of level.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendChange {
    /// The index of the first point of the new level.
    pub index: usize,
    /// The level before.
    pub before: f64,
    /// The new level.
    pub after: f64,
    /// The relative change: `0.05` is 5 % more.
    pub change: f64,
    /// The p value.
    pub p: f64,
    /// The meaning of the change.
    pub verdict: MetricVerdict,
}

/// The size of a plot, in units of the picture.
const SIZE: (f64, f64) = (880.0, 200.0);
/// The maximum number of points drawn with a dot each.
const MAX_DOTS: usize = 400;

/// The HTML of the page.
pub fn trend_page(trend: &Trend) -> String {
    let title = line(&trend.title);
    let points = trend.series.iter().map(|series| series.points.len()).sum();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            (head::head(&title))
            body {
                header.top {
                    h1 { (title) }
                    p.muted {
                        (count(points, "value")) " in " (trend.series.len()) " series, "
                        (count(trend.changes().count(), "change"))
                    }
                }
                main {
                    (changes(trend))
                    @for (index, series) in trend.series.iter().enumerate() { (section(index, series)) }
                }
            }
        }
    };
    page.into_string()
}

impl Trend {
    /// All changes, each with the index of its series.
    fn changes(&self) -> impl Iterator<Item = (usize, &TrendSeries, &TrendChange)> {
        let series = self.series.iter().enumerate();
        series.flat_map(|(index, series)| {
            let changes = series.changes.iter();
            changes.map(move |change| (index, series, change))
        })
    }
}

/// The changes of all series.
fn changes(trend: &Trend) -> Markup {
    html! {
        section aria-labelledby="changes" {
            h2 id="changes" { "Changes" }
            @if trend.changes().next().is_none() { p { "No series changed its level." } } @else {
                .scroll tabindex="0" role="group" aria-label="Changes" {
                    table.data.whole {
                        thead { tr {
                            @for name in [
                                "Test", "Target", "First job", "Day", "Build", "Before", "After", "Change", "p", "Verdict",
                            ] { th scope="col" { (name) } }
                        } }
                        tbody { @for (index, series, change) in trend.changes() { (row(index, series, change)) } }
                    }
                }
            }
        }
    }
}

fn row(index: usize, series: &TrendSeries, change: &TrendChange) -> Markup {
    html! {
        tr {
            th scope="row" { a href={ "#series-" (index) } { (line(&series.test)) } }
            td { (line(&series.target)) }
            @if let Some(point) = series.points.get(change.index) {
                td { (line(&point.job)) }
                td { (day(Some(point))) }
                td { code { (line(&point.build)) } }
            } @else { td {} td {} td {} }
            td.num { (series.value(change.before)) }
            td.num { (series.value(change.after)) }
            td.num { (percent(change.change)) }
            td.num { (number(change.p)) }
            td { (tag(change)) }
        }
    }
}

fn tag(change: &TrendChange) -> Markup {
    html! { span class={ "tag " (change.verdict.class()) } { (change.verdict.word()) } }
}

fn section(index: usize, series: &TrendSeries) -> Markup {
    let heading = format!("series-{index}");
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) {
                (line(&series.test)) " on " (line(&series.target)) ": " (line(&series.metric))
                @if !series.unit.is_empty() { " " span.muted { (line(&series.unit)) } }
            }
            @if series.points.len() > 1 { (series.picture()) }
            details.more {
                summary { (count(series.points.len(), "job")) }
                .scroll tabindex="0" role="group" aria-label="Jobs" { (series.table()) }
            }
        }
    }
}

impl TrendSeries {
    fn value(&self, value: f64) -> String {
        format!("{} {}", number(value), line(&self.unit))
            .trim_end()
            .to_owned()
    }

    fn picture(&self) -> Markup {
        let points: Vec<(f64, f64)> = (0_u32..)
            .map(f64::from)
            .zip(self.points.iter().map(|point| point.value))
            .collect();
        let scale = Scale::of(&points, SIZE);
        let name = format!(
            "{} of {} on {}: {}, {}",
            line(&self.metric),
            line(&self.test),
            line(&self.target),
            count(points.len(), "job"),
            count(self.changes.len(), "change")
        );
        html! {
            figure {
                svg.plot viewBox={ "0 -12 " (SIZE.0) " " (SIZE.1 + 26.0) } role="img" aria-label=(name) {
                    path.line opacity="0.45" d=(scale.path(&points)) {}
                    @for level in self.levels() { (level_line(&scale, &level)) }
                    @for change in &self.changes { (change_line(&scale, change)) }
                    @if points.len() <= MAX_DOTS {
                        @for (place, point) in points.iter().zip(&self.points) { (self.dot(&scale, *place, point)) }
                    }
                    text x="0" y={ (place(SIZE.1 + 12.0)) } { (day(self.points.first())) }
                    text.end x=(SIZE.0) y={ (place(SIZE.1 + 12.0)) } { (day(self.points.last())) }
                }
                figcaption.muted {
                    "from " (self.value(scale.low)) " to " (self.value(scale.high)) "; a level is the median between changes"
                }
            }
        }
    }

    fn dot(&self, scale: &Scale, (x, y): (f64, f64), point: &TrendPoint) -> Markup {
        html! {
            circle.dot cx=(place(scale.x(x))) cy=(place(scale.y(y))) r="2.4" {
                title { (moment(point.t)) ", job " (line(&point.job)) ", build " (line(&point.build)) ": " (self.value(y)) }
            }
        }
    }

    /// The levels, each with its first and its last point.
    fn levels(&self) -> Vec<(usize, usize, f64)> {
        let Some(last) = self.points.len().checked_sub(1) else {
            return Vec::new();
        };
        let ends = self
            .changes
            .iter()
            .skip(1)
            .map(|change| change.index.saturating_sub(1));
        let first = self.changes.first();
        let before = first.map(|change| (0, change.index.saturating_sub(1), change.before));
        let after = self.changes.iter().zip(ends.chain([last]));
        let after = after.map(|(change, end)| (change.index, end, change.after));
        before.into_iter().chain(after).collect()
    }

    /// All values, for readers who cannot see the plot or look for a job.
    fn table(&self) -> Markup {
        let has_commits = self.points.iter().any(|point| !point.commit.is_empty());
        html! {
            table.data.whole {
                thead { tr {
                    th scope="col" { "Time" }
                    th scope="col" { "Job" }
                    th scope="col" { "Target" }
                    th scope="col" { "Build" }
                    @if has_commits { th scope="col" { "Commit" } }
                    th scope="col" { "Kernel" }
                    th.num scope="col" { "Median" }
                    th scope="col" { "Change" }
                } }
                tbody { @for (index, point) in self.points.iter().enumerate() {
                    tr {
                        td { (moment(point.t)) }
                        th scope="row" { (line(&point.job)) }
                        td { (line(&self.target)) }
                        td { code { (line(&point.build)) } }
                        @if has_commits { td { code { (line(&point.commit)) } } }
                        td { (line(&point.kernel)) }
                        td.num { (self.value(point.value)) }
                        td { @for change in self.changes.iter().filter(|change| change.index == index) {
                            (percent(change.change)) " " (tag(change))
                        } }
                    }
                } }
            }
        }
    }
}

/// The day of a point.
fn day(point: Option<&TrendPoint>) -> String {
    let time = point.map(|point| moment(point.t));
    time.unwrap_or_default().chars().take(10).collect()
}

fn level_line(scale: &Scale, (first, last, level): &(usize, usize, f64)) -> Markup {
    let y = place(scale.y(*level));
    let start = scale.x(*first as f64 - 0.5).max(0.0);
    let end = scale.x(*last as f64 + 0.5).min(SIZE.0);
    html! {
        line stroke="currentColor" stroke-width="1.6" x1=(place(start)) x2=(place(end)) y1=(y) y2=(y) {}
    }
}

/// The line between two levels, with the change above it.
fn change_line(scale: &Scale, change: &TrendChange) -> Markup {
    let x = scale.x(change.index as f64 - 0.5);
    html! {
        line.limit x1=(place(x)) x2=(place(x)) y1="0" y2=(SIZE.1) {}
        text class=[(x > SIZE.0 / 2.0).then_some("end")] x=(place(x)) y="-3" { (percent(change.change)) }
    }
}
