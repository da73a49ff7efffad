//! What a person sees: a line a test, the failures again at the end, one summary line. The lines are
//! libtest's where libtest has them, because tools read them.

mod text;

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use autotest_core::status::Status;
use autotest_core::{Event, TestStart, Verdict};

use crate::hub::{Record, Report, ReportError};
use text::{has_output, in_a_line, result_word, show_notes, show_output, show_verdict, shown};

/// Writes to a terminal or a pipe.
#[derive(Debug)]
pub struct Terminal<W> {
    out: W,
    jobdir: PathBuf,
    counts: Counts,
    start: f64,
    planned: usize,
    /// Whether a test that warns has failed.
    is_strict: bool,
    /// The tests that are on, each subtest after its parent.
    open: Vec<Shown>,
    failures: Vec<Failed>,
    /// False once the reader of a pipe went away, which is its right.
    is_read: bool,
    options: ShowOptions,
    passed: Vec<Shown>,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    /// Marked as ignored, with the reason.
    ignored: Vec<(String, String)>,
    /// Not selected.
    filtered_out: usize,
    passed: usize,
    failed: usize,
}

/// What is shown of a job.
#[derive(Clone, Copy, Debug, Default)]
pub struct ShowOptions {
    /// How much of each test.
    pub style: Style,
    /// Whether the output of passing tests is shown, too.
    pub output: bool,
    /// Whether verdicts are coloured.
    pub is_coloured: bool,
}

/// How much is shown of each test that passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// A line.
    #[default]
    Pretty,
    /// A character.
    Terse,
}

#[derive(Debug)]
struct Shown {
    run: u32,
    /// How many tests wait for this one.
    depth: usize,
    name: String,
    subdir: String,
    notes: Vec<String>,
}

#[derive(Debug)]
struct Failed {
    shown: Shown,
    verdict: Verdict,
}

impl<W: Write> Terminal<W> {
    /// For the job in `jobdir`.
    pub fn new(out: W, jobdir: &Path, shown: ShowOptions) -> Terminal<W> {
        Terminal {
            out,
            jobdir: jobdir.to_owned(),
            counts: Counts::default(),
            start: 0.0,
            planned: 0,
            is_strict: false,
            open: Vec::new(),
            failures: Vec::new(),
            is_read: true,
            options: shown,
            passed: Vec::new(),
        }
    }

    fn note(&mut self, run: u32, note: String) {
        if let Some(shown) = self.open.iter_mut().find(|shown| shown.run == run) {
            shown.notes.push(note);
        }
    }

    fn start_test(&mut self, run: u32, start: &TestStart) {
        let name = if start.operation == start.test.replace("::", ".") {
            start.test.clone()
        } else {
            format!("{} ({})", start.test, start.operation)
        };
        let (subdir, notes) = (start.subdir.clone(), Vec::new());
        let mut open = self.open.iter();
        let parent = open.find(|shown| Some(shown.run) == start.parent);
        let depth = parent.map_or(0, |parent| parent.depth + 1);
        self.open.push(Shown {
            run,
            depth,
            name,
            subdir,
            notes,
        });
    }

    fn end_test(&mut self, run: u32, status: Status, verdict: Option<&Verdict>) -> io::Result<()> {
        let Some(i) = self.open.iter().position(|shown| shown.run == run) else {
            return Ok(());
        };
        let shown = self.open.remove(i);
        let has_failed = status.fails(self.is_strict);
        let word = result_word(status, has_failed, verdict);
        if shown.depth > 0 {
            return self.show_subtest(&shown, &word, verdict.filter(|_| has_failed));
        }
        match self.options.style {
            Style::Pretty => writeln!(self.out, "test {} ... {word}", shown.name)?,
            Style::Terse => write!(self.out, "{}", if has_failed { 'F' } else { '.' })?,
        }
        match verdict {
            Some(verdict) if has_failed => {
                self.counts.failed += 1;
                let verdict = verdict.clone();
                self.failures.push(Failed { shown, verdict });
                Ok(())
            }
            _ => {
                self.counts.passed += 1;
                if self.options.style == Style::Pretty {
                    show_notes(&mut self.out, &shown, "")?;
                }
                if self.options.output && has_output(&self.jobdir, &shown) {
                    self.passed.push(shown);
                }
                Ok(())
            }
        }
    }

    fn show_ignored(&mut self) -> io::Result<()> {
        if self.options.style == Style::Terse {
            return Ok(());
        }
        let mut ignored = self.counts.ignored.iter();
        ignored.try_for_each(|(name, reason)| match reason.as_str() {
            "" => writeln!(self.out, "test {name} ... ignored"),
            reason => writeln!(self.out, "test {name} ... ignored, {}", in_a_line(reason)),
        })
    }

    fn show_subtest(
        &mut self,
        shown: &Shown,
        word: &str,
        verdict: Option<&Verdict>,
    ) -> io::Result<()> {
        if self.options.style == Style::Terse {
            return Ok(());
        }
        let indent = "    ".repeat(shown.depth);
        writeln!(self.out, "{indent}subtest {} ... {word}", shown.name)?;
        if let Some(verdict) = verdict {
            show_verdict(&mut self.out, verdict, &indent)?;
        }
        show_notes(&mut self.out, shown, &indent)
    }

    fn show_passed(&mut self) -> io::Result<()> {
        if !self.passed.is_empty() {
            writeln!(self.out, "\nsuccesses:")?;
        }
        for shown in &self.passed {
            writeln!(self.out, "\n---- {} ----", shown.name)?;
            show_output(&mut self.out, &self.jobdir, shown)?;
        }
        Ok(())
    }

    fn show_abort(&mut self, reason: &str) -> io::Result<()> {
        let not_run = self.planned - self.counts.passed - self.counts.failed;
        let reason = in_a_line(reason);
        writeln!(
            self.out,
            "\nthe job was aborted: {reason}; tests that did not run: {not_run}"
        )
    }

    fn show_failures(&mut self) -> io::Result<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        writeln!(self.out, "\nfailures:\n")?;
        for Failed { shown, verdict } in &self.failures {
            writeln!(self.out, "---- {} ----", shown.name)?;
            show_verdict(&mut self.out, verdict, "")?;
            show_notes(&mut self.out, shown, "")?;
            show_output(&mut self.out, &self.jobdir, shown)?;
            if !shown.subdir.is_empty() {
                writeln!(
                    self.out,
                    "    see {}",
                    self.jobdir.join(&shown.subdir).display()
                )?;
            }
            writeln!(self.out)?;
        }
        writeln!(self.out, "failures:")?;
        self.failures
            .iter()
            .try_for_each(|failed| writeln!(self.out, "    {}", failed.shown.name))
    }

    fn show_summary(&mut self, t: f64) -> io::Result<()> {
        let Counts {
            ignored,
            filtered_out,
            passed,
            failed,
        } = &self.counts;
        let ignored = ignored.len();
        let word = if *failed == 0 { "ok" } else { "FAILED" };
        let elapsed_s = (t - self.start).max(0.0);
        writeln!(
            self.out,
            "\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; \
             0 measured; {filtered_out} filtered out; finished in {elapsed_s:.2}s\n"
        )?;
        writeln!(self.out, "results: {}", self.jobdir.display())?;
        self.out.flush()
    }
}

impl<W: Write> Report for Terminal<W> {
    fn name(&self) -> &'static str {
        "terminal"
    }

    fn record(&mut self, record: &Record) -> Result<(), ReportError> {
        match self.show(record).and_then(|()| self.out.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.is_read = false,
            written => written?,
        }
        Ok(())
    }
}

impl<W: Write> Terminal<W> {
    fn show(&mut self, record: &Record) -> io::Result<()> {
        if !self.is_read {
            return Ok(());
        }
        match &record.event {
            Event::JobStart(job) => {
                self.start = record.t;
                self.planned = job.plan.len();
                self.counts.ignored.clone_from(&job.ignored);
                self.counts.filtered_out = job.filtered_out;
                self.is_strict = job.is_strict;
                let seed = job.shuffle_seed;
                let seed = seed.map(|seed| format!(" (shuffle seed: {seed})"));
                let tests = self.planned;
                writeln!(
                    self.out,
                    "\nrunning {tests} test{}{}",
                    if tests == 1 { "" } else { "s" },
                    seed.unwrap_or_default()
                )?;
                self.show_ignored()
            }
            Event::JobEnd { status, reason } => {
                if self.options.style == Style::Terse {
                    writeln!(self.out)?;
                }
                self.show_passed()?;
                self.show_failures()?;
                if *status != Status::Good {
                    self.show_abort(reason)?;
                }
                self.show_summary(record.t)
            }
            Event::TestStart(start) => {
                self.start_test(record.run, start);
                Ok(())
            }
            Event::TestEnd {
                status, verdict, ..
            } => self.end_test(record.run, *status, verdict.as_ref()),
            Event::Suppressed { verdict, origin } => {
                self.note(
                    record.run,
                    format!("also {origin}: {}", shown(&verdict.to_string())),
                );
                Ok(())
            }
            Event::Attempt { .. } => {
                self.open.retain(|shown| shown.run != record.run);
                Ok(())
            }
            Event::JobResume(_)
            | Event::Process { .. }
            | Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::HookTimer { .. } => Ok(()),
        }
    }
}
