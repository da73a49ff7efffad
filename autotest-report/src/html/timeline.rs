//! When each test ran, by target and slot. The journal has no slots: tests that ran at the same time are in
//! different lanes.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::entries::{Entries, Entry};
use super::plot::place;
use super::verdict::Shown;
use super::words::{line, seconds};

/// The maximum number of passed tests with a bar of their own: the longest. The others share one shape.
const MAX_BARS: usize = 400;
/// The maximum number of lanes of a target.
const MAX_LANES: usize = 64;
/// The maximum number of targets drawn.
const MAX_TARGETS: usize = 100;
/// The size of the picture, in its units.
const WIDTH: f64 = 1000.0;
const LANE: f64 = 14.0;
/// The preferred distances between ticks of the axis, in seconds.
const STEPS: [f64; 18] = [
    0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0,
    21600.0, 86400.0, 604_800.0,
];

/// Maps times to places in the picture.
#[derive(Clone, Copy, Debug)]
struct Span {
    start_t: f64,
    whole_s: f64,
}

/// A test in its lane.
struct Bar<'a> {
    row: usize,
    entry: &'a Entry<'a>,
    lane: usize,
}

pub(super) fn section(entries: &Entries<'_>) -> Markup {
    let span = Span::of(entries);
    let targets = targets(entries, span.whole_s / 400.0);
    let left_out = targets.len().saturating_sub(MAX_TARGETS);
    html! {
        @if is_shown(entries) {
            section aria-labelledby="timeline" {
                h2 id="timeline" tabindex="-1" { "Time line" }
                .scroll tabindex="0" role="group" aria-labelledby="timeline" {
                    @for (target, bars) in targets.iter().take(MAX_TARGETS) {
                        figure.gantt {
                            @if targets.len() > 1 { figcaption { (line(target)) } }
                            (lanes(target, bars, span))
                        }
                    }
                }
                @if left_out > 0 { p.muted { "and " (left_out) " more targets" } }
            }
        }
    }
}

/// Whether the timeline is shown: a single test has no order.
pub(super) fn is_shown(entries: &Entries<'_>) -> bool {
    entries.tests().count() > 1 && Span::of(entries).whole_s > 0.0
}

impl Span {
    fn of(entries: &Entries<'_>) -> Span {
        let runs = || entries.tests().map(|(_, entry)| entry.run);
        let start_t = runs()
            .map(|run| run.started_t)
            .fold(f64::INFINITY, f64::min);
        let end_t = runs()
            .map(|run| run.started_t + run.elapsed_s)
            .fold(0.0, f64::max);
        let whole_s = end_t - start_t;
        Span {
            start_t,
            whole_s: if whole_s.is_finite() { whole_s } else { 0.0 },
        }
    }

    fn x(self, t: f64) -> f64 {
        ((t - self.start_t) / self.whole_s * WIDTH).clamp(0.0, WIDTH)
    }

    /// The times with a tick, in seconds since the beginning.
    fn ticks(self) -> impl Iterator<Item = f64> {
        let fits = |step: &&f64| self.whole_s / **step <= 8.0;
        let step = STEPS
            .iter()
            .find(fits)
            .copied()
            .unwrap_or(self.whole_s / 4.0);
        (0..=8)
            .map(move |tick| f64::from(tick) * step)
            .take_while(move |at| *at <= self.whole_s)
    }
}

/// The tests of each target, in lanes.
fn targets<'a>(entries: &'a Entries<'a>, slack_s: f64) -> BTreeMap<&'a str, Vec<Bar<'a>>> {
    let mut targets: BTreeMap<&str, Vec<Bar<'_>>> = BTreeMap::new();
    for (row, entry) in entries.tests() {
        let bars = targets.entry(&entry.job.digest.job.hostname).or_default();
        bars.push(Bar {
            row,
            entry,
            lane: 0,
        });
    }
    for bars in targets.values_mut() {
        bars.sort_by(|a, b| a.entry.run.started_t.total_cmp(&b.entry.run.started_t));
        assign_lanes(bars, slack_s);
    }
    targets
}

/// Gives each test the first lane that is free when it begins. The end of a run is recorded a little later than the
/// beginning of the next one, so an overlap too short to be seen does not count.
fn assign_lanes(bars: &mut [Bar<'_>], slack_s: f64) {
    let mut ends: Vec<f64> = Vec::new();
    for bar in bars {
        let run = bar.entry.run;
        let free = ends.iter().position(|end| *end <= run.started_t + slack_s);
        bar.lane = free.unwrap_or(ends.len()).min(MAX_LANES - 1);
        if bar.lane == ends.len() {
            ends.push(0.0);
        }
        ends[bar.lane] = run.started_t + run.elapsed_s;
    }
}

fn lanes(target: &str, bars: &[Bar<'_>], span: Span) -> Markup {
    let count = bars.iter().map(|bar| bar.lane + 1).max().unwrap_or(0);
    let height = count as f64 * LANE + 18.0;
    let (own, shared) = split(bars);
    let name = format!("When each test ran on {}", line(target));
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (height) } role="img" aria-label=(name) {
            @for at in span.ticks() {
                @let x = place(span.x(span.start_t + at));
                path.grid d={ "M" (x) " 0V" (place(height - 14.0)) } {}
                @let class = (span.x(span.start_t + at) > WIDTH - 50.0).then_some("end");
                text class=[class] x=(x) y=(place(height - 3.0)) { (if at == 0.0 { "0".to_owned() } else { seconds(at) }) }
            }
            @if !shared.is_empty() { path.pass d=(shape(&shared, span)) {} }
            @for bar in own { (bar.shown(span)) }
        }
    }
}

/// The bars that are drawn alone, and those that share a shape: tests that passed, if there are too many.
fn split<'b, 'a>(bars: &'b [Bar<'a>]) -> (Vec<&'b Bar<'a>>, Vec<&'b Bar<'a>>) {
    let passed = |bar: &&Bar<'_>| bar.entry.shown == Shown::Pass;
    let (mut passed, mut own): (Vec<_>, Vec<_>) = bars.iter().partition(passed);
    passed.sort_by(|a, b| b.entry.run.elapsed_s.total_cmp(&a.entry.run.elapsed_s));
    let shared = passed.split_off(passed.len().min(MAX_BARS));
    own.extend(passed);
    (own, shared)
}

fn shape(bars: &[&Bar<'_>], span: Span) -> String {
    let shape = bars.iter().map(|bar| {
        let (x, width) = bar.extent(span);
        format!(
            "M{} {}h{}v10h-{}z",
            place(x),
            bar.y(),
            place(width),
            place(width)
        )
    });
    shape.collect()
}

impl Bar<'_> {
    fn y(&self) -> String {
        place(self.lane as f64 * LANE + 1.0)
    }

    fn extent(&self, span: Span) -> (f64, f64) {
        let run = self.entry.run;
        let x = span.x(run.started_t);
        let width = span.x(run.started_t + run.elapsed_s) - x;
        (x.min(WIDTH - 1.5), width.max(1.5))
    }

    fn shown(&self, span: Span) -> Markup {
        let (x, width) = self.extent(span);
        let run = self.entry.run;
        let word = self.entry.shown.word();
        html! {
            rect class=(word) data-t=(self.row) x=(place(x)) y=(self.y()) width=(place(width)) height="10" {
                title { (line(&run.name)) ", " (word) ", " (seconds(run.elapsed_s)) }
            }
        }
    }
}
