//! Bands above the panels that show phases, iterations and other periods, with a vertical line where each begins.

use std::borrow::Cow;
use std::fmt::Write;
use std::time::Duration;

use super::Frame;
use super::markup::escaped;
use crate::proc_samples::Band;

const ROW_HEIGHT: f64 = 20.0;
const MAX_ROWS: usize = 6;

/// A row with more bands is shown as a single band.
const MAX_IN_ROW: usize = 300;

/// Rows with more bands have no lines through the panels.
const MAX_LINES: usize = 40;

/// The approximate width of a character.
const CHAR_WIDTH: f64 = 6.4;

/// Bands, grouped into rows.
#[derive(Debug)]
pub(in crate::proc_samples) struct Bands<'a> {
    rows: Vec<Vec<Shown<'a>>>,
}

#[derive(Debug)]
struct Shown<'a> {
    label: Cow<'a, str>,
    /// In seconds since the first sample.
    from: f64,
    to: f64,
}

impl<'a> Bands<'a> {
    /// `start` is the beginning of the plot on the clock of the bands; `elapsed` is the length of the plot.
    pub(in crate::proc_samples) fn new(
        bands: &'a [Band],
        start: Duration,
        elapsed: Duration,
    ) -> Bands<'a> {
        let seconds = |at: Duration| at.as_secs_f64() - start.as_secs_f64();
        let mut rows: Vec<Vec<_>> = Vec::new();
        for band in bands {
            let row = band.row.min(MAX_ROWS - 1);
            rows.resize_with(rows.len().max(row + 1), Vec::new);
            rows[row].push(Shown {
                label: Cow::Borrowed(&band.label),
                from: seconds(band.from),
                to: seconds(band.to.unwrap_or(start + elapsed)),
            });
        }
        rows.iter_mut().for_each(join_if_many);
        Bands { rows }
    }

    pub(super) fn height(&self) -> f64 {
        ROW_HEIGHT * self.rows.len() as f64
    }

    pub(super) fn push(&self, svg: &mut String, frame: &Frame, top: f64) {
        for (i, row) in self.rows.iter().enumerate() {
            let row_top = top + ROW_HEIGHT * i as f64;
            let seen = row
                .iter()
                .filter(|band| band.to >= 0.0 && band.from <= frame.seconds);
            for (i, band) in seen.enumerate() {
                band.push(svg, frame, row_top, i % 2);
                if row.len() <= MAX_LINES && band.from > 0.0 {
                    let (x, bottom) = (frame.x(band.from), frame.bottom);
                    let _ = writeln!(
                        svg,
                        "<path class=\"v\" d=\"M{x:.1} {row_top:.1}V{bottom:.1}\"/>"
                    );
                }
            }
        }
    }
}

/// Replaces the bands of a row by one band if there are too many to tell apart.
fn join_if_many(row: &mut Vec<Shown<'_>>) {
    if row.len() <= MAX_IN_ROW {
        return;
    }
    let (first, last) = (&row[0], &row[row.len() - 1]);
    let label = format!("{} to {} ({})", first.label, last.label, row.len());
    let (from, to) = (first.from, last.to);
    *row = vec![Shown {
        label: Cow::Owned(label),
        from,
        to,
    }];
}

impl Shown<'_> {
    fn push(&self, svg: &mut String, frame: &Frame, top: f64, tint: usize) {
        let (left, right) = (frame.x(self.from), frame.x(self.to));
        let width = (right - left).max(1.0);
        let height = ROW_HEIGHT - 2.0;
        let whole = escaped(&self.label);
        let _ = write!(
            svg,
            "<g><title>{whole}</title><rect class=\"b{tint}\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
             height=\"{height}\" rx=\"2\"/>"
        );
        if let Some(label) = fitting(&self.label, width - 8.0) {
            let (x, y) = (left + 4.0, top + 13.0);
            let label = escaped(&label);
            let _ = write!(
                svg,
                "<text class=\"t\" x=\"{x:.1}\" y=\"{y:.1}\">{label}</text>"
            );
        }
        svg.push_str("</g>\n");
    }
}

/// The part of a label that fits into `width`; `None` if hardly any of it does.
fn fitting(label: &str, width: f64) -> Option<String> {
    let room = (width / CHAR_WIDTH).floor().max(0.0) as usize;
    match label.chars().count() {
        length if length <= room => Some(label.to_owned()),
        _ if room < 4 => None,
        _ => Some(label.chars().take(room - 1).chain(['…']).collect()),
    }
}
