//! The terminal report: a line for each test, the failures again at the end, and a summary line. Where libtest has the
//! same lines, they are identical, since tools read them.
//!
//! On a terminal, a progress line at the end shows the running tests. It is not part of the report, and is
//! erased before anything else is written. Of a passed test, only the data for the summary is kept.

mod ended;
mod live;
mod running;
mod screen;
#[cfg(test)]
mod tests;
mod text;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{GroupKind, GroupStart, JobResume, JobStart, Verdict};

use crate::prose::{has_output, show_notes, show_verdict};
use crate::record::Record;
use crate::report::{Report, ReportError};
use crate::runs::{Change, Detail, End, Grade, GroupEnd, OpenRun, Runs};
use crate::sanitize::{first_line, single_line};
use ended::{Ended, Failed};
use running::{AtWork, Test};
use screen::{Colour, Screen};
use text::{files_of, repeated_for, result_word};

/// Writes to a terminal or a pipe.
#[derive(Debug)]
pub struct Terminal<W> {
    screen: Screen<W>,
    jobdir: PathBuf,
    options: ShowOptions,
    /// The last boot of the target.
    boot_id: String,
    /// Whether the job waits for a reboot.
    is_rebooting: bool,
    runs: Runs<AtWork>,
    ended: Ended,
}

/// Options of the terminal report.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShowOptions {
    /// The amount of output for each test.
    pub style: Style,
    /// Whether the output of passing tests is shown, too.
    pub output: bool,
    /// Whether a progress line shows the running tests. Nothing else may write to the terminal.
    pub live: bool,
    /// Whether verdicts are coloured.
    pub is_coloured: bool,
}

/// The amount of output for each test that passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// A line.
    #[default]
    Pretty,
    /// A character.
    Terse,
}

impl<W: Write> Terminal<W> {
    /// Creates the report of the job in `jobdir`.
    pub fn new(out: W, jobdir: &Path, options: ShowOptions) -> Terminal<W> {
        let is_live = options.live && options.style == Style::Pretty;
        Terminal {
            screen: Screen::new(out, is_live, options.is_coloured),
            jobdir: jobdir.to_owned(),
            options,
            boot_id: String::new(),
            is_rebooting: false,
            runs: Runs::default(),
            ended: Ended::default(),
        }
    }

    fn show(&mut self, record: &Record) -> io::Result<()> {
        match self.runs.apply(record) {
            Change::JobStart(job) => return self.start_job(record.t, job),
            Change::JobResume(job) => return self.resume_job(record.t, job),
            Change::JobEnd { status, reason } => return self.end_job(record.t, status, reason),
            Change::End(run, end) => return self.end_test(run, end),
            Change::Attempt {
                run,
                subdir,
                verdict,
            } => return self.cut_off(&Test::of(run), subdir, verdict),
            Change::Detail(Detail::Phase(phase)) => {
                if let Some(at_work) = self.runs.state(record.run) {
                    at_work.enter(phase);
                }
            }
            Change::Detail(Detail::Progress { iteration, total }) => {
                if let Some(at_work) = self.runs.state(record.run) {
                    at_work.iteration = Some((iteration, total));
                }
            }
            Change::GroupEnd(group, end) => return self.end_group(&group, end),
            Change::Reboot(_) => self.is_rebooting = true,
            Change::Rebooted(_) => self.is_rebooting = false,
            Change::Start(_)
            | Change::Detail(
                Detail::Keyval(_)
                | Detail::IterationKeyval { .. }
                | Detail::Perf(_)
                | Detail::Status(_)
                | Detail::Artifact(_),
            )
            | Change::GroupStart(_)
            | Change::Parallel(_)
            | Change::Nothing => {}
            #[cfg(feature = "crash-handler")]
            Change::Detail(Detail::Crash(_)) => {}
        }
        Ok(())
    }

    /// Erases the progress line, so that something else may be written to the terminal.
    ///
    /// # Errors
    /// If the terminal cannot be written.
    pub fn erase_progress(&mut self) -> io::Result<()> {
        self.screen.erase()?;
        self.screen.flush()
    }

    fn draw(&mut self, t: f64) -> io::Result<()> {
        let Terminal {
            screen,
            runs,
            ended,
            ..
        } = self;
        screen.draw(t, |columns| {
            live::line(runs, ended.done(), ended.planned, t, columns)
        })
    }
}

impl<W: Write> Report for Terminal<W> {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        self.show(record)?;
        self.draw(record.t)?;
        Ok(self.screen.flush()?)
    }

    fn wants_ticks(&self) -> bool {
        self.screen.is_live()
    }

    fn tick(&mut self, t: f64) -> Result<(), ReportError> {
        self.draw(t)?;
        Ok(self.screen.flush()?)
    }
}

/// The job as a whole.
impl<W: Write> Terminal<W> {
    /// As in libtest, ignored tests are counted among the running ones, and have a line each.
    fn start_job(&mut self, t: f64, job: &JobStart) -> io::Result<()> {
        self.ended.start(t, job);
        self.boot_id.clone_from(&job.boot_id);
        let tests = job.plan.len() + job.ignored.len();
        let s = if tests == 1 { "" } else { "s" };
        let seed = job
            .shuffle_seed
            .map(|seed| format!(" (shuffle seed: {seed})"));
        let seed = seed.unwrap_or_default();
        match job.control.as_ref().filter(|_| !job.is_planned()) {
            Some(control) => {
                let name = single_line(&control.name);
                writeln!(self.screen, "\nrunning the control function {name}")?;
            }
            None => writeln!(self.screen, "\nrunning {tests} test{s}{seed}")?,
        }
        let mut ignored = job.ignored.iter();
        ignored.try_for_each(|(name, reason)| self.show_ignored(name, reason))
    }

    fn show_ignored(&mut self, name: &str, reason: &str) -> io::Result<()> {
        let word = self.screen.palette().paint(Colour::Yellow, "ignored");
        let name = single_line(name);
        match (self.options.style, reason) {
            (Style::Terse, _) => self.show_character(Colour::Yellow, "i"),
            (Style::Pretty, "") => writeln!(self.screen, "test {name} ... {word}"),
            (Style::Pretty, reason) => {
                writeln!(
                    self.screen,
                    "test {name} ... {word}, {}",
                    first_line(reason)
                )
            }
        }
    }

    fn resume_job(&mut self, t: f64, job: &JobResume) -> io::Result<()> {
        self.ended.resume(t);
        let is_new_boot = !self.boot_id.is_empty() && self.boot_id != job.boot_id;
        self.boot_id.clone_from(&job.boot_id);
        let why = if is_new_boot {
            "a reboot of the target"
        } else {
            "an interruption"
        };
        write!(self.screen, "\nthe job continues after {why}")?;
        #[cfg(feature = "sysinfo")]
        if !job.kernel_crash.is_empty() {
            write!(self.screen, " ({})", single_line(&job.kernel_crash))?;
        }
        writeln!(self.screen)
    }

    fn end_job(&mut self, t: f64, status: Status, reason: &str) -> io::Result<()> {
        if self.options.style == Style::Terse {
            writeln!(self.screen)?;
        }
        self.runs.end_all();
        let palette = self.screen.palette();
        if self.is_rebooting {
            let dir = self.jobdir.display();
            writeln!(
                self.screen,
                "\nthe target reboots; go on with: --resume {dir}"
            )?;
        }
        let is_aborted = status != Status::Good && !self.is_rebooting;
        let aborted = is_aborted.then_some(reason);
        self.ended
            .show(&mut self.screen, palette, &self.jobdir, aborted, t)
    }
}

/// The lines of a test.
impl<W: Write> Terminal<W> {
    fn end_test(&mut self, run: OpenRun<AtWork>, end: End<'_>) -> io::Result<()> {
        let (status, verdict) = (end.status, end.verdict);
        let has_failed = run.grade(status) == Grade::Failed;
        let place = self.runs.place_of(run.group, " > ");
        let test = Test::of(run);
        let word = result_word(self.screen.palette(), status, has_failed, verdict);
        if test.depth > 0 {
            return self.show_subtest(&test, &word, verdict.filter(|_| has_failed));
        }
        match self.options.style {
            Style::Pretty => writeln!(self.screen, "test {} ... {word}", test.name)?,
            Style::Terse if has_failed => self.show_character(Colour::Red, "F")?,
            Style::Terse => self.show_character(Colour::Green, ".")?,
        }
        self.ended.time(&test.name, end.elapsed_s);
        match verdict {
            Some(verdict) if has_failed => {
                let (place, verdict) = (single_line(&place), verdict.clone());
                self.ended.fail(Failed {
                    test,
                    place,
                    verdict,
                });
                Ok(())
            }
            verdict => self.pass(test, verdict),
        }
    }

    /// Shows the error of a group or a branch; its tests have their own lines.
    fn end_group(&mut self, group: &GroupStart, end: GroupEnd<'_>) -> io::Result<()> {
        if end.status == Status::Good || self.options.style == Style::Terse {
            return Ok(());
        }
        let place = single_line(&self.runs.place_of_group(group, " > "));
        let what = match group.kind {
            GroupKind::Group => "group",
            GroupKind::Branch => "branch",
        };
        let reason = first_line(end.reason);
        writeln!(
            self.screen,
            "the {what} {place} ended with an error: {reason}"
        )
    }

    fn pass(&mut self, test: Test, verdict: Option<&Verdict>) -> io::Result<()> {
        if self.options.style == Style::Pretty {
            show_notes(&mut self.screen, &test.notes, "")?;
        }
        let is_shown = self.options.output && has_output(&self.jobdir, &test.subdir);
        self.ended.pass(test, verdict, is_shown);
        Ok(())
    }

    /// As in libtest: 88 characters in a line, followed by the number of tests so far.
    fn show_character(&mut self, colour: Colour, character: &str) -> io::Result<()> {
        const IN_A_LINE: usize = 88;
        let word = self.screen.palette().paint(colour, character);
        write!(self.screen, "{word}")?;
        self.ended.characters += 1;
        if !self.ended.characters.is_multiple_of(IN_A_LINE) {
            return Ok(());
        }
        let (so_far, all) = (self.ended.characters, self.ended.to_show());
        writeln!(self.screen, " {so_far}/{all}")
    }

    fn show_subtest(
        &mut self,
        test: &Test,
        word: &str,
        verdict: Option<&Verdict>,
    ) -> io::Result<()> {
        if self.options.style == Style::Terse {
            return Ok(());
        }
        let indent = "    ".repeat(test.depth);
        writeln!(self.screen, "{indent}subtest {} ... {word}", test.name)?;
        if let Some(verdict) = verdict {
            show_verdict(&mut self.screen, verdict, &indent)?;
        }
        show_notes(&mut self.screen, &test.notes, &indent)
    }

    /// Shows a run that became an attempt: it was interrupted with its job, or failed and a runner repeated it.
    fn cut_off(&mut self, test: &Test, subdir: &str, verdict: &Verdict) -> io::Result<()> {
        if self.options.style == Style::Terse {
            return Ok(());
        }
        let name = &test.name;
        let (indent, what) = match test.depth {
            0 => (String::new(), "test"),
            depth => ("    ".repeat(depth), "subtest"),
        };
        let (how, why) = repeated_for(verdict);
        write!(
            self.screen,
            "{indent}{what} {name} ... {how} ({why}), runs again"
        )?;
        match files_of(&self.jobdir, subdir) {
            Some(path) => writeln!(self.screen, "; see {}", path.display()),
            None => writeln!(self.screen),
        }
    }
}
