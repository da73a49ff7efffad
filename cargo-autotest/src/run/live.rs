//! Shows a run in progress.

mod many;
mod one;

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_report::{Format, ShowOptions};
use indicatif::{ProgressBar, ProgressStyle};

use super::session::Update;
use crate::cli::Watch;
use crate::report;
use many::Many;
use one::One;

/// The interval at which spinners are drawn.
const TICK: Duration = Duration::from_millis(100);

/// The display of a run in progress.
pub(super) enum Live {
    /// The report of the only target.
    One(Box<One>),
    /// A line a target.
    Many(Many),
}

impl Live {
    /// The display for targets with these names; `dir` has the results.
    pub(super) fn new(names: &[String], dir: &Path, watch: &Watch) -> Live {
        match names {
            [_] => Live::One(Box::new(One::new(dir, watch))),
            names => Live::Many(Many::new(names)),
        }
    }

    /// Shows an update from the session of the job with this index.
    pub(super) fn update(&mut self, index: usize, update: &Update) {
        match self {
            Live::One(one) => one.update(update),
            Live::Many(many) => many.update(index, update),
        }
    }

    /// Adds jobs on targets with these names.
    pub(super) fn add(&mut self, names: &[String]) {
        if let Live::Many(many) = self {
            many.add(names);
        }
    }

    /// Shows the elapsed time.
    pub(super) fn tick(&mut self) {
        if let Live::One(one) = self {
            one.tick();
        }
    }

    /// Makes room for something else on the terminal, until [`show_again`](Live::show_again).
    pub(super) fn clear(&mut self) {
        match self {
            Live::One(one) => one.clear(),
            Live::Many(many) => many.clear(),
        }
    }

    /// Shows the progress again.
    pub(super) fn show_again(&mut self) {
        if let Live::Many(many) = self {
            many.show_again();
        }
    }
}

/// The format that the user chose, and the options with which the report is shown.
pub(super) fn shown(watch: &Watch, is_live: bool) -> (Format, ShowOptions) {
    let (format, shown) = report::report_of(&watch.format, watch.show_output, watch.color);
    let live = is_live && io::stdout().is_terminal();
    (format, ShowOptions { live, ..shown })
}

/// A spinner with a text, on a terminal.
fn spinner(text: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(text.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(TICK);
    bar
}

/// The time, in seconds since 1970.
fn now_s() -> f64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// The last line of a report, which names the directory of the results.
pub(super) fn results_line(dir: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    let shown: PathBuf = dir
        .strip_prefix(here)
        .map_or(dir.to_owned(), Path::to_owned);
    format!("\nresults: {}\n", shown.display())
}
