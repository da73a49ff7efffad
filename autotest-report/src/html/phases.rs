//! The phases of a run on a timeline, with the ends of its iterations.

use maud::{Markup, html};

use super::plot::place;
use super::run_files::Size;
use super::words::{count, seconds};
use crate::digest::RunDigest;

/// The maximum number of iterations whose ends are drawn.
const MAX_MARKS: usize = 200;
/// The width of the timeline, in units of the picture.
const WIDTH: f64 = 1000.0;

/// A part of a run.
#[derive(Debug, PartialEq)]
struct Part {
    name: &'static str,
    /// Since the run began, in seconds.
    start_s: f64,
    end_s: f64,
}

/// A bar with a part for each phase, and the phases as a list. A test that passed without iterations gets only words,
/// since a page has many of those.
pub(super) fn section(run: &RunDigest, size: Size) -> Markup {
    let parts = parts(run);
    let whole_s = whole_s(run, &parts);
    let is_plain = size == Size::Short && run.iterations.len() <= 1 && run.progress.len() <= 1;
    html! {
        @if parts.is_empty() {
        } @else if is_plain || whole_s <= 0.0 {
            p.facts { @for (index, part) in parts.iter().enumerate() {
                @if index > 0 { " · " }
                (part.words())
            } }
        } @else {
            section {
                h3 { "Phases" }
                svg.phases viewBox="0 0 1000 9" preserveAspectRatio="none" aria-hidden="true" {
                    @for part in &parts {
                        rect x=(x(part.start_s, whole_s)) width=(part.width(whole_s)) {}
                    }
                    (iterations(&marks(run), whole_s))
                }
                ol.phases {
                    @for part in &parts { li { (part.words()) } }
                    (count_of_iterations(run))
                }
            }
        }
    }
}

/// Each phase lasts until the next one begins.
fn parts(run: &RunDigest) -> Vec<Part> {
    let since = |t: f64| (t - run.started_t).max(0.0);
    let ends = run.phases.iter().skip(1).map(|phase| since(phase.t));
    let ends = ends.chain([run.elapsed_s]);
    let parts = run.phases.iter().zip(ends).map(|(phase, end_s)| {
        let start_s = since(phase.t);
        Part {
            name: phase.value.name(),
            start_s,
            end_s: end_s.max(start_s),
        }
    });
    parts.collect()
}

fn whole_s(run: &RunDigest, parts: &[Part]) -> f64 {
    let last = parts.last().map_or(0.0, |part| part.end_s);
    let whole_s = run.elapsed_s.max(last);
    if whole_s.is_finite() { whole_s } else { 0.0 }
}

/// When iterations ended, in seconds since the run began, taken from their keyvals or progress.
fn marks(run: &RunDigest) -> Vec<f64> {
    let keyvals = run.iterations.iter().map(|iteration| iteration.t);
    let progress = run.progress.iter().map(|progress| progress.t);
    let mut marks: Vec<f64> = match run.iterations.len() >= run.progress.len() {
        true => keyvals.collect(),
        false => progress.collect(),
    };
    for mark in &mut marks {
        *mark -= run.started_t;
    }
    marks
}

fn iterations(marks: &[f64], whole_s: f64) -> Markup {
    let step = marks.len().div_ceil(MAX_MARKS).max(1);
    let drawn = marks.iter().step_by(step);
    let ticks: String = drawn
        .map(|mark| format!("M{} 0v9", x(*mark, whole_s)))
        .collect();
    html! { @if !ticks.is_empty() { path.tick d=(ticks) {} } }
}

fn count_of_iterations(run: &RunDigest) -> Markup {
    let last = run.progress.last().map_or(0, |progress| progress.value);
    let iterations = run.iterations.len().max(usize::try_from(last).unwrap_or(0));
    html! { @if iterations > 0 { li.all { (count(iterations, "iteration")) } } }
}

impl Part {
    fn words(&self) -> String {
        format!("{} {}", self.name, seconds(self.end_s - self.start_s))
    }

    fn width(&self, whole_s: f64) -> String {
        place(((self.end_s - self.start_s) / whole_s * WIDTH).max(3.0))
    }
}

fn x(at_s: f64, whole_s: f64) -> String {
    place((at_s / whole_s * WIDTH).clamp(0.0, WIDTH - 3.0))
}
