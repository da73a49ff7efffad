//! The sysinfo of one test, from what is read before it to what is collected after it.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::SystemTime;

use autotest_core::{SysinfoRow, SysinfoStep};

use super::collecting::{Target, Teller};
use super::command::{Budget, Commands, Ended};
use super::file;
use super::journal::{self, Times};
use super::kernel_log::KernelLog;
use super::log::{Added, Mark};
use super::packages::Installed;
use super::place::Place;
use super::rows::{Row, Source, When, added, fixed};
use crate::needs;

/// The name of the directory for sysinfo.
pub(super) const SYSINFO: &str = "sysinfo";

/// The size limit of the journal's entries.
const JOURNAL_BYTES: u64 = 16 << 20;

/// A test in progress.
#[derive(Debug)]
pub(super) struct TestRun {
    place: Place,
    teller: Teller,
    rows: Vec<SysinfoRow>,
    logs: Vec<(Row, Option<Mark>)>,
    kernel_log: Option<KernelLog>,
    begin: SystemTime,
    packages: Installed,
}

/// The data of a test that ended which can still be read while the next one runs.
#[derive(Debug)]
pub(super) struct Later {
    place: Place,
    teller: Teller,
    logs: Vec<(Row, Added)>,
    times: Times,
}

impl TestRun {
    /// Reads the state to which later state is compared.
    ///
    /// # Errors
    /// If its directory cannot be created.
    pub(super) fn begin(
        jobdir: &Path,
        (run, subdir): (u32, &str),
        rows: Vec<SysinfoRow>,
        channel: &UnixStream,
        packages: Installed,
    ) -> io::Result<TestRun> {
        let teller = Teller::new(channel, run, subdir)?;
        let logs = fixed(When::Test).chain(added(&rows, When::Test));
        let mut marked = Vec::new();
        for row in logs {
            match log_path(&row).map(Mark::of) {
                None => {}
                Some(Ok(mark)) => marked.push((row, mark)),
                Some(Err(error)) if row.is_added => teller.failed(&row.name, &error),
                Some(Err(_)) => {}
            }
        }
        Ok(TestRun {
            place: Place::of(jobdir, subdir, SYSINFO)?,
            teller,
            rows,
            logs: marked,
            kernel_log: KernelLog::at_end().ok(),
            begin: SystemTime::now(),
            packages,
        })
    }

    /// Creates a link to the directory of the current boot, whose path `boot` is relative to the job's directory.
    pub(super) fn link_boot(&mut self, subdir: &str, boot: &str) {
        let up = "../".repeat(subdir.split('/').count() + 1);
        if let Err(error) = self.place.link("reboot_current", &format!("{up}{boot}")) {
            self.teller.failed("reboot_current", &error);
        }
    }

    /// Collects the rows for an iteration.
    pub(super) fn iteration(&mut self, step: SysinfoStep, commands: &Commands, budget: Budget) {
        let (number, end) = match step {
            SysinfoStep::BeforeTest => return,
            SysinfoStep::BeforeIteration(number) => (number, "before"),
            SysinfoStep::AfterIteration(number) => (number, "after"),
        };
        let mut place = match self.place.below(&format!("iteration.{number}")) {
            Ok(place) => place,
            Err(error) => return self.teller.failed("iteration", &error),
        };
        let mut target = Target {
            place: &mut place,
            teller: &self.teller,
            commands,
            budget,
        };
        for row in fixed(When::Iteration) {
            let name = format!("{}.{end}", row.name);
            target.collect(&Row { name, ..row });
        }
    }

    /// Collects what must be read before the next test begins.
    pub(super) fn end(
        mut self,
        is_failed: bool,
        packages: &Installed,
        commands: &Commands,
        budget: Budget,
    ) -> Later {
        let end = SystemTime::now();
        let kernel_log = self.kernel_log.take().map(KernelLog::added);
        let logs = std::mem::take(&mut self.logs);
        let logs = logs
            .into_iter()
            .filter_map(|(row, mark)| self.log(row, mark));
        let logs: Vec<_> = logs.filter(|(_, added)| added.is_news()).collect();
        let mut target = Target {
            place: &mut self.place,
            teller: &self.teller,
            commands,
            budget,
        };
        if let Some((text, is_all)) = kernel_log.filter(|(text, _)| !text.is_empty()) {
            if !is_all {
                target
                    .teller
                    .note("`dmesg` is cut: there was too much of it");
            }
            target.write("dmesg", text.as_bytes());
        }
        if packages.is_incomplete() {
            let text = "the packages of a database could not be listed";
            target.teller.note_once(text);
        }
        let new = packages.lines_without(&self.packages);
        let gone = self.packages.lines_without(packages);
        if !new.is_empty() || !gone.is_empty() {
            target.write("added_packages", &new);
            target.write("removed_packages", &gone);
        }
        for row in after_test(&self.rows, is_failed) {
            target.collect(&row);
        }
        Later {
            place: self.place,
            teller: self.teller,
            logs,
            times: Times {
                begin: self.begin,
                end,
            },
        }
    }

    /// The additions to a log. Later ones belong to the next test.
    fn log(&self, row: Row, mark: Option<Mark>) -> Option<(Row, Added)> {
        match Added::since(mark, log_path(&row)?) {
            Ok(added) if added.is_missing && row.is_added => {
                self.teller
                    .failed(&row.name, &io::Error::from_raw_os_error(libc::ENOENT));
                None
            }
            Ok(added) => Some((row, added)),
            Err(error) => {
                if row.is_added {
                    self.teller.failed(&row.name, &error);
                }
                None
            }
        }
    }
}

impl Later {
    /// `true` if there may be anything to collect.
    pub(super) fn is_due(&self) -> bool {
        !self.logs.is_empty() || needs::has_program(journal::PROGRAM)
    }

    /// Collects the logs and the journal.
    pub(super) fn collect(mut self, commands: &Commands, budget: Budget) {
        let mut target = Target {
            place: &mut self.place,
            teller: &self.teller,
            commands,
            budget,
        };
        for (row, added) in &self.logs {
            target.added(row, added);
        }
        if needs::has_program(journal::PROGRAM) {
            target.journal(self.times);
        }
    }
}

impl Target<'_> {
    /// Collects the entries that systemd's journal received between two times.
    fn journal(&mut self, times: Times) {
        if times.are_reversed() {
            let text = "`journal` was not collected: the clock was set back while the test ran";
            return self.teller.note_once(text);
        }
        std::thread::sleep(journal::DELIVERY);
        let command = times.command();
        let Ok(mut ran) = self.commands.run(&command, JOURNAL_BYTES, self.budget) else {
            return;
        };
        ran.output = times.select(&ran.output);
        if ran.output.is_empty() && matches!(ran.end, Ended::Exited(_)) {
            return;
        }
        let row = Row {
            source: Source::Command(command),
            name: "journal".to_owned(),
            most: JOURNAL_BYTES,
            is_added: false,
        };
        self.ran(&row, ran);
    }
}

/// The rows to collect after a test, except logs.
fn after_test(rows: &[SysinfoRow], is_failed: bool) -> Vec<Row> {
    let mut after: Vec<Row> = added(rows, When::Test)
        .filter(|row| log_path(row).is_none())
        .collect();
    if is_failed {
        after.extend(fixed(When::Failure));
        after.extend(added(rows, When::Failure));
    }
    after
}

/// The path of a log, of which a test gets the additions. `None` for commands and files that the kernel generates.
fn log_path(row: &Row) -> Option<&str> {
    match &row.source {
        Source::File(path) if !file::is_made_by_kernel(path) => Some(path),
        Source::File(_) | Source::Command(_) => None,
    }
}
