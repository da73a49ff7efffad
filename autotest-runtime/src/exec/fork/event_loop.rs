//! The event loop: waits for signals, output and messages of tests, and handles them.

use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use autotest_core::{Event, Subtest};

use super::control::ControlFunction;
use super::{ENDS, Forking};
use crate::exec::process::Process;
use crate::exec::received::Incoming;
use crate::exec::source::{Request, Requester};
use crate::exec::unix::{self, Change, ChildPid, WaitTarget};
use crate::exec::verdict::Cause;
use crate::exec::wire::Reply;
use crate::exec::{Deadline, MAX_DEPTH, StopReason};
use crate::screen::Stream;

/// How long to wait for a signal after one killed a test: the sender signals one process after another.
const SIGNAL_TO_ALL: Duration = Duration::from_millis(100);

impl Forking {
    /// Waits for the next events and handles them.
    pub(super) fn handle_events(&mut self) {
        // The next test, if any, has already been started, so on a second processor, updating reports does not delay
        // it.
        self.job.update_reports();
        let mut polled = std::mem::take(&mut self.polled);
        let readable = self.all_processes().flat_map(Process::fds);
        let readable = readable.chain([self.signals.as_raw_fd()]);
        #[cfg(feature = "sysinfo")]
        let readable = readable.chain(self.collector.fd());
        let streams = [&self.streams.stdout, &self.streams.stderr];
        let deadlines = self.all_processes().map(Process::deadline);
        let to_send = self.all_processes().filter_map(Process::waits_to_send);
        #[cfg(feature = "sysinfo")]
        let to_send = to_send.chain(self.collector.waits_to_send());
        let job_deadline = self.deadline.map(|deadline| deadline.at);
        #[cfg(feature = "sysinfo")]
        let deadlines = deadlines.chain([self.collector.deadline()]);
        let deadline = deadlines.chain([job_deadline]).flatten().min();
        let timeout = deadline.map(|at| at.saturating_duration_since(Instant::now()));
        let busy_wait_until = match self.slots.as_slice() {
            [slot] => self.recent.busy_wait_until(slot.active.started),
            _ => None,
        };
        let is_alone = polled.wait(
            readable,
            streams
                .into_iter()
                .filter_map(Stream::waits_for)
                .chain(to_send),
            timeout.into_iter().chain(self.job.next_tick()).min(),
            busy_wait_until,
        );
        self.polled = polled;
        if !is_alone {
            self.recent.processor_is_wanted();
        }
        self.job.tick();
        streams.into_iter().for_each(Stream::pump);
        self.read_ready();
        #[cfg(feature = "sysinfo")]
        self.attend_to_collector();
        if self.polled.is_ready(self.signals.as_raw_fd()) {
            for signal in self.signals.take() {
                self.on_signal(signal);
            }
        }
        self.end_in_time();
        let now = Instant::now();
        self.processes_mut()
            .for_each(|process| keep_time(process, now));
        #[cfg(feature = "profilers")]
        self.profiler_processes_mut()
            .for_each(|process| keep_time(process, now));
    }

    /// The processes of runs and of their profilers, and that of the control function.
    fn all_processes(&self) -> impl Iterator<Item = &Process> {
        let processes = self.processes();
        #[cfg(feature = "profilers")]
        let processes = processes.chain(self.profiler_processes());
        processes
    }

    /// The processes of the runs in progress, and that of the control function.
    fn processes(&self) -> impl Iterator<Item = &Process> {
        let control = self.control.as_ref().and_then(ControlFunction::process);
        self.slots.iter().map(|slot| &slot.process).chain(control)
    }

    fn processes_mut(&mut self) -> impl Iterator<Item = &mut Process> {
        let control = self.control.as_mut().and_then(ControlFunction::process_mut);
        let slots = self.slots.iter_mut().map(|slot| &mut slot.process);
        slots.chain(control)
    }

    /// Reads at most one buffer from each stream, so that none delays the others.
    fn read_ready(&mut self) {
        self.read_control();
        #[cfg(feature = "profilers")]
        self.read_profilers();
        for i in 0..self.slots.len() {
            let slot = &mut self.slots[i];
            let process = &mut slot.process;
            for stream in [&mut process.stdout, &mut process.stderr] {
                if stream.fd().is_some_and(|fd| self.polled.is_ready(fd)) {
                    stream.read(&mut self.buffer);
                }
            }
            if process
                .channel_fd()
                .is_some_and(|fd| self.polled.is_ready(fd))
            {
                let number = slot.active.number;
                let mut incoming = Vec::new();
                slot.read_channel(&mut self.buffer, &mut incoming);
                for incoming in incoming {
                    self.handle_incoming(number, incoming);
                }
            }
        }
    }

    /// Reads at most one buffer from each stream of a slot. Returns the messages of its test.
    pub(super) fn read_slot(&mut self, i: usize) -> Vec<Incoming> {
        let mut incoming = Vec::new();
        let slot = &mut self.slots[i];
        slot.process.stdout.read(&mut self.buffer);
        slot.process.stderr.read(&mut self.buffer);
        slot.read_channel(&mut self.buffer, &mut incoming);
        incoming
    }

    pub(super) fn handle_incoming(&mut self, number: u32, incoming: Incoming) {
        match incoming {
            Incoming::Event(event) => {
                #[cfg(feature = "profilers")]
                self.mark_phase(number, &event);
                self.record(number, event);
            }
            #[cfg(feature = "profilers")]
            Incoming::Profile { step, iteration } => self.profile(number, step, iteration),
            Incoming::Barrier => self.reply(number, &Reply::Recorded),
            #[cfg(feature = "sysinfo")]
            Incoming::Sysinfo(step) => self.collect(number, step),
            Incoming::Subtest { subtest, in_setup } => {
                let requester = Requester::Test {
                    run: number,
                    in_setup,
                };
                if let Err(reason) = self.request_subtest(requester, subtest) {
                    self.reply(number, &Reply::Refused(reason));
                }
            }
        }
    }

    /// Records an event from the test of a run.
    pub(super) fn record(&mut self, number: u32, event: Event) {
        #[cfg(feature = "packages")]
        if let Event::Nested { run, event } = event {
            return self.record_nested(number, run, *event);
        }
        self.job.record(number, event);
    }

    fn request_subtest(&mut self, requester: Requester, subtest: Subtest) -> Result<(), String> {
        let mut depth = 0;
        let mut above = requester.parent();
        while let Some(number) = above {
            depth += 1;
            let slot = self.slots.iter().find(|slot| slot.active.number == number);
            above = slot.and_then(|slot| slot.active.requester.parent());
        }
        if depth > MAX_DEPTH {
            return Err(format!("{}: subtests are nested too deeply", subtest.name));
        }
        let parent = requester.parent();
        let slot = self
            .slots
            .iter()
            .find(|slot| Some(slot.active.number) == parent);
        let subdir = slot
            .map(|slot| slot.active.run.name.subdir.clone())
            .unwrap_or_default();
        let run = self.job.plan_subtest(&subdir, subtest)?;
        self.subtests.request(Request { run, requester });
        Ok(())
    }

    pub(super) fn reply(&mut self, number: u32, reply: &Reply) {
        let mut line = serde_json::to_vec(reply).unwrap_or_default();
        line.push(b'\n');
        let mut slots = self.slots.iter_mut();
        if let Some(slot) = slots.find(|slot| slot.active.number == number) {
            slot.process.answer(&line);
        }
    }

    fn on_signal(&mut self, signal: i32) {
        match signal {
            libc::SIGCHLD => {
                while let Some((pid, change)) = unix::next_change(WaitTarget::AnyChild) {
                    self.on_change(pid, change);
                }
            }
            libc::SIGTSTP => self.stop_with_tests(),
            _ => self.interrupt(signal),
        }
    }

    /// When the time limit of the job is over, ends the running tests; no other test starts.
    pub(super) fn end_in_time(&mut self) {
        if let Some(Deadline { time, .. }) = self.deadline.take_if(|deadline| deadline.is_over()) {
            self.conclusion.stop(StopReason::OutOfTime(time));
            for process in self.processes_mut() {
                process.end(Cause::JobTimeout(time));
            }
            #[cfg(feature = "profilers")]
            self.hurry_profilers();
        }
    }

    /// Ends the job. The first signal asks the running tests to end; a second one kills them if it comes from the
    /// keyboard. Engines repeat SIGTERM without waiting, and use SIGKILL if they are in a hurry.
    fn interrupt(&mut self, signal: i32) {
        let is_again = self.conclusion.is_interrupted();
        if is_again && signal != libc::SIGINT {
            return;
        }
        self.conclusion.stop(StopReason::Interrupted(signal));
        for process in self.processes_mut() {
            if is_again {
                process.kill();
            } else {
                process.end(Cause::Interrupted(signal));
            }
        }
        #[cfg(feature = "profilers")]
        match is_again {
            true => self.profiler_processes_mut().for_each(Process::kill),
            false => self.hurry_profilers(),
        }
    }

    /// `^Z` stops the tests, then this process. The time until they are continued does not count towards timeouts.
    fn stop_with_tests(&mut self) {
        let pids: Vec<_> = self.all_processes().map(|process| process.pid).collect();
        let signal_all = |signal| pids.iter().for_each(|pid| unix::signal_group(*pid, signal));
        signal_all(libc::SIGSTOP);
        let stopped = Instant::now();
        unix::stop_this_process();
        signal_all(libc::SIGCONT);
        // Otherwise, the supervisor would treat the stop as one by the tests, and end them.
        pids.iter().for_each(|pid| unix::note_stop(*pid));
        for process in self.processes_mut() {
            process.postpone(stopped.elapsed());
        }
        #[cfg(feature = "profilers")]
        for process in self.profiler_processes_mut() {
            process.postpone(stopped.elapsed());
        }
        if let Some(deadline) = &mut self.deadline {
            deadline.at += stopped.elapsed();
        }
    }

    fn on_change(&mut self, pid: ChildPid, change: Change) {
        if self.may_be_signalled_as_well(pid, change) {
            self.await_signal();
        }
        #[cfg(feature = "profilers")]
        if self.on_profiler_change(pid, change) {
            return;
        }
        if self.processes().all(|process| process.pid != pid) {
            return self.on_change_of_another(pid, change);
        }
        let found = self.slots.iter().position(|slot| slot.process.pid == pid);
        match (found, change) {
            (None, Change::Stopped(signal)) => {
                unix::note_stop(pid);
                if let Some(process) = self.control_process_mut() {
                    process.end(Cause::Stopped(signal));
                }
            }
            (None, Change::Exited(_) | Change::Killed(_)) => self.finish_control(change),
            (Some(i), Change::Stopped(signal)) => {
                unix::note_stop(pid);
                self.slots[i].process.end(Cause::Stopped(signal));
            }
            (Some(i), Change::Exited(_) | Change::Killed(_)) => self.finish(i, change),
        }
    }
}

impl Forking {
    /// `true` if a process was killed by a signal that the supervisor may get as well: an engine that ends a job
    /// signals all of its processes.
    fn may_be_signalled_as_well(&self, pid: ChildPid, change: Change) -> bool {
        let is_ending = match change {
            Change::Killed(signal) => signal == libc::SIGKILL || ENDS.contains(&signal),
            Change::Exited(_) | Change::Stopped(_) => false,
        };
        let mut processes = self.processes();
        is_ending && processes.any(|process| process.pid == pid && process.cause.is_none())
    }

    /// Waits briefly for a signal that interrupts the job: then the killed process was interrupted with the job, and
    /// has not failed. If it is SIGKILL, this process will not survive the wait.
    fn await_signal(&mut self) {
        if let Some(signal) = self.signals.wait_for(&ENDS, SIGNAL_TO_ALL) {
            self.interrupt(signal);
        }
    }
}

/// Sends what is queued, and handles a deadline that has passed.
fn keep_time(process: &mut Process, now: Instant) {
    process.send_outgoing();
    if process.deadline().is_some_and(|deadline| deadline <= now) {
        process.on_deadline();
    }
}
