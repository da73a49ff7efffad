//! Shows the report of the only target, as its suite shows it when run locally.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_report::{Format, Report, ShowOptions, Terminal};
use indicatif::ProgressBar;

use super::super::session::Update;
use super::{now_s, shown, spinner};
use crate::cli::Watch;
use crate::safe::safe;

/// The report while the job runs. A report for programs is made at the end, since it says how the job ended.
pub(in crate::run) struct One {
    dir: PathBuf,
    options: Option<ShowOptions>,
    terminal: Option<Terminal<io::Stdout>>,
    doing: Option<ProgressBar>,
    /// Whether writing to standard output has failed.
    has_failed: bool,
    /// The number of seconds by which the target's clock is ahead of this one.
    ahead_s: f64,
}

impl One {
    pub(super) fn new(dir: &Path, watch: &Watch) -> One {
        let (format, options) = shown(watch, true);
        let options = (format == Format::Terminal).then_some(options);
        One {
            dir: dir.to_owned(),
            options,
            terminal: options.map(|options| Terminal::new(io::stdout(), dir, options)),
            doing: None,
            has_failed: false,
            ahead_s: 0.0,
        }
    }

    pub(super) fn update(&mut self, update: &Update) {
        match update {
            Update::Doing(what) => {
                self.clear();
                self.doing = Some(spinner(what));
            }
            Update::Note(text) => {
                self.clear();
                let _ = writeln!(io::stderr(), "note: {}", safe(text));
            }
            Update::Record(record) => {
                self.end_doing();
                self.ahead_s = record.t - now_s();
                if let Some(terminal) = &mut self.terminal
                    && !self.has_failed
                {
                    self.has_failed = terminal.record(record).is_err();
                }
            }
            Update::Again => {
                self.clear();
                let options = self.options;
                self.terminal = options.map(|it| Terminal::new(io::stdout(), &self.dir, it));
            }
            Update::Life(_) => {}
        }
    }

    pub(super) fn tick(&mut self) {
        if let Some(terminal) = &mut self.terminal
            && terminal.wants_ticks()
        {
            self.has_failed |= terminal.tick(now_s() + self.ahead_s).is_err();
        }
    }

    pub(super) fn clear(&mut self) {
        self.end_doing();
        if let Some(terminal) = &mut self.terminal {
            self.has_failed |= terminal.erase_progress().is_err();
        }
    }

    fn end_doing(&mut self) {
        if let Some(doing) = self.doing.take() {
            doing.finish_and_clear();
        }
    }
}
