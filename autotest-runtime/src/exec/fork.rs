//! The supervisor: forks a process for each run and watches it.
//!
//! It has one thread and one event loop, which blocks only in poll. Whatever a test does, the supervisor ends its run
//! with a verdict that says what happened.

mod begin;
mod control;
#[cfg(feature = "crash-handler")]
mod crashed;
mod end;
mod event_loop;
#[cfg(any(feature = "profilers", feature = "sysinfo"))]
mod held_time;
#[cfg(feature = "packages")]
mod nested;
mod prefork;
#[cfg(feature = "profilers")]
mod profiled;
mod recent;
#[cfg(feature = "sysinfo")]
mod told;
mod waiting;
#[cfg(feature = "leaks")]
mod watched;

use std::fs::File;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use super::conclusion::{Conclusion, StopReason};
use super::guardian::{GuardedJob, Guardian};
use super::job::Job;
use super::leaks::{Children, Elders};
use super::procfs;
use super::slot::Slot;
use super::source::{List, Source, Subtests};
#[cfg(feature = "sysinfo")]
use super::sysinfo::Collector;
#[cfg(feature = "leaks")]
use super::target_state::{Own, Watch};
use super::unix::{self, Buffer, Descriptors, Instruments, Polled, Signals};
use super::{Deadline, Executor, Isolation, MAX_DEPTH, Work};
#[cfg(feature = "profilers")]
use crate::built_in;
use crate::panics;
use crate::plan::Runs;
use crate::screen::Stream;
use control::ControlFunction;
#[cfg(feature = "crash-handler")]
use crashed::Crashes;
use recent::RecentRuns;
use waiting::WaitingProcess;

/// The signals that interrupt a job.
const ENDS: [i32; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// The number of bytes to read at once.
const BUFFER_BYTES: usize = 64 << 10;

/// Executes each run in its own process.
pub(crate) struct Forking {
    job: Job,
    isolation: Isolation,
    signals: Signals,
    descriptors: Descriptors,
    instruments: Instruments,
    /// How many tests may run at once.
    slots_at_once: NonZeroUsize,
    streams: Streams,
    /// `/dev/null`, the standard input of tests.
    null: OwnedFd,
    /// The children of this process, including orphans of tests.
    children: Children,
    /// The children from before the job.
    elders: Elders,
    /// `true` if orphans of tests become children of this process.
    is_subreaper: bool,
    /// Ends the processes of tests if this process is killed. `None` if it could not be started.
    guardian: Option<Guardian>,
    /// The runs in progress: tests, and the subtests that they wait for.
    slots: Vec<Slot>,
    /// Runs whose process has ended, but whose profilers have not.
    #[cfg(feature = "profilers")]
    finishing: Vec<profiled::Finishing>,
    /// `true` if a profiler was killed, and thus could not clean up.
    #[cfg(feature = "profilers")]
    is_profiler_killed: bool,
    /// The preforked process for the next run, if any.
    preforked: Option<WaitingProcess>,
    /// The source of the job's runs, unless a control function requests them.
    source: Box<dyn Source>,
    control: Option<ControlFunction>,
    subtests: Subtests,
    runs: u32,
    polled: Polled,
    recent: RecentRuns,
    buffer: Buffer,
    conclusion: Conclusion,
    #[cfg(feature = "crash-handler")]
    crashes: Crashes,
    #[cfg(feature = "sysinfo")]
    collector: Collector,
    /// The state of the target before the runs in progress.
    #[cfg(feature = "leaks")]
    watch: Watch,
    /// The end of the job's time limit.
    deadline: Option<Deadline>,
}

/// Standard output and standard error of this process; under `--nocapture` they show the output of tests.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    pub(crate) stdout: Stream,
    pub(crate) stderr: Stream,
}

impl Forking {
    /// # Errors
    /// If signals are not available through a descriptor.
    pub(crate) fn new(job: Job, isolation: Isolation, streams: Streams) -> io::Result<Forking> {
        let handled = [&ENDS[..], &[libc::SIGCHLD, libc::SIGTSTP]].concat();
        panics::install();
        let is_subreaper = unix::become_subreaper();
        unix::ignore_file_size_signal();
        unix::do_not_ignore_children();
        let threads = procfs::thread_count();
        // With several threads, a forked child could inherit locked locks that no thread releases. No thread is started
        // later: only our own code runs in this process.
        let isolation = match threads {
            1 if Instruments::can_fork() => isolation,
            _ => Isolation::Exec,
        };
        let children = Children::of_this_thread();
        let elders = Elders::of(&children);
        let signals = Signals::block(&handled, threads)?;
        let null = File::open("/dev/null")?.into();
        let guarded = GuardedJob {
            id: job.id.clone(),
            jobdir: job.tree.jobdir(),
            supervisor: std::process::id(),
        };
        let guardian = match threads {
            1 => Guardian::start(guarded, &null).ok(),
            _ => None,
        };
        let descriptors = Descriptors::reserve(job.options.slots, MAX_DEPTH);
        let slots_at_once = descriptors.slots(job.options.slots);
        #[cfg(feature = "leaks")]
        let watch = Watch::new(Own {
            tmp: job.tmp.clone(),
            prefix: job.id.clone(),
        });
        Ok(Forking {
            #[cfg(feature = "crash-handler")]
            crashes: Crashes::new(),
            #[cfg(feature = "sysinfo")]
            collector: Collector::default(),
            #[cfg(feature = "leaks")]
            watch,
            isolation,
            descriptors,
            instruments: Instruments::new(),
            slots_at_once,
            recent: RecentRuns::new(slots_at_once),
            streams,
            null,
            children,
            elders,
            is_subreaper,
            guardian,
            job,
            signals,
            slots: Vec::new(),
            #[cfg(feature = "profilers")]
            finishing: Vec::new(),
            #[cfg(feature = "profilers")]
            is_profiler_killed: false,
            preforked: None,
            source: Box::new(List::new(Runs::default())),
            control: None,
            subtests: Subtests::default(),
            runs: 0,
            polled: Polled::default(),
            buffer: Buffer::new(BUFFER_BYTES)?,
            conclusion: Conclusion::default(),
            deadline: None,
        })
    }
}

impl Executor for Forking {
    fn execute(&mut self, work: Work) -> Conclusion {
        self.conclusion = Conclusion::new(&self.job.options, work.has_failures);
        self.deadline = Deadline::of(self.job.options.job_timeout);
        self.runs = work.runs_before;
        #[cfg(feature = "sysinfo")]
        if self.job.settings.sysinfo.is_some() {
            self.start_collector();
        }
        for unfinished in work.unfinished {
            self.end_unfinished(unfinished);
        }
        // A forked process would flush the buffer again. Nothing is printed through it later.
        let _ = io::stdout().flush();
        self.source = work.source;
        if let Some(control) = work.control {
            self.start_control(control);
        }
        loop {
            self.start_all();
            let is_over = self.conclusion.is_stopped() || self.job_source().is_exhausted();
            if self.has_no_run() && is_over {
                break;
            }
            self.prefork();
            self.handle_events();
        }
        self.end_control();
        self.discard_preforked();
        #[cfg(feature = "sysinfo")]
        self.finish_collecting();
        self.instruments.collect();
        #[cfg(feature = "crash-handler")]
        self.crashes.end();
        // After the last test has ended, since it may take the kernel some time.
        #[cfg(feature = "profilers")]
        if self.is_profiler_killed {
            built_in::remove_left();
        }
        if let Some(guardian) = self.guardian.take() {
            guardian.dismiss();
        }
        std::mem::take(&mut self.conclusion)
    }
}

impl Forking {
    /// Starts all runs that may start now.
    fn start_all(&mut self) {
        self.start_subtests();
        while self.has_free_slot() && self.may_start() {
            match self.job_source().next() {
                Some(request) => self.start(request),
                None => break,
            }
        }
    }

    /// The source of the job's runs.
    fn job_source(&mut self) -> &mut dyn Source {
        match &mut self.control {
            Some(control) => control.source(),
            None => &mut *self.source,
        }
    }

    /// Starts subtests. They need no free slot: the test that waits for one keeps its own.
    fn start_subtests(&mut self) {
        while let Some(request) = self.subtests.next() {
            self.start(request);
        }
    }

    /// `true` if a new run may start. The job ends if the journal is not as durable as `--sync` demands.
    fn may_start(&mut self) -> bool {
        self.end_in_time();
        if !self.job.is_durable() {
            self.conclusion.stop(StopReason::NotDurable);
        }
        !self.conclusion.is_stopped()
    }
}

impl Forking {
    /// `true` if no run is in progress.
    fn has_no_run(&self) -> bool {
        #[cfg(feature = "profilers")]
        if !self.finishing.is_empty() {
            return false;
        }
        self.slots.is_empty()
    }

    /// `true` if another test may start.
    fn has_free_slot(&self) -> bool {
        self.runs_of_job().count() < self.slots_at_once.get()
    }

    /// The runs in progress, including those of which only profilers are left. Subtests do not count, since their parent
    /// waits.
    fn runs_of_job(&self) -> impl Iterator<Item = &Slot> {
        #[cfg(feature = "profilers")]
        let slots = self.profiled_slots();
        #[cfg(not(feature = "profilers"))]
        let slots = self.slots.iter();
        slots.filter(|slot| slot.active.requester.parent().is_none())
    }
}
