//! How a run gets its process.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Recovery, TestStart, Verdict};

use super::Forking;
use crate::exec::capture::{Capture, Tee};
use crate::exec::child::{self, Ends};
use crate::exec::job::Life;
use crate::exec::leaks::RUN_VARIABLE;
use crate::exec::slot::{Process, Running, Seen, Slot};
use crate::exec::unix::{self, Forked};
use crate::exec::wire::{Channel, ChannelSink, Up};
use crate::plan::PlannedRun;

/// The exit status of a test's process that could not be made one.
const NO_TEST: i32 = 70;

impl Forking {
    pub(super) fn start(&mut self, run: PlannedRun, parent: Option<u32>, in_setup: bool) {
        self.job.is_setup_locked.set(in_setup);
        self.runs += 1;
        let on = Running {
            number: self.runs,
            run,
            parent,
            started: Instant::now(),
        };
        let created = self.job.create_outputdir(&on.run.name.subdir);
        self.job.send(
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
        match created.and_then(|()| self.slot(on.clone())) {
            Ok(slot) => self.slots.push(slot),
            Err(verdict) => self.end_run(&on, Some(verdict)),
        }
    }

    /// The directories of a run and its process.
    fn slot(&mut self, on: Running) -> Result<Slot, Verdict> {
        let directories = self.job.places(&on.run).create();
        let directories = directories.map_err(|failure| failure.classify(false))?;
        let timeout = self.timeout_within(self.job.timeout(&on.run), on.parent);
        let process = self.launch(&on, &directories, timeout, None);
        let process = process.map_err(|error| {
            let _ = std::fs::remove_dir_all(&directories.tmpdir);
            not_forked(&error)
        })?;
        Ok(Slot {
            on,
            directories,
            process,
            seen: Seen::default(),
            recovers: None,
        })
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

    /// Forks the process of a run, or the one that cleans up after it.
    pub(super) fn launch(
        &mut self,
        on: &Running,
        directories: &Directories,
        timeout: Option<Duration>,
        recovery: Option<Recovery>,
    ) -> io::Result<Process> {
        if unix::thread_count() != 1 {
            return Err(io::Error::other("this process has more than one thread"));
        }
        // A reader that went away is not the test's fault.
        let _ = io::stdout().flush();
        let (stdout, their_stdout) = unix::pipe()?;
        let (stderr, their_stderr) = unix::pipe()?;
        let (channel, their_channel) = unix::channel()?;
        let ends = Ends {
            channel: their_channel,
            stdout: their_stdout,
            stderr: their_stderr,
        };
        let supervisor = std::process::id().cast_signed();
        match unix::fork()? {
            Forked::Child => {
                let status = match child::become_test(ends, supervisor, &self.signals) {
                    Ok(channel) => {
                        unix::set_variable(RUN_VARIABLE, &on.number.to_string());
                        self.be_test(channel, &on.run, directories, timeout, recovery)
                    }
                    Err(_) => NO_TEST,
                };
                unix::exit_now(status)
            }
            Forked::Parent(pid) => {
                unix::make_group_leader(Some(pid));
                let tee = |tee| self.job.options.nocapture.then_some(tee);
                let capture = |pipe, name: &str, shown| {
                    Capture::new(pipe, directories.debugdir.join(name), tee(shown))
                };
                let stdout = capture(stdout, "stdout", Tee::Stdout);
                let stderr = capture(stderr, "stderr", Tee::Stderr);
                Ok(Process::new(pid, channel, stdout, stderr, timeout))
            }
        }
    }

    /// In the child: the lifecycle, then the last word.
    fn be_test(
        &self,
        channel: Channel,
        run: &PlannedRun,
        directories: &Directories,
        timeout: Option<Duration>,
        recovery: Option<Recovery>,
    ) -> i32 {
        let channel = Rc::new(RefCell::new(channel));
        let asks = Rc::clone(&channel);
        let lock = Rc::clone(&self.job.is_setup_locked);
        let subtests = move |subtest| asks.borrow_mut().run_subtest(subtest, lock.get());
        let sink = ChannelSink(Rc::clone(&channel));
        let life = Life {
            directories: Some(directories),
            timeout,
            recovery,
        };
        let verdict = self.job.run(run, life, subtests, sink);
        unix::flush_c_streams();
        let _ = io::stdout().flush();
        channel.borrow().say(&Up::Outcome(verdict));
        0
    }
}

pub(super) fn not_forked(error: &io::Error) -> Verdict {
    Verdict::new(Kind::Error, format!("failed to start a process: {error}"))
}
