//! A plot of a metric: a line over iterations, and a dashed line for each limit.

use maud::{Markup, html};

use super::words::{count, line, number};
use crate::digest::Metric;

/// A metric over iterations.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) unit: String,
    /// The values, each with its iteration, in order.
    pub(super) points: Vec<(usize, f64)>,
    pub(super) limits: Vec<Limit>,
}

/// A limit of a constraint.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limit {
    /// The required relation of a value to it, such as `>`.
    pub(super) relation: &'static str,
    pub(super) value: f64,
}

/// The maximum number of points in a line; with more values, each point is the mean of several.
const MAX_POINTS: usize = 300;
/// The size of a plot and the space around it, in units of the picture.
const WIDTH: f64 = 280.0;
const HEIGHT: f64 = 90.0;
const SPACE: f64 = 8.0;

/// Maps values to places in the picture.
pub(super) struct Scale {
    /// The width and the height of the picture.
    size: (f64, f64),
    first: f64,
    last: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Limit {
    fn is_met(self, value: f64) -> bool {
        match self.relation {
            "<" => value < self.value,
            "<=" => value <= self.value,
            ">" => value > self.value,
            ">=" => value >= self.value,
            _ => value == self.value,
        }
    }
}

impl Series {
    /// The measurements of a metric in a run.
    pub(super) fn of(metric: &Metric<'_>, unit: Option<&str>) -> Series {
        let points = metric.points.iter();
        Series {
            name: metric.name.to_owned(),
            unit: unit.unwrap_or_default().to_owned(),
            points: points.map(|point| (point.at, point.value)).collect(),
            limits: Vec::new(),
        }
    }

    /// The value of an iteration; the last one if it has several.
    pub(super) fn at(&self, iteration: usize) -> Option<f64> {
        let mut points = self.points.iter().rev();
        points
            .find(|(index, _)| *index == iteration)
            .map(|(_, value)| *value)
    }

    fn values(&self) -> impl Iterator<Item = f64> {
        self.points.iter().map(|(_, value)| *value)
    }

    /// The plot with its numbers.
    pub(super) fn figure(&self) -> Markup {
        let name = line(&self.name);
        let unit = line(&self.unit);
        let (low, high) = (min(self.values()), max(self.values()));
        let mean = self.values().sum::<f64>() / self.points.len().max(1) as f64;
        html! {
            figure {
                figcaption { b { (name) } " " span.muted { (unit) } }
                @if self.points.len() > 1 {
                    (self.picture(&name))
                    p.muted {
                        "mean " (number(mean)) ", from " (number(low)) " to " (number(high))
                        ", " (count(self.points.len(), "value"))
                    }
                } @else {
                    p.value { (number(mean)) " " span.muted { (unit) } }
                }
                (self.limit_words())
            }
        }
    }

    fn limit_words(&self) -> Markup {
        html! {
            @for limit in &self.limits {
                @let unmet = self.values().filter(|value| !limit.is_met(*value)).count();
                p.limit {
                    "must be " (limit.relation) " " (number(limit.value)) ": "
                    @if unmet == 0 { span.pass { "met" } } @else {
                        span.fail { "not met by " (count(unmet, "value")) }
                    }
                }
            }
        }
    }

    fn picture(&self, name: &str) -> Markup {
        let points = thinned(&self.points);
        let scale = self.scale(&points);
        let text = format!("{name} over {} values", self.points.len());
        html! {
            svg.plot viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(text) {
                @for limit in self.visible_limits(&scale) { (scale.limit(limit)) }
                path.line d=(scale.path(&points)) {}
                @if points.len() <= 40 { @for (x, y) in &points {
                    circle class=(self.class_of(*y)) cx=(place(scale.x(*x))) cy=(place(scale.y(*y))) r="2.2" {}
                } }
            }
        }
    }

    fn class_of(&self, value: f64) -> &'static str {
        match self.limits.iter().all(|limit| limit.is_met(value)) {
            true => "dot",
            false => "dot bad",
        }
    }

    /// A limit that is far from all values would leave no room for them.
    fn visible_limits(&self, scale: &Scale) -> impl Iterator<Item = &Limit> {
        let (low, high) = (scale.low, scale.high);
        let limits = self.limits.iter();
        limits.filter(move |limit| (low..=high).contains(&limit.value))
    }

    fn scale(&self, points: &[(f64, f64)]) -> Scale {
        let values = || points.iter().map(|(_, value)| *value);
        let (low, high) = (min(values()), max(values()));
        let range = (high - low).max(high.abs() * 1e-3).max(f64::MIN_POSITIVE);
        let near =
            |limit: &&Limit| limit.value >= low - 3.0 * range && limit.value <= high + 3.0 * range;
        let limits = || self.limits.iter().filter(near).map(|limit| limit.value);
        Scale {
            low: min(values().chain(limits())),
            high: max(values().chain(limits())),
            ..Scale::of(points, (WIDTH, HEIGHT))
        }
    }
}

impl Scale {
    /// The scale of points, which are in order, in a picture of this size.
    pub(super) fn of(points: &[(f64, f64)], size: (f64, f64)) -> Scale {
        let values = || points.iter().map(|(_, value)| *value);
        Scale {
            size,
            first: points.first().map_or(0.0, |(x, _)| *x),
            last: points.last().map_or(1.0, |(x, _)| *x),
            low: min(values()),
            high: max(values()),
        }
    }

    pub(super) fn x(&self, x: f64) -> f64 {
        let span = (self.last - self.first).max(1.0);
        SPACE + (x - self.first) / span * (self.size.0 - 2.0 * SPACE)
    }

    /// Computes with halves, since the difference of two large numbers may be infinite.
    pub(super) fn y(&self, y: f64) -> f64 {
        let span = self.high / 2.0 - self.low / 2.0;
        let part = match span > 0.0 {
            true => (y / 2.0 - self.low / 2.0) / span,
            false => 0.5,
        };
        self.size.1 - SPACE - part * (self.size.1 - 2.0 * SPACE)
    }

    pub(super) fn path(&self, points: &[(f64, f64)]) -> String {
        let places = points
            .iter()
            .map(|(x, y)| format!("{} {}", place(self.x(*x)), place(self.y(*y))));
        format!("M{}", places.collect::<Vec<_>>().join("L"))
    }

    /// The line, with its value above it, or below it at the top.
    fn limit(&self, limit: &Limit) -> Markup {
        let y = self.y(limit.value);
        let text_y = if y < 16.0 { y + 11.0 } else { y - 3.0 };
        html! {
            line.limit x1="0" x2=(WIDTH) y1=(place(y)) y2=(place(y)) {}
            text.end x=(WIDTH) y=(place(text_y)) { (limit.relation) " " (number(limit.value)) }
        }
    }
}

/// At most [`MAX_POINTS`] points, each the mean of its neighbours.
fn thinned(points: &[(usize, f64)]) -> Vec<(f64, f64)> {
    let step = points.len().div_ceil(MAX_POINTS).max(1);
    let mean = |chunk: &[(usize, f64)]| {
        let length = chunk.len() as f64;
        let x = chunk.iter().map(|(x, _)| *x as f64).sum::<f64>() / length;
        (x, chunk.iter().map(|(_, y)| y / length).sum::<f64>())
    };
    points.chunks(step).map(mean).collect()
}

fn min(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::INFINITY, f64::min)
}

fn max(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(f64::NEG_INFINITY, f64::max)
}

/// A coordinate in a picture, with no more digits than needed.
pub(super) fn place(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}
