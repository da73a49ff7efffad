//! The supervisor's side of the collector.
//!
//! It never blocks. A collector that does not answer in time is killed, and nothing more is collected.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use autotest_core::SysinfoRow;
use autotest_report::json;

use super::protocol::{self, Ask, Note, Told};
use super::server::COLLECTOR;
use crate::exec::child::ChangedState;
use crate::exec::job::Job;
use crate::exec::leaks;
use crate::exec::lines::Lines;
use crate::exec::mark::RUN_VARIABLE;
use crate::exec::unix::{self, ChildPid, Forked, Polled, Program};
use crate::plan::PlannedRun;

/// How long a test may wait for an answer. The collector's own limits are shorter.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long the end of a job may wait for the collector to finish.
const PATIENCE_AT_END: Duration = Duration::from_secs(90);

/// The same for the end of an interrupted job.
const PATIENCE_IF_INTERRUPTED: Duration = Duration::from_secs(2);

/// How long the collector may take to exit after closing its end of the channel.
const PATIENCE_IF_CLOSED: Duration = Duration::from_secs(5);

/// The number of notes of a job that are recorded.
const MAX_NOTES: usize = 1000;

/// The arguments for starting a collector.
pub(in crate::exec) struct Start<'a> {
    pub(in crate::exec) job: &'a Job,
    /// The process state that the supervisor changed, to be restored.
    pub(in crate::exec) changed: Option<ChangedState<'a>>,
}

/// The mark of the collector and of its commands.
pub(in crate::exec) fn mark(job: &str) -> String {
    format!("{job}/sysinfo")
}

/// The collector's process, while it exists.
#[derive(Debug, Default)]
pub(in crate::exec) struct Collector {
    process: Option<Process>,
    /// `true` if it has ended or could not be started.
    is_over: bool,
    /// The runs that wait for an answer, each with its deadline.
    waiting: Vec<(u32, Instant)>,
    /// The deadline for the end of the process.
    end: Option<Instant>,
    is_finished: bool,
    /// The texts of notes that are to be recorded only once.
    told: HashSet<String>,
    notes: usize,
    /// The notes to record at the end of the job.
    held: Vec<Note>,
}

#[derive(Debug)]
struct Process {
    pid: ChildPid,
    /// `None` once the other end is closed.
    channel: Option<OwnedFd>,
    lines: Lines,
    outgoing: Vec<u8>,
}

impl Collector {
    /// Starts the process, unless that was tried before.
    ///
    /// # Errors
    /// If it cannot be started; the collector is over then.
    pub(in crate::exec) fn start(&mut self, start: Start<'_>) -> io::Result<()> {
        if self.is_over || self.process.is_some() {
            return Ok(());
        }
        let job = start.job;
        let jobdir = job.results.jobdir.clone();
        let settings = job.settings.sysinfo.as_ref();
        let rows = settings.map_or_else(Vec::new, |sysinfo| sysinfo.rows.clone());
        match Process::start(start) {
            Ok(process) => self.process = Some(process),
            Err(error) => {
                self.is_over = true;
                return Err(error);
            }
        }
        self.send(&Ask::Job { jobdir, rows });
        Ok(())
    }

    /// The process's id.
    pub(in crate::exec) fn pid(&self) -> Option<ChildPid> {
        self.process.as_ref().map(|process| process.pid)
    }

    /// The descriptor to poll for [`read`](Collector::read).
    pub(in crate::exec) fn fd(&self) -> Option<RawFd> {
        Some(self.process.as_ref()?.channel.as_ref()?.as_raw_fd())
    }

    /// The descriptor to poll for [`send_outgoing`](Collector::send_outgoing).
    pub(in crate::exec) fn waits_to_send(&self) -> Option<RawFd> {
        let process = self.process.as_ref()?;
        self.fd().filter(|_| !process.outgoing.is_empty())
    }

    /// When to check [`is_late`](Collector::is_late).
    pub(in crate::exec) fn deadline(&self) -> Option<Instant> {
        let waiting = self.waiting.iter().map(|(_, until)| *until);
        waiting.chain(self.end).min()
    }

    /// `true` if the collector did not answer, or did not end, in time.
    pub(in crate::exec) fn is_late(&self) -> bool {
        self.deadline().is_some_and(|until| until <= Instant::now())
    }

    /// Sends a request. Returns `false` if there is no collector.
    pub(in crate::exec) fn ask(&mut self, ask: &Ask) -> bool {
        if self.process.is_none() {
            return false;
        }
        match ask {
            Ask::Begin { run, .. } | Ask::Iteration { run, .. } => {
                self.waiting.push((*run, Instant::now() + PATIENCE));
            }
            Ask::Job { .. } | Ask::End { .. } => {}
        }
        self.send(ask);
        true
    }

    fn send(&mut self, ask: &Ask) {
        if let Some(process) = &mut self.process {
            process.outgoing.extend(protocol::line(ask));
        }
        self.send_outgoing();
    }

    /// Sends what is still queued. If the process no longer reads, its end will be noticed soon.
    pub(in crate::exec) fn send_outgoing(&mut self) {
        let Some(process) = &mut self.process else {
            return;
        };
        let Some(channel) = &process.channel else {
            return;
        };
        let is_sent = process.outgoing.is_empty();
        if !is_sent && unix::send_now(channel.as_fd(), &mut process.outgoing).is_err() {
            process.outgoing.clear();
        }
        if self.is_finished && process.outgoing.is_empty() {
            unix::send_no_more(channel.as_fd());
        }
    }

    /// Reads at most one buffer. Returns the messages to handle, and `true` if there may be more. After closing its
    /// end, the process must exit soon.
    pub(in crate::exec) fn read(&mut self, buffer: &mut [u8]) -> (Vec<Told>, bool) {
        let mut told = Vec::new();
        let Some(process) = &mut self.process else {
            return (told, false);
        };
        let Some(channel) = &process.channel else {
            return (told, false);
        };
        let count = match unix::receive(channel.as_fd(), buffer) {
            Ok(Some(0)) | Err(_) => {
                process.channel = None;
                self.end = Some(Instant::now() + PATIENCE_IF_CLOSED);
                0
            }
            Ok(count) => count.unwrap_or(0),
        };
        process.lines.push(&buffer[..count], |line| {
            told.extend(json::from_slice(line).ok());
        });
        told.retain(|told| self.is_news(told));
        (told, count > 0)
    }

    /// `true` if a message must be handled: the number of notes is limited, and some texts are recorded only once.
    fn is_news(&mut self, told: &Told) -> bool {
        match told {
            Told::Ready { run, .. } => {
                let waiting = self.waiting.iter().position(|(waiting, _)| waiting == run);
                waiting.map(|i| self.waiting.swap_remove(i)).is_some()
            }
            Told::Note(Note {
                text, is_told_once, ..
            }) => {
                self.notes += 1;
                let is_new = !is_told_once || self.told.insert(text.clone());
                is_new && self.notes <= MAX_NOTES
            }
        }
    }

    /// Tells the process that no more requests follow, and sets the deadline for its end.
    pub(in crate::exec) fn finish(&mut self, is_interrupted: bool) {
        let patience = match is_interrupted {
            false => PATIENCE_AT_END,
            true => PATIENCE_IF_INTERRUPTED,
        };
        if self.process.is_some() {
            let end = Instant::now() + patience;
            self.end = Some(self.end.map_or(end, |earlier| earlier.min(end)));
            self.is_finished = true;
            self.send_outgoing();
        }
    }

    /// Keeps a note until the end of the job.
    pub(in crate::exec) fn hold(&mut self, note: Note) {
        self.held.push(note);
    }

    /// Takes the notes to record at the end of the job.
    pub(in crate::exec) fn held(&mut self) -> Vec<Note> {
        std::mem::take(&mut self.held)
    }

    /// Whether [`finish`](Collector::finish) was called.
    pub(in crate::exec) fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// For an executor that blocks: waits until `run` has its answer or, with `None`, until the process has closed its
    /// end. Returns the messages received meanwhile.
    pub(in crate::exec) fn wait(&mut self, run: Option<u32>, buffer: &mut [u8]) -> Vec<Told> {
        let mut polled = Polled::default();
        let mut all = Vec::new();
        let waits = |it: &Collector| match run {
            Some(run) => it.waiting.iter().any(|(waiting, _)| *waiting == run),
            None => it.fd().is_some(),
        };
        while self.fd().is_some() && waits(self) && !self.is_late() {
            let until = self.deadline();
            let left = until.map(|until| until.saturating_duration_since(Instant::now()));
            polled.wait(self.fd(), self.waits_to_send(), left, None);
            self.send_outgoing();
            all.extend(self.read(buffer).0);
        }
        all
    }

    /// Kills the process. Returns its id, so that the caller can end its leftovers, and the runs that wait for it.
    pub(in crate::exec) fn kill(&mut self) -> (Option<ChildPid>, Vec<u32>) {
        self.is_over = true;
        self.end = None;
        let process = self.process.take();
        if let Some(process) = &process {
            unix::signal_group(process.pid, libc::SIGKILL);
            leaks::wait_for(process.pid, Instant::now());
        }
        let waiting = self.waiting.drain(..).map(|(run, _)| run).collect();
        (process.map(|process| process.pid), waiting)
    }
}

impl Process {
    /// Executes this binary again, as the collector.
    fn start(Start { job, changed }: Start<'_>) -> io::Result<Process> {
        let null: OwnedFd = File::options()
            .read(true)
            .write(true)
            .open("/dev/null")?
            .into();
        let (channel, theirs) = unix::channel()?;
        let mark = mark(&job.id);
        let hidden = job.registry.hidden_variables();
        let program = Program::current(&[OsStr::new(COLLECTOR)], (RUN_VARIABLE, &mark), &hidden);
        let supervisor = std::process::id().cast_signed();
        match unix::fork()? {
            Forked::Parent(pid) => {
                unix::make_group_leader(Some(pid));
                Ok(Process {
                    pid,
                    channel: Some(channel),
                    lines: Lines::default(),
                    outgoing: Vec::new(),
                })
            }
            Forked::Child => {
                if become_collector(&null, theirs, changed, supervisor).is_ok() {
                    program.exec();
                }
                unix::exit_now(70)
            }
        }
    }
}

/// Sets up the forked process. Must not allocate.
fn become_collector(
    null: &OwnedFd,
    channel: OwnedFd,
    changed: Option<ChangedState<'_>>,
    supervisor: i32,
) -> io::Result<()> {
    unix::make_group_leader(None);
    if !unix::die_with(supervisor) {
        return Err(io::ErrorKind::BrokenPipe.into());
    }
    for fd in 0..=2 {
        unix::redirect(null, fd)?;
    }
    std::mem::forget(unix::keep_only([channel])?);
    if let Some(changed) = changed {
        changed.descriptors.restore_in_child();
        changed.signals.restore_in_child();
    }
    Ok(())
}

impl Job {
    /// The rows to collect for a run in addition to the table; `None` if sysinfo is off for it.
    pub(in crate::exec) fn sysinfo(&self, run: &PlannedRun) -> Option<Vec<SysinfoRow>> {
        let requested = run.requested.as_ref();
        let own = requested.and_then(|requested| requested.settings.as_ref());
        let of_job = own.unwrap_or(&self.settings).sysinfo.as_ref();
        let of_test = run.test.def.meta.sysinfo;
        if of_job.is_none() && of_test.is_empty() {
            return None;
        }
        let of_job = of_job.into_iter().flat_map(|sysinfo| sysinfo.rows.clone());
        let of_test = of_test
            .iter()
            .filter_map(|text| SysinfoRow::of_option(text));
        Some(of_job.chain(of_test).collect())
    }
}
