//! The plot of all samples, as one SVG: panels below each other that share the time axis.
//!
//! It contains no script and no references. Texts that are not ours are escaped in [`markup`].

mod bands;
mod markup;
mod panel;
mod scale;

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use super::Sampled;
use super::moment::Utc;
pub(super) use bands::Bands;
use markup::{STYLE, escaped};
pub(super) use panel::{Color, Panel};
pub(super) use scale::Unit;
use scale::{TimeAxis, shown_duration};

const WIDTH: f64 = 1200.0;
const LEFT: f64 = 92.0;
const RIGHT: f64 = 24.0;
/// From the top of the plot to the bands.
const HEADING_HEIGHT: f64 = 62.0;
const PROBLEM_HEIGHT: f64 = 18.0;
/// Between the bands and the first panel.
const BANDS_GAP: f64 = 8.0;
/// Below the last panel, for the labels of the time axis.
const AXIS_HEIGHT: f64 = 34.0;

/// The text above the panels.
#[derive(Debug)]
pub(super) struct Heading<'a> {
    pub(super) title: &'a str,
    pub(super) sampled: &'a Sampled,
    pub(super) interval: Duration,
    pub(super) started_at: SystemTime,
}

/// The vertical extent of the panels, and the length of the time axis.
#[derive(Clone, Copy, Debug)]
struct Frame {
    top: f64,
    bottom: f64,
    seconds: f64,
}

impl Frame {
    fn x(&self, seconds: f64) -> f64 {
        let share = (seconds / self.seconds).clamp(0.0, 1.0);
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }
}

/// Draws all panels.
pub(super) fn svg(heading: &Heading<'_>, panels: &[Panel], bands: &Bands<'_>) -> String {
    let problems_height = PROBLEM_HEIGHT * heading.sampled.problems.len() as f64;
    let bands_top = HEADING_HEIGHT + problems_height;
    let top = bands_top + bands.height() + BANDS_GAP;
    let heights: f64 = panels.iter().map(Panel::height).sum();
    let frame = Frame {
        top,
        bottom: top + heights,
        seconds: heading.sampled.elapsed.as_secs_f64().max(1e-3),
    };
    let mut svg = opening(heading, panels, frame.bottom + AXIS_HEIGHT);
    push_heading(&mut svg, heading);
    let axis = TimeAxis::new(frame.seconds);
    push_time_lines(&mut svg, &frame, &axis);
    bands.push(&mut svg, &frame, bands_top);
    let mut panel_top = frame.top;
    for panel in panels {
        panel.push(&mut svg, &frame, panel_top);
        panel_top += panel.height();
    }
    push_time_labels(&mut svg, &frame, &axis);
    svg.push_str("</svg>\n");
    svg
}

fn opening(heading: &Heading<'_>, panels: &[Panel], height: f64) -> String {
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"proc\" role=\"img\" aria-labelledby=\"proc-title proc-desc\" \
         width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\">\n\
         <title id=\"proc-title\">{}</title>\n<desc id=\"proc-desc\">{}.",
        escaped(heading.title),
        summary(heading),
    );
    for panel in panels {
        let _ = write!(text, " {}", escaped(&panel.in_words()));
    }
    let _ = write!(
        text,
        "</desc>\n<style>{STYLE}</style>\n<rect class=\"bg\" width=\"100%\" height=\"100%\"/>\n"
    );
    text
}

/// The number of samples, their interval and their cost.
fn summary(heading: &Heading<'_>) -> String {
    let sampled = heading.sampled;
    let missed = match sampled.missed {
        0 => String::new(),
        missed => format!(" ({missed} missed)"),
    };
    let seconds = sampled.elapsed.as_secs_f64().max(1e-3);
    format!(
        "{} samples{missed} in {}, one every {}, at the cost of {:.2} % of a processor",
        sampled.samples,
        shown_duration(sampled.elapsed),
        shown_duration(heading.interval),
        100.0 * sampled.cost.as_secs_f64() / seconds,
    )
}

fn push_heading(svg: &mut String, heading: &Heading<'_>) {
    let title = escaped(heading.title);
    let summary = summary(heading);
    let started_at = Utc(heading.started_at);
    let _ = write!(
        svg,
        "<text class=\"h\" x=\"{LEFT}\" y=\"30\">{title}</text>\n\
         <text class=\"m\" x=\"{LEFT}\" y=\"50\">{started_at} · {summary}</text>\n"
    );
    for (i, problem) in heading.sampled.problems.iter().enumerate() {
        let y = HEADING_HEIGHT + PROBLEM_HEIGHT * i as f64 + 6.0;
        let problem = escaped(problem);
        let _ = writeln!(
            svg,
            "<text class=\"m\" x=\"{LEFT}\" y=\"{y}\">{problem}</text>"
        );
    }
}

fn push_time_lines(svg: &mut String, frame: &Frame, axis: &TimeAxis) {
    let (top, bottom) = (frame.top, frame.bottom);
    for tick in axis.ticks() {
        let x = frame.x(tick);
        let _ = writeln!(
            svg,
            "<path class=\"g\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/>"
        );
    }
}

fn push_time_labels(svg: &mut String, frame: &Frame, axis: &TimeAxis) {
    let y = frame.bottom + 16.0;
    for tick in axis.ticks() {
        let x = frame.x(tick);
        let label = axis.label(tick);
        let _ = writeln!(
            svg,
            "<text class=\"t c\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>"
        );
    }
}

#[cfg(test)]
mod tests;
