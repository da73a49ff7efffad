//! Shows a line for each target, and one for each test that fails. The report at the end has everything else.

use autotest_core::status::Status;
use autotest_core::{Event, SmallMap};
use autotest_report::Record;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::super::session::Update;
use super::TICK;
use crate::safe::safe;

/// The state of all targets.
pub(in crate::run) struct Many {
    bars: MultiProgress,
    targets: Vec<OneOfMany>,
    /// The length of the longest name.
    width: usize,
}

struct OneOfMany {
    name: String,
    bar: ProgressBar,
    /// The names of the top-level tests in progress, by the number of their run.
    running: SmallMap<u32, String>,
    planned: usize,
    done: usize,
    failed: usize,
}

impl Many {
    pub(super) fn new(names: &[String]) -> Many {
        let bars = MultiProgress::new();
        let width = names.iter().map(String::len).max().unwrap_or(0);
        let mut many = Many {
            targets: Vec::new(),
            bars,
            width,
        };
        many.add(names);
        many
    }

    pub(super) fn add(&mut self, names: &[String]) {
        for name in names {
            let bar = bar(&self.bars, name, self.width);
            self.targets.push(OneOfMany {
                name: name.clone(),
                bar,
                running: SmallMap::new(),
                planned: 0,
                done: 0,
                failed: 0,
            });
        }
    }

    pub(super) fn update(&mut self, index: usize, update: &Update) {
        let width = self.width;
        let Some(target) = self.targets.get_mut(index) else {
            return;
        };
        let line = match update {
            Update::Doing(what) => {
                target.bar.set_message(what.clone());
                None
            }
            Update::Note(text) => Some(format!("note: {}", safe(text))),
            Update::Record(record) => target.record(record),
            Update::Again => {
                (target.done, target.failed) = (0, 0);
                target.running = SmallMap::new();
                None
            }
            Update::Life(_) => None,
        };
        if let Some(line) = line {
            let line = format!("{:width$}  {line}", target.name);
            // Without a terminal, `println` shows nothing.
            match self.bars.is_hidden() {
                true => eprintln!("{line}"),
                false => {
                    let _ = self.bars.println(line);
                }
            }
        }
    }

    pub(super) fn clear(&mut self) {
        let _ = self.bars.clear();
        self.bars.set_draw_target(ProgressDrawTarget::hidden());
    }

    pub(super) fn show_again(&mut self) {
        self.bars.set_draw_target(ProgressDrawTarget::stderr());
    }
}

impl OneOfMany {
    /// Updates the counts. Returns a line to print, if the record is worth one.
    fn record(&mut self, record: &Record) -> Option<String> {
        let mut line = None;
        match &record.event {
            Event::JobStart(job) => self.planned = job.plan.len(),
            Event::TestStart(start) if start.parent.is_none() => {
                self.running.insert(record.run, safe(&start.test));
            }
            Event::TestEnd { status, .. } => {
                if let Some(name) = self.running.remove(&record.run) {
                    self.done += 1;
                    let is_failed = matches!(status, Status::Fail | Status::Error | Status::Abort);
                    self.failed += usize::from(is_failed);
                    line = is_failed.then(|| format!("test {name} ... FAILED"));
                }
            }
            _ => {}
        }
        self.bar.set_message(self.message());
        line
    }

    fn message(&self) -> String {
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {failed} failed"),
        };
        let running: Vec<&str> = self.running.values().map(String::as_str).collect();
        format!(
            "{}/{} done{failed}  {}",
            self.done,
            self.planned,
            running.join(", ")
        )
    }
}

fn bar(bars: &MultiProgress, name: &str, width: usize) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    let style = ProgressStyle::with_template("{prefix} {spinner} {wide_msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.set_prefix(format!("{name:width$}"));
    bar.enable_steady_tick(TICK);
    bar
}
