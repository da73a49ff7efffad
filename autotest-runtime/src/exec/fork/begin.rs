//! Starting a run: creates its directories and its process.

use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Recovery, Verdict};

use super::Forking;
use super::waiting::{SupervisorSide, WaitingProcess};
use crate::exec::Isolation;
use crate::exec::capture::Capture;
use crate::exec::child::{self, ChangedState, TestSide, TestStdio};
use crate::exec::disk_usage::DiskUsage;
use crate::exec::mark::{self, RUN_VARIABLE};
use crate::exec::process::Process;
use crate::exec::respawn::Respawn;
use crate::exec::run_spec::RunSpec;
use crate::exec::slot::{ActiveRun, Slot};
use crate::exec::source::Request;
use crate::exec::unix::{self, Forked, Gate, HiddenVariable, Variable};
use crate::exec::wire::{AssignedRun, Channel};
use crate::registry::Test;

/// The exit status of a process that could not be set up for its test.
const NO_TEST: i32 = 70;

impl Forking {
    pub(super) fn start(&mut self, Request { run, requester }: Request) {
        self.runs += 1;
        self.job.tell_caches(&run);
        let limit = self.job.max_disk_usage(&run);
        let active = ActiveRun {
            number: self.runs,
            run,
            requester,
            is_cut_off: false,
            started: Instant::now(),
            disk_usage: DiskUsage::begin(limit),
        };
        // Before the state of the target is read, since this changes kernel parameters.
        #[cfg(feature = "crash-handler")]
        let handler = self.install_crash_handler(&active);
        #[cfg(feature = "leaks")]
        self.watch_begin(&active);
        let created = self.job.create_outputdir(&active.run.name.subdir);
        let start = self.job.test_start(&active.run, requester, created.is_ok());
        self.job.record(active.number, Event::TestStart(start));
        #[cfg(feature = "crash-handler")]
        self.tell_of_handler(&active, handler);
        let ready = created.and_then(|()| self.job.check_needs(&active.run));
        match ready.and_then(|()| self.process(&active)) {
            Ok((directories, process)) => self.slots.push(Slot::new(active, directories, process)),
            Err(verdict) => self.end_run(&active, Some(verdict)),
        }
    }

    /// Creates the directories of a run and its process.
    fn process(&mut self, active: &ActiveRun) -> Result<(Directories, Process), Verdict> {
        let directories = self.job.places(&active.run, active.number).create();
        let directories = directories.map_err(|failure| failure.classify(false))?;
        let timeout = self.timeout_within(self.job.timeout(&active.run), active.requester.parent());
        let process = match self.take_preforked(active) {
            Some(waiting) => {
                let assigned = match waiting.number {
                    Some(_) => None,
                    None => Some(self.assigned(active, &directories, timeout)),
                };
                self.begin(waiting, active, timeout, assigned)
                    .map(Process::preforked)
            }
            None => self.launch(active, &directories, timeout, None),
        };
        let process = process.map_err(|error| {
            let _ = std::fs::remove_dir_all(&directories.tmpdir);
            not_forked(&error)
        })?;
        Ok((directories, process))
    }

    /// The run, to be sent to a preforked process that does not know it yet.
    fn assigned(
        &self,
        active: &ActiveRun,
        directories: &Directories,
        timeout: Option<Duration>,
    ) -> AssignedRun {
        AssignedRun {
            test: active.run.test.id.to_owned(),
            mark: mark::run_mark(&self.job.id, active.number),
            spec: self.spec(active, directories, timeout, None),
        }
    }

    fn spec(
        &self,
        active: &ActiveRun,
        directories: &Directories,
        timeout: Option<Duration>,
        recovery: Option<Recovery>,
    ) -> RunSpec {
        RunSpec {
            is_setup_locked: active.requester.in_setup(),
            directories: Some(directories.clone()),
            timeout,
            recovery,
            ..self.job.run_spec(&active.run, active.number)
        }
    }

    /// The timeout of a run; a subtest's ends no later than its parent's.
    fn timeout_within(&self, own: Option<Duration>, parent: Option<u32>) -> Option<Duration> {
        let parent = self
            .slots
            .iter()
            .find(|slot| Some(slot.active.number) == parent);
        let left = parent.and_then(|slot| slot.process.deadline());
        let left = left.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        own.into_iter().chain(left).min()
    }

    /// Forks the process of a run, or, with `recovery`, one that runs `cleanup` after it.
    pub(super) fn launch(
        &mut self,
        active: &ActiveRun,
        directories: &Directories,
        timeout: Option<Duration>,
        recovery: Option<Recovery>,
    ) -> io::Result<Process> {
        let spec = self.spec(active, directories, timeout, recovery);
        let waiting = self.fork_test(active.number, active.run.test, spec)?;
        self.begin(waiting, active, timeout, None)
    }

    /// Forks the process of the run `number`, which waits at its gate.
    pub(super) fn fork_test(
        &self,
        number: u32,
        test: &'static Test,
        spec: RunSpec,
    ) -> io::Result<WaitingProcess> {
        let mark = mark::run_mark(&self.job.id, number);
        let again = match self.isolation == Isolation::Exec {
            true => {
                let hidden = self.job.registry.hidden_variables();
                Some(Respawn::test(test.id, &spec, &mark, &hidden)?)
            }
            false => None,
        };
        let execute = |channel| child::execute_test(Channel::new(channel), test.def, spec);
        self.fork_process(Some(number), &mark, again, execute)
    }

    /// Forks a process, which waits at its gate. It then executes this binary again, or calls `execute` with its end of
    /// the channel and exits with the returned status.
    pub(super) fn fork_process(
        &self,
        number: Option<u32>,
        mark: &str,
        again: Option<Respawn>,
        execute: impl FnOnce(OwnedFd) -> i32,
    ) -> io::Result<WaitingProcess> {
        // Prepare as much as possible before the fork: each page that the child writes to is copied.
        let variable = Variable::new(RUN_VARIABLE, mark)?;
        let hidden = self.hidden_variables()?;
        let (ours, theirs) = self.connection()?;
        let gate = Gate::new()?;
        let changed = ChangedState {
            supervisor: std::process::id().cast_signed(),
            signals: &self.signals,
            descriptors: self.descriptors,
        };
        match unix::fork()? {
            Forked::Child => {
                let status = match again {
                    Some(again) => again.exec(theirs, gate, changed),
                    None => {
                        self.instruments.begin();
                        child::enter(theirs, gate, changed, |channel| {
                            variable.set();
                            hidden.iter().for_each(HiddenVariable::remove);
                            let status = execute(channel);
                            self.instruments.end();
                            status
                        })
                    }
                };
                unix::exit_now(status.unwrap_or(NO_TEST))
            }
            Forked::Parent(pid) => {
                unix::make_group_leader(Some(pid));
                Ok(WaitingProcess {
                    number,
                    pid,
                    since_boot: unix::since_boot(),
                    gate,
                    ours,
                })
            }
        }
    }

    /// The variables of secret parameters, which a test and its child processes must not inherit.
    fn hidden_variables(&self) -> io::Result<Vec<HiddenVariable>> {
        let names = self.job.registry.hidden_variables();
        names.into_iter().map(HiddenVariable::new).collect()
    }

    /// Records the process in the journal, then opens its gate.
    pub(super) fn begin(
        &mut self,
        waiting: WaitingProcess,
        active: &ActiveRun,
        timeout: Option<Duration>,
        assigned: Option<AssignedRun>,
    ) -> io::Result<Process> {
        self.record_process(active.number, &waiting);
        let WaitingProcess {
            pid, gate, ours, ..
        } = waiting.begin()?;
        let subdir = &active.run.name.subdir;
        let capture = |pipe, name| self.capture(pipe, format!("{subdir}/debug/{name}"), name);
        let stdout = capture(ours.stdout, "stdout");
        let stderr = capture(ours.stderr, "stderr");
        let mut process = Process::new(pid, gate, ours.channel, stdout, stderr, timeout);
        #[cfg(feature = "packages")]
        {
            process.has_job = active.run.test.is_package();
        }
        if let Some(assigned) = assigned {
            process.answer(&assigned.line());
        }
        Ok(process)
    }

    /// Creates both sides of the connection between the supervisor and a test's process.
    fn connection(&self) -> io::Result<(SupervisorSide, TestSide<'_>)> {
        let (stdout, their_stdout) = unix::pipe()?;
        let (stderr, their_stderr) = unix::pipe()?;
        let (channel, their_channel) = unix::channel()?;
        let ours = SupervisorSide {
            channel,
            stdout,
            stderr,
        };
        let theirs = TestSide {
            stdio: TestStdio {
                stdin: &self.null,
                stdout: their_stdout,
                stderr: their_stderr,
            },
            channel: their_channel,
        };
        Ok((ours, theirs))
    }

    /// Captures a stream of a process in a file. `path` is relative to the job's directory.
    pub(super) fn capture(&self, pipe: OwnedFd, path: String, name: &str) -> Capture {
        let tee = match (self.job.options.nocapture, name) {
            (false, _) => None,
            (true, "stderr") => Some(self.streams.stderr.clone()),
            (true, _) => Some(self.streams.stdout.clone()),
        };
        Capture::new(pipe, &self.job.tree, path.into(), tee)
    }

    /// Records the process: if this job crashes, a resumed job ends the processes of this run.
    pub(super) fn record_process(&self, number: u32, waiting: &WaitingProcess) {
        self.job.record(
            number,
            Event::Process {
                pid: waiting.pid.get(),
                since_boot_s: waiting.since_boot.as_secs_f64(),
            },
        );
    }
}

pub(super) fn not_forked(error: &io::Error) -> Verdict {
    Verdict::new(Kind::Error, format!("failed to start a process: {error}"))
}
