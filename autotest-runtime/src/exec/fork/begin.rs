//! How a run gets its process.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Recovery, TestStart, Verdict};

use super::Forking;
use crate::exec::Isolation;
use crate::exec::capture::Capture;
use crate::exec::child::{self, Changed, Ends};
use crate::exec::leaks::{self, RUN_VARIABLE};
use crate::exec::life::Life;
use crate::exec::respawn::Respawn;
use crate::exec::slot::{Process, Running, Seen, Slot};
use crate::exec::unix::{self, ChildPid, Forked, Variable};
use crate::plan::PlannedRun;

/// The exit status of a test's process that could not be made one.
const NO_TEST: i32 = 70;

/// The ends of a run's pipes and of its channel that the supervisor has.
struct OurEnds {
    channel: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
}

impl Forking {
    pub(super) fn start(&mut self, run: PlannedRun, parent: Option<u32>, in_setup: bool) {
        self.runs += 1;
        let on = Running {
            number: self.runs,
            run,
            parent,
            in_setup,
            is_cut_off: false,
            started: Instant::now(),
        };
        let created = self.job.create_outputdir(&on.run.name.subdir);
        self.job.keep(
            on.number,
            Event::TestStart(TestStart {
                test: on.run.name.test.clone(),
                subdir: created
                    .as_ref()
                    .map_or("", |()| &on.run.name.subdir)
                    .to_owned(),
                operation: on.run.name.tagged_testname.clone(),
                args: on.run.args.clone(),
                timeout_s: self
                    .job
                    .timeout(&on.run)
                    .map(|timeout| timeout.as_secs_f64()),
                parent,
            }),
        );
        match created.and_then(|()| self.process(&on)) {
            Ok((directories, process)) => self.slots.push(Slot {
                on,
                directories,
                process,
                seen: Seen::default(),
                recovers: None,
            }),
            Err(verdict) => self.end_run(&on, Some(verdict)),
        }
    }

    /// The directories of a run and its process.
    fn process(&mut self, on: &Running) -> Result<(Directories, Process), Verdict> {
        let directories = self.job.places(&on.run, on.number).create();
        let directories = directories.map_err(|failure| failure.classify(false))?;
        let timeout = self.timeout_within(self.job.timeout(&on.run), on.parent);
        let process = self.launch(on, &directories, timeout, None);
        let process = process.map_err(|error| {
            let _ = std::fs::remove_dir_all(&directories.tmpdir);
            not_forked(&error)
        })?;
        Ok((directories, process))
    }

    /// A subtest ends no later than its parent.
    fn timeout_within(&self, own: Option<Duration>, parent: Option<u32>) -> Option<Duration> {
        let parent = self
            .slots
            .iter()
            .find(|slot| Some(slot.on.number) == parent);
        let left = parent.and_then(|slot| slot.process.deadline());
        let left = left.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        own.into_iter().chain(left).min()
    }

    /// Starts the process of a run, or the one that cleans up after it.
    pub(super) fn launch(
        &mut self,
        on: &Running,
        directories: &Directories,
        timeout: Option<Duration>,
        recovery: Option<Recovery>,
    ) -> io::Result<Process> {
        // All that can be made here is: a forked process has none of the code's pages yet, and each piece of
        // code that it needs costs it a fault.
        let life = Life {
            is_setup_locked: on.in_setup,
            directories: Some(directories.clone()),
            timeout,
            recovery,
            ..self.job.life(&on.run, on.number)
        };
        let mark = leaks::run_mark(&self.job.id, on.number);
        let variable = Variable::new(RUN_VARIABLE, &mark)?;
        let again = match self.isolation == Isolation::Exec {
            true => Some(Respawn::new(on.run.test.id, &life, &mark)?),
            false => None,
        };
        // A reader that went away is not the test's fault.
        let _ = io::stdout().flush();
        let (ours, ends, their_channel) = self.pipes()?;
        let changed = Changed {
            supervisor: std::process::id().cast_signed(),
            signals: &self.signals,
            descriptors: self.descriptors,
        };
        match unix::fork()? {
            Forked::Child => {
                let status = match again {
                    Some(again) => again.become_it(ends, their_channel, changed),
                    None => child::live(ends, their_channel, changed, |channel| {
                        variable.set();
                        child::be_test(channel, on.run.test.def, life)
                    }),
                };
                unix::exit_now(status.unwrap_or(NO_TEST))
            }
            Forked::Parent(pid) => {
                unix::make_group_leader(Some(pid));
                self.tell_of_process(on.number, pid);
                let stdout = self.capture(ours.stdout, on, "stdout");
                let stderr = self.capture(ours.stderr, on, "stderr");
                Ok(Process::new(pid, ours.channel, stdout, stderr, timeout))
            }
        }
    }

    /// What connects a process with us: our ends, then its own.
    fn pipes(&self) -> io::Result<(OurEnds, Ends<'_>, OwnedFd)> {
        let (stdout, their_stdout) = unix::pipe()?;
        let (stderr, their_stderr) = unix::pipe()?;
        let (channel, their_channel) = unix::channel()?;
        let ours = OurEnds {
            channel,
            stdout,
            stderr,
        };
        let theirs = Ends {
            stdin: &self.null,
            stdout: their_stdout,
            stderr: their_stderr,
        };
        Ok((ours, theirs, their_channel))
    }

    fn capture(&self, pipe: OwnedFd, on: &Running, name: &str) -> Capture {
        let path = format!("{}/debug/{name}", on.run.name.subdir);
        let shown = match (self.job.options.nocapture, name) {
            (false, _) => None,
            (true, "stderr") => Some(self.shown.stderr.clone()),
            (true, _) => Some(self.shown.stdout.clone()),
        };
        Capture::new(pipe, &self.job.tree, path.into(), shown)
    }

    /// What a job that goes on after a crash must know to end what is left of the run.
    fn tell_of_process(&self, number: u32, pid: ChildPid) {
        self.job.keep(
            number,
            Event::Process {
                pid: pid.get(),
                since_boot_s: unix::since_boot().as_secs_f64(),
            },
        );
    }
}

pub(super) fn not_forked(error: &io::Error) -> Verdict {
    Verdict::new(Kind::Error, format!("failed to start a process: {error}"))
}
