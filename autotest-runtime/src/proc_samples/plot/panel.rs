//! A panel of the plot: stacked layers, or lines, over time.

use std::fmt::Write;

use super::markup::escaped;
use super::scale::{Axis, Unit};
use super::{Frame, LEFT, RIGHT, WIDTH};
use crate::proc_samples::series::{Point, Series};

/// From the top of a panel to its plot area.
const TITLE_HEIGHT: f64 = 28.0;
const PLOT_HEIGHT: f64 = 92.0;
/// Below the plot area.
const GAP: f64 = 8.0;

/// A colour, named after a variable of the style sheet.
#[derive(Clone, Copy, Debug)]
pub(in crate::proc_samples) enum Color {
    Blue,
    Sky,
    Orange,
    Green,
    Purple,
    Red,
}

impl Color {
    fn name(self) -> &'static str {
        match self {
            Color::Blue => "blue",
            Color::Sky => "sky",
            Color::Orange => "orange",
            Color::Green => "green",
            Color::Purple => "purple",
            Color::Red => "red",
        }
    }
}

/// A line, or the upper edge of a layer.
#[derive(Debug)]
struct Curve {
    name: &'static str,
    color: Color,
    /// The greatest value; for a layer, without the layers below.
    max: f64,
    /// Pairs of seconds and value; for a layer, the value includes the layers below.
    points: Vec<(f64, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Layers,
    Lines,
}

#[derive(Debug)]
pub(in crate::proc_samples) struct Panel {
    title: String,
    kind: Kind,
    unit: Unit,
    curves: Vec<Curve>,
    /// The end of the axis, if fixed; otherwise it is chosen from the largest value.
    end: Option<f64>,
}

impl Panel {
    /// Stacked layers, from the bottom. `None` without samples.
    pub(in crate::proc_samples) fn stacked<const N: usize>(
        title: &str,
        unit: Unit,
        layers: &[(&'static str, Color); N],
        series: &Series<N>,
    ) -> Option<Panel> {
        let samples = series.points();
        let curve = |i: usize| {
            let (name, color) = layers[i];
            let upper = |point: &Point<N>| f64::from(point.values[..=i].iter().sum::<f32>());
            let points = samples
                .iter()
                .map(|point| (f64::from(point.at), upper(point)));
            Curve {
                name,
                color,
                max: max(samples.iter().map(|point| point.values[i])),
                points: points.collect(),
            }
        };
        // Omit layers that are always zero, but keep at least one.
        let shows = |curve: &Curve| curve.max > 0.0;
        let mut curves: Vec<_> = (0..N).map(curve).collect();
        let any = curves.iter().position(shows).unwrap_or(0);
        let mut place = 0..;
        curves.retain(|curve| place.next() == Some(any) || shows(curve));
        Panel::new(title, Kind::Layers, unit, curves)
    }

    /// Lines, some of which may lack samples. `None` if all do.
    pub(in crate::proc_samples) fn lines<const N: usize>(
        title: &str,
        unit: Unit,
        lines: &[(&'static str, Color); N],
        series: &[Series<1>; N],
    ) -> Option<Panel> {
        let curve = |((name, color), series): (&(&'static str, Color), &Series<1>)| {
            let samples = series.points();
            let values = samples.iter().map(|point| point.values[0]);
            let max = max(values.clone());
            let times = samples.iter().map(|point| f64::from(point.at));
            Curve {
                name,
                color: *color,
                max,
                points: times.zip(values.map(f64::from)).collect(),
            }
        };
        let curves = lines.iter().zip(series).map(curve).collect();
        Panel::new(title, Kind::Lines, unit, curves)
    }

    fn new(title: &str, kind: Kind, unit: Unit, mut curves: Vec<Curve>) -> Option<Panel> {
        curves.retain(|curve| !curve.points.is_empty());
        (!curves.is_empty()).then(|| Panel {
            title: title.to_owned(),
            kind,
            unit,
            curves,
            end: None,
        })
    }

    /// Fixes the end of the axis.
    pub(in crate::proc_samples) fn up_to(mut self, end: f64) -> Panel {
        self.end = Some(end);
        self
    }

    pub(super) fn height(&self) -> f64 {
        TITLE_HEIGHT + PLOT_HEIGHT + GAP
    }

    /// A description of the panel for screen readers.
    pub(super) fn in_words(&self) -> String {
        let curves = self.curves.iter();
        let curves: Vec<_> = curves.map(|curve| self.legend(curve)).collect();
        format!("{}: {}.", self.title, curves.join("; "))
    }

    fn legend(&self, curve: &Curve) -> String {
        format!("{}, max. {}", curve.name, self.unit.shown(curve.max))
    }

    pub(super) fn push(&self, svg: &mut String, frame: &Frame, top: f64) {
        let largest = self.curves.iter().flat_map(|curve| &curve.points);
        let largest = largest.fold(0.0, |largest: f64, (_, value)| largest.max(*value));
        let axis = Axis::new(self.unit, self.end.unwrap_or(largest));
        let bottom = top + TITLE_HEIGHT + PLOT_HEIGHT;
        let y = |value: f64| bottom - (value / axis.end).clamp(0.0, 1.0) * PLOT_HEIGHT;
        self.push_title(svg, top + TITLE_HEIGHT - 9.0);
        push_axis(svg, &axis, y);
        // Layers are drawn from the top, so that each covers the lower part of the one above it.
        for curve in self.curves.iter().rev() {
            let path = path(curve, frame, y);
            let (name, color) = (curve.name, curve.color.name());
            let _ = match self.kind {
                Kind::Layers => write!(
                    svg,
                    "<path fill=\"var(--{color})\" d=\"M{LEFT} {bottom:.1}{}V{bottom:.1}Z\">",
                    path.replacen('M', "L", 1)
                ),
                Kind::Lines => write!(
                    svg,
                    "<path class=\"l\" stroke=\"var(--{color})\" d=\"{path}\">"
                ),
            };
            let _ = writeln!(svg, "<title>{name}</title></path>");
        }
        let right = WIDTH - RIGHT;
        let _ = writeln!(svg, "<path class=\"x\" d=\"M{LEFT} {bottom:.1}H{right}\"/>");
    }

    /// Writes the title at the left and the legend at the right.
    fn push_title(&self, svg: &mut String, y: f64) {
        let title = escaped(&self.title);
        let _ = writeln!(
            svg,
            "<text class=\"p\" x=\"{LEFT}\" y=\"{y:.1}\">{title}</text>"
        );
        let right = WIDTH - RIGHT;
        let _ = write!(svg, "<text class=\"t e\" x=\"{right}\" y=\"{y:.1}\">");
        for (i, curve) in self.curves.iter().enumerate() {
            let (space, color) = (if i == 0 { 0 } else { 14 }, curve.color.name());
            let legend = self.legend(curve);
            // The colour key is a character, so that it is placed correctly however wide the text is rendered.
            let _ = write!(
                svg,
                "<tspan dx=\"{space}\" fill=\"var(--{color})\">■</tspan><tspan dx=\"4\">{legend}</tspan>"
            );
        }
        svg.push_str("</text>\n");
    }
}

fn push_axis(svg: &mut String, axis: &Axis, y: impl Fn(f64) -> f64) {
    let (label_x, right) = (LEFT - 8.0, WIDTH - RIGHT);
    for (value, label) in axis.ticks() {
        let (line, text) = (y(value), y(value) + 4.0);
        let _ = writeln!(
            svg,
            "<path class=\"g\" d=\"M{LEFT} {line:.1}H{right}\"/>\
             <text class=\"t e\" x=\"{label_x}\" y=\"{text:.1}\">{label}</text>"
        );
    }
}

/// The path of a curve. Each value holds for the interval before it, so the path begins at the left edge.
fn path(curve: &Curve, frame: &Frame, y: impl Fn(f64) -> f64) -> String {
    let mut path = String::with_capacity(12 * curve.points.len());
    let first = curve.points.first().map(|(_, value)| (0.0, *value));
    for (i, (at, value)) in first.iter().chain(&curve.points).enumerate() {
        let command = if i == 0 { 'M' } else { 'L' };
        let _ = write!(path, "{command}{:.1} {:.1}", frame.x(*at), y(*value));
    }
    path
}

fn max(values: impl Iterator<Item = f32>) -> f64 {
    f64::from(values.fold(0.0, f32::max))
}
