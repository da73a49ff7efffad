//! The event loop: waits for signals, and for output and messages of tests, and handles them.

use std::os::fd::AsRawFd;
use std::time::Instant;

use autotest_core::Subtest;

use super::Forking;
use super::control::ControlFunction;
use crate::exec::received::Incoming;
use crate::exec::slot::Process;
use crate::exec::source::{Request, Requester};
use crate::exec::unix::{self, Change, ChildPid, WaitTarget};
use crate::exec::verdict::Cause;
use crate::exec::wire::Reply;
use crate::exec::{Deadline, MAX_DEPTH, StopReason};
use crate::screen::Stream;

impl Forking {
    /// Waits for the next events and handles them.
    pub(super) fn handle_events(&mut self) {
        // The next test, if any, has been started before this, so that with a second processor updating the
        // reports does not delay it.
        self.job.update_reports();
        let mut polled = std::mem::take(&mut self.polled);
        let readable = self.processes().flat_map(Process::fds);
        let readable = readable.chain([self.signals.as_raw_fd()]);
        let streams = [&self.streams.stdout, &self.streams.stderr];
        let deadlines = self.processes().map(Process::deadline);
        let to_send = self.processes().filter_map(Process::waits_to_send);
        let job_deadline = self.deadline.map(|deadline| deadline.at);
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
        if self.polled.is_ready(self.signals.as_raw_fd()) {
            for signal in self.signals.take() {
                self.on_signal(signal);
            }
        }
        self.end_in_time();
        let now = Instant::now();
        for process in self.processes_mut() {
            process.send_outgoing();
            if process.deadline().is_some_and(|deadline| deadline <= now) {
                process.on_deadline();
            }
        }
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
            Incoming::Event(event) => self.job.record(number, event),
            Incoming::Barrier => self.reply(number, &Reply::Recorded),
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

    /// Once the job's time limit is over, ends the running tests; no other test starts.
    pub(super) fn end_in_time(&mut self) {
        if let Some(Deadline { time, .. }) = self.deadline.take_if(|deadline| deadline.is_over()) {
            self.conclusion.stop(StopReason::OutOfTime(time));
            for process in self.processes_mut() {
                process.end(Cause::JobTimeout(time));
            }
        }
    }

    /// Ends the job: the first signal asks the running tests to end, the second kills them.
    fn interrupt(&mut self, signal: i32) {
        let is_again = self.conclusion.is_interrupted();
        self.conclusion.stop(StopReason::Interrupted(signal));
        for process in self.processes_mut() {
            if is_again {
                process.kill();
            } else {
                process.end(Cause::Interrupted(signal));
            }
        }
    }

    /// `^Z` stops the tests, then this process. The time until they continue does not count towards timeouts.
    fn stop_with_tests(&mut self) {
        let pids: Vec<_> = self.processes().map(|process| process.pid).collect();
        let signal_all = |signal| pids.iter().for_each(|pid| unix::signal_group(*pid, signal));
        signal_all(libc::SIGSTOP);
        let stopped = Instant::now();
        unix::stop_this_process();
        signal_all(libc::SIGCONT);
        // Otherwise the supervisor would treat the stop as the tests' own and end them.
        pids.iter().for_each(|pid| unix::note_stop(*pid));
        for process in self.processes_mut() {
            process.postpone(stopped.elapsed());
        }
        if let Some(deadline) = &mut self.deadline {
            deadline.at += stopped.elapsed();
        }
    }

    fn on_change(&mut self, pid: ChildPid, change: Change) {
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
