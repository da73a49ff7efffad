//! The tests that ended, for the end of the report: failures with all details, of the others at most the names.

use std::io::{self, Write};
use std::path::Path;

use autotest_core::{JobStart, Kind, Verdict};

use super::running::Test;
use super::screen::{Colour, Palette};
use super::text::files_of;
use crate::prose::{show_notes, show_output, show_verdict};
use crate::sanitize::first_line;

/// The number of slowest tests listed.
const SLOWEST: usize = 5;

/// Tests up to this time are not listed as slow.
const SLOW_S: f64 = 1.0;

/// The slowest tests are not listed for jobs with fewer tests.
const MANY_TESTS: usize = 5;

/// The maximum number of tests with a WARN listed.
const MAX_WARNED: usize = 50;

/// The results of the tests so far.
#[derive(Debug, Default)]
pub(super) struct Ended {
    pub(super) planned: usize,
    /// Whether a control function requests the tests, so that their number is not known.
    has_control: bool,
    /// Whether the job was merged from several, so that it cannot be resumed.
    is_merged: bool,
    start_t: f64,
    ignored: usize,
    filtered_out: usize,
    passed: usize,
    warned: usize,
    failures: Vec<Failed>,
    /// The first tests with a WARN, each with the reason.
    warnings: Vec<String>,
    /// The slowest tests with their seconds, the slowest first.
    slowest: Vec<(f64, String)>,
    /// Passed tests whose output is to be shown.
    with_output: Vec<Test>,
    /// The number of tests shown as a character.
    pub(super) characters: usize,
}

/// A test that failed.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) test: Test,
    /// The groups and branches around it; empty if there are none.
    pub(super) place: String,
    pub(super) verdict: Verdict,
}

impl Ended {
    pub(super) fn start(&mut self, t: f64, job: &JobStart) {
        self.start_t = t;
        self.planned = job.plan.len();
        self.has_control = !job.is_planned();
        self.is_merged = job.is_merged();
        self.ignored = job.ignored.len();
        self.filtered_out = job.filtered_out;
    }

    /// Uses the time of the resumption if the beginning of the job is unknown.
    pub(super) fn resume(&mut self, t: f64) {
        if self.start_t == 0.0 {
            self.start_t = t;
        }
    }

    pub(super) fn time(&mut self, name: &str, elapsed_s: f64) {
        if elapsed_s <= SLOW_S {
            return;
        }
        let is_slower = |(than_s, _): &(f64, String)| *than_s >= elapsed_s;
        let place = self.slowest.partition_point(is_slower);
        self.slowest.insert(place, (elapsed_s, name.to_owned()));
        self.slowest.truncate(SLOWEST);
    }

    pub(super) fn fail(&mut self, failed: Failed) {
        self.failures.push(failed);
    }

    pub(super) fn pass(&mut self, test: Test, verdict: Option<&Verdict>, shows_output: bool) {
        self.passed += 1;
        if let Some(verdict) = verdict.filter(|verdict| verdict.kind == Kind::Warn) {
            self.warned += 1;
            if self.warnings.len() < MAX_WARNED {
                let reason = first_line(&verdict.reason);
                self.warnings.push(format!("{}: {reason}", test.name));
            }
        }
        if shows_output {
            self.with_output.push(test);
        }
    }

    /// The number of planned tests that ended.
    pub(super) fn done(&self) -> usize {
        self.passed + self.failures.len()
    }

    /// The number of tests that the report shows, as libtest counts them.
    pub(super) fn to_show(&self) -> usize {
        self.planned + self.ignored
    }
}

/// The end of the report.
impl Ended {
    pub(super) fn show(
        &self,
        out: &mut dyn Write,
        palette: Palette,
        jobdir: &Path,
        aborted: Option<&str>,
        t: f64,
    ) -> io::Result<()> {
        self.show_passed(out, jobdir)?;
        self.show_failures(out, jobdir)?;
        self.show_slowest(out)?;
        self.show_warnings(out)?;
        if let Some(reason) = aborted {
            let reason = first_line(reason);
            let not_run = self.planned.saturating_sub(self.done());
            match self.has_control {
                true => writeln!(out, "\nthe job was aborted: {reason}")?,
                false => writeln!(
                    out,
                    "\nthe job was aborted: {reason}; tests that did not run: {not_run}"
                )?,
            }
            if (not_run > 0 || self.has_control) && !self.is_merged {
                writeln!(out, "go on with: --resume {}", jobdir.display())?;
            }
        }
        // Consistent with the exit code.
        let word = match self.failures.is_empty() && aborted.is_none() {
            true => palette.paint(Colour::Green, "ok"),
            false => palette.paint(Colour::Red, "FAILED"),
        };
        self.show_result(out, &word, t)?;
        writeln!(out, "results: {}", jobdir.display())
    }

    fn show_passed(&self, out: &mut dyn Write, jobdir: &Path) -> io::Result<()> {
        if !self.with_output.is_empty() {
            writeln!(out, "\nsuccesses:")?;
        }
        for test in &self.with_output {
            writeln!(out, "\n{}", heading(test))?;
            show_output(out, jobdir, &test.subdir)?;
        }
        Ok(())
    }

    fn show_failures(&self, out: &mut dyn Write, jobdir: &Path) -> io::Result<()> {
        if self.failures.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nfailures:\n")?;
        for failed in &self.failures {
            let Failed {
                test,
                place,
                verdict,
            } = failed;
            writeln!(out, "{}", heading(test))?;
            show_verdict(out, verdict, "")?;
            if !place.is_empty() {
                writeln!(out, "    in {place}")?;
            }
            show_notes(out, &test.notes, "")?;
            show_output(out, jobdir, &test.subdir)?;
            if let Some(path) = files_of(jobdir, &test.subdir) {
                writeln!(out, "    see {}", path.display())?;
            }
            writeln!(out)?;
        }
        writeln!(out, "failures:")?;
        let mut failures = self.failures.iter();
        failures.try_for_each(|failed| writeln!(out, "    {}", failed.test.name))
    }

    fn show_slowest(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.slowest.is_empty() || self.done() < MANY_TESTS {
            return Ok(());
        }
        writeln!(out, "\nslowest tests:")?;
        let mut slowest = self.slowest.iter();
        slowest.try_for_each(|(elapsed_s, name)| writeln!(out, "{elapsed_s:>10.2}s  {name}"))
    }

    fn show_warnings(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.warnings.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nwarnings:")?;
        let mut warnings = self.warnings.iter();
        warnings.try_for_each(|warning| writeln!(out, "    {warning}"))?;
        match self.warned - self.warnings.len() {
            0 => Ok(()),
            more => writeln!(out, "    and {more} more"),
        }
    }

    /// The summary line, which tools look for.
    fn show_result(&self, out: &mut dyn Write, word: &str, t: f64) -> io::Result<()> {
        let (passed, failed) = (self.passed, self.failures.len());
        let (ignored, filtered_out) = (self.ignored, self.filtered_out);
        let elapsed_s = (t - self.start_t).max(0.0);
        writeln!(
            out,
            "\ntest result: {word}. {passed} passed; {failed} failed; {ignored} ignored; \
             0 measured; {filtered_out} filtered out; finished in {elapsed_s:.2}s\n"
        )
    }
}

/// A heading as in libtest, since tools look for it. As in libtest, more than standard output follows.
fn heading(test: &Test) -> String {
    format!("---- {} stdout ----", test.name)
}
