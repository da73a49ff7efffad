//! The collector's process.
//!
//! It handles one request after the other. A child of it reads what can be read later, while the next request is
//! handled. When the supervisor ends, the collector ends too, with its children and commands.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_core::{SysinfoRow, SysinfoStep};
use autotest_report::json;

use super::boot::Boot;
use super::collecting::{Teller, tell};
use super::command::{Budget, Commands};
use super::keyvals::keyvals;
use super::packages::Packages;
use super::protocol::{Ask, Told};
use super::rows::Row;
use super::test_run::TestRun;
use crate::exec::unix::{self, Change, Forked, WaitTarget};

/// The only argument of the collector's process; it is not a flag for users.
pub(super) const COLLECTOR: &str = "--autotest-sysinfo";

/// The time limit of a step for which a test waits.
const NOW: Duration = Duration::from_secs(20);

/// The time limit of what is read later.
const LATER: Duration = Duration::from_secs(60);

/// `true` if this process must act as the collector.
pub(crate) fn is_collector(args: &[OsString]) -> bool {
    args == [COLLECTOR]
}

/// Serves requests until the supervisor has no more. Returns once everything is collected.
///
/// # Errors
/// If this process was not started by a supervisor.
pub(crate) fn serve() -> io::Result<()> {
    let [channel] = unix::inherited().map_err(|error| {
        io::Error::other(format!("{COLLECTOR} is only for the supervisor: {error}"))
    })?;
    unix::become_subreaper();
    let channel = UnixStream::from(channel);
    let requests = BufReader::new(channel.try_clone()?);
    let mut server = Server::new(channel)?;
    for request in requests.split(b'\n') {
        server.reap();
        if let Ok(ask) = json::from_slice(&request?) {
            server.handle(ask);
        }
    }
    server.wait();
    Ok(())
}

struct Server {
    channel: UnixStream,
    commands: Commands,
    packages: Packages,
    keyvals: Vec<(String, String)>,
    jobdir: PathBuf,
    /// `None` if its directory cannot be created.
    boot: Option<Boot>,
    /// The tests in progress, by the number of the run.
    runs: BTreeMap<u32, TestRun>,
}

impl Server {
    fn new(channel: UnixStream) -> io::Result<Server> {
        Ok(Server {
            channel,
            commands: Commands::new()?,
            packages: Packages::default(),
            keyvals: keyvals(),
            jobdir: PathBuf::new(),
            boot: None,
            runs: BTreeMap::new(),
        })
    }

    fn handle(&mut self, ask: Ask) {
        match ask {
            Ask::Job { jobdir, rows } => self.job(&jobdir, &rows),
            Ask::Begin { run, subdir, rows } => {
                self.begin(run, &subdir, rows);
                self.ready(run, self.keyvals.clone());
            }
            Ask::Iteration { run, step } => {
                self.iteration(run, step);
                self.ready(run, Vec::new());
            }
            Ask::End { run, is_failed } => self.end(run, is_failed),
        }
    }

    fn ready(&self, run: u32, keyvals: Vec<(String, String)>) {
        tell(self.channel.as_fd(), &Told::Ready { run, keyvals });
    }

    fn job(&mut self, jobdir: &Path, rows: &[SysinfoRow]) {
        jobdir.clone_into(&mut self.jobdir);
        let installed = self.packages.installed(&self.commands, Budget::of(NOW));
        match Boot::open(jobdir, &self.channel) {
            Ok(mut boot) => {
                let packages = installed.lines();
                let mut later = boot.begin(&packages, &self.commands, Budget::of(NOW));
                later.extend(boot.missing(rows));
                self.boot = Some(boot);
                self.collect_of_boot(later);
            }
            Err(error) => self.failed(0, "", &error),
        }
    }

    /// Collects rows into the directory of the current boot.
    fn collect_of_boot(&mut self, rows: Vec<Row>) {
        let boot = if rows.is_empty() {
            None
        } else {
            self.boot.take()
        };
        if let Some(mut boot) = boot {
            self.apart(|commands| boot.collect(&rows, commands, Budget::of(LATER)));
            self.boot = Some(boot);
        }
    }

    fn begin(&mut self, run: u32, subdir: &str, rows: Vec<SysinfoRow>) {
        if let Some(boot) = &self.boot {
            let missing = boot.missing(&rows);
            self.collect_of_boot(missing);
        }
        let packages = self.packages.installed(&self.commands, Budget::of(NOW));
        let begun = TestRun::begin(&self.jobdir, (run, subdir), rows, &self.channel, packages);
        match begun {
            Ok(mut test) => {
                if let Some(boot) = &self.boot {
                    test.link_boot(subdir, boot.path());
                }
                self.runs.insert(run, test);
            }
            Err(error) => self.failed(run, subdir, &error),
        }
    }

    fn iteration(&mut self, run: u32, step: SysinfoStep) {
        if let Some(test) = self.runs.get_mut(&run) {
            test.iteration(step, &self.commands, Budget::of(NOW));
        }
    }

    fn end(&mut self, run: u32, is_failed: bool) {
        let Some(test) = self.runs.remove(&run) else {
            return;
        };
        let packages = self.packages.installed(&self.commands, Budget::of(NOW));
        let later = test.end(is_failed, &packages, &self.commands, Budget::of(NOW));
        if later.is_due() {
            self.apart(|commands| later.collect(commands, Budget::of(LATER)));
        }
    }

    fn failed(&self, run: u32, subdir: &str, error: &io::Error) {
        if let Ok(teller) = Teller::new(&self.channel, run, subdir) {
            teller.failed("sysinfo", error);
        }
    }

    /// Calls `f` in a forked child; in this process if forking fails.
    fn apart(&mut self, f: impl FnOnce(&Commands)) {
        let parent = std::process::id().cast_signed();
        match unix::fork() {
            Ok(Forked::Parent(pid)) => {
                self.commands.others().insert(pid);
            }
            Ok(Forked::Child) => {
                if unix::die_with(parent) {
                    unix::become_subreaper();
                    let _ = Commands::new().map(|commands| f(&commands));
                }
                unix::exit_now(0)
            }
            Err(_) => f(&self.commands),
        }
    }

    /// Reaps children that have ended.
    fn reap(&mut self) {
        while let Some((pid, change)) = unix::next_change(WaitTarget::AnyChild) {
            match change {
                Change::Stopped(_) => unix::note_stop(pid),
                Change::Exited(_) | Change::Killed(_) => {
                    unix::reap(pid);
                    self.commands.others().remove(&pid);
                }
            }
        }
    }

    /// Waits until all children have ended. The supervisor enforces the time limit.
    fn wait(&mut self) {
        let children: Vec<_> = self.commands.others().drain().collect();
        for pid in children {
            unix::wait_for_end(pid);
            unix::reap(pid);
        }
    }
}
