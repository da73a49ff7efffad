//! Ending a run, however its process ended.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Phase, Recovery, RunResult, Verdict};

use super::Forking;
use super::begin::not_forked;
use super::control::ControlFunction;
use crate::exec::Unfinished;
use crate::exec::leaks::{self, EndedRun};
use crate::exec::received::{Incoming, MAX_EVENT_BYTES};
use crate::exec::slot::{ActiveRun, Slot};
use crate::exec::source::{Requester, Source as _};
use crate::exec::unix::{self, Change, ChildPid};
use crate::exec::verdict::{Cause, End};
use crate::exec::wire::Reply;
use crate::host::remove_dir;

/// How long the `cleanup` after an abnormal end may take.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(30);

/// The same for an interrupted job: the sender of the signal may not wait long; nextest kills after 10 s.
const INTERRUPTED_CLEANUP_TIMEOUT: Duration = Duration::from_secs(4);

impl Forking {
    /// Ends the run of a slot whose process ended. The process stays a zombie until its whole group is gone,
    /// so that its number is not reused.
    pub(super) fn finish(&mut self, i: usize, change: Change) {
        let number = self.slots[i].active.number;
        self.subtests.forget(number);
        self.end_subtests_of(number);
        let Some(i) = self
            .slots
            .iter()
            .position(|slot| slot.active.number == number)
        else {
            return;
        };
        let mut incoming = Vec::new();
        self.slots[i].drain_channel(&mut self.buffer, &mut incoming);
        for incoming in incoming {
            if let Incoming::Event(event) = incoming {
                self.job.record(number, event);
            }
        }
        let slot = self.slots.swap_remove(i);
        if let Change::Killed(_) = change {
            self.instruments.add(slot.process.counts.as_ref());
        }
        let left = self.end_leftovers(number, slot.process.pid);
        self.conclude(slot, change, &left);
    }

    /// Ends what a run, or the control function, left behind, and reaps its leader. Returns the names of the
    /// processes.
    pub(super) fn end_leftovers(&self, number: u32, leader: ChildPid) -> Vec<String> {
        let others: HashSet<_> = self.slots.iter().map(|slot| slot.process.pid).collect();
        let left = leaks::end(&EndedRun {
            children: &self.children,
            is_subreaper: self.is_subreaper,
            mark: &leaks::run_mark(&self.job.id, number),
            leader,
            others: &others,
            own: [
                self.guardian.as_ref().map(|guardian| guardian.pid),
                self.preforked.as_ref().map(|waiting| waiting.pid),
                self.control.as_ref().and_then(ControlFunction::pid),
            ],
        });
        unix::signal_group(leader, libc::SIGKILL);
        unix::reap(leader);
        left
    }

    /// Ends the subtests of a run that ended. A `cleanup` in progress may finish.
    fn end_subtests_of(&mut self, parent: u32) {
        let is_below = |slot: &Slot| slot.active.requester.parent() == Some(parent);
        while let Some(i) = self.slots.iter().position(is_below) {
            if self.slots[i].decided.is_some() {
                self.wait_for_cleanup(i);
            }
            let process = &mut self.slots[i].process;
            // This includes a stopped process, which would never end on its own.
            if !unix::has_ended(process.pid) {
                process.cause = process.cause.or(Some(Cause::Parent));
                process.kill();
            }
            let change = unix::wait_for_end(process.pid);
            self.finish(i, change);
        }
    }

    /// Waits until the process of a slot ends, for a limited time.
    fn wait_for_cleanup(&mut self, i: usize) {
        let start = Instant::now();
        let number = self.slots[i].active.number;
        while start.elapsed() < INTERRUPTED_CLEANUP_TIMEOUT {
            // Requests for subtests are ignored: the event loop, which would run them, waits here.
            for incoming in self.read_slot(i) {
                if !matches!(incoming, Incoming::Subtest { .. }) {
                    self.handle_incoming(number, incoming);
                }
            }
            if unix::has_ended(self.slots[i].process.pid) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Decides the verdict of an ended process; then cleans up in a new process if necessary, or ends the
    /// run.
    fn conclude(&mut self, slot: Slot, change: Change, left: &[String]) {
        let (active, process, received) = (slot.active, slot.process, slot.received);
        if process.is_lost() {
            return self.start_again(active, slot.directories);
        }
        let mut flaws = flaws(left, received.dropped);
        flaws.extend(active.disk_usage.and_then(|usage| usage.warning()));
        let end = End {
            change,
            cause: process.cause,
            outcome: received.outcome.as_ref(),
            flaws: &flaws,
        };
        let verdict = end.verdict();
        for (name, stream) in [("stdout", process.stdout), ("stderr", process.stderr)] {
            if let Some(error) = stream.finish(&mut self.buffer) {
                let reason = format!("failed to capture {name}: {error}");
                self.suppress(active.number, Verdict::new(Kind::Error, reason), "capture");
            }
        }
        self.suppress_unreported(active.number, &end, received.garbage);
        if let Some(decided) = slot.decided {
            if let Some(verdict) = verdict {
                self.suppress(active.number, verdict, "cleanup after the end");
            }
            return self.remove_tmpdir_and_end(&active, &slot.directories, Some(decided));
        }
        // A `cleanup` that has begun is not run again.
        let is_due = received.phase.is_some_and(|phase| phase != Phase::Cleanup);
        match verdict {
            Some(verdict) if end.is_abnormal() && is_due && self.job.cleans_up(&active.run) => {
                let recovery = Recovery {
                    failed_phase: received.phase,
                    saved: received.saved,
                };
                self.clean_up(active, slot.directories, recovery, verdict);
            }
            verdict => self.remove_tmpdir_and_end(&active, &slot.directories, verdict),
        }
    }

    /// Forks the process of a run again, after the preforked one was harmed before the run began.
    fn start_again(&mut self, active: ActiveRun, directories: Directories) {
        let timeout = self.job.timeout(&active.run);
        match self.launch(&active, &directories, timeout, None) {
            Ok(process) => self.slots.push(Slot::new(active, directories, process)),
            Err(error) => {
                self.remove_tmpdir_and_end(&active, &directories, Some(not_forked(&error)))
            }
        }
    }

    /// Runs `cleanup` in a new process, since the test's own process ended without it.
    fn clean_up(
        &mut self,
        active: ActiveRun,
        directories: Directories,
        recovery: Recovery,
        decided: Verdict,
    ) {
        let timeout = match self.conclusion.is_interrupted() {
            false => CLEANUP_TIMEOUT,
            true => INTERRUPTED_CLEANUP_TIMEOUT,
        };
        match self.launch(&active, &directories, Some(timeout), Some(recovery)) {
            Ok(process) => self.slots.push(Slot {
                decided: Some(decided),
                ..Slot::new(active, directories, process)
            }),
            Err(error) => {
                self.suppress(active.number, not_forked(&error), "cleanup after the end");
                self.remove_tmpdir_and_end(&active, &directories, Some(decided));
            }
        }
    }

    /// Removes the temporary directory if the process did not, and ends the run.
    fn remove_tmpdir_and_end(
        &mut self,
        active: &ActiveRun,
        directories: &Directories,
        verdict: Option<Verdict>,
    ) {
        let tmpdir = &directories.tmpdir;
        if let Err(error) = remove_dir(tmpdir) {
            let reason = format!("failed to remove `{}`: {error}", tmpdir.display());
            self.suppress(active.number, Verdict::new(Kind::Warn, reason), "end");
        }
        if !active.is_cut_off {
            self.end_run(active, verdict);
        }
    }

    /// Runs the `cleanup` of a run that was interrupted with its job, and ends it.
    pub(super) fn end_unfinished(&mut self, mut unfinished: Unfinished) {
        let is_due = !self.conclusion.is_stopped() && self.job.cleans_up(&unfinished.run);
        if let Some(recovery) = unfinished.recovery.take().filter(|_| is_due) {
            let active = ActiveRun {
                number: unfinished.number,
                run: unfinished.run.clone(),
                requester: Requester::Job,
                is_cut_off: true,
                started: Instant::now(),
                disk_usage: None,
            };
            let directories = unfinished.directories.clone();
            self.clean_up(active, directories, recovery, unfinished.verdict.clone());
            while !self.slots.is_empty() {
                self.start_subtests();
                self.handle_events();
            }
        }
        self.conclusion.end_unfinished(&self.job, unfinished);
    }

    /// Records problems that the verdict does not mention.
    fn suppress_unreported(&mut self, number: u32, end: &End<'_>, garbage: u64) {
        if garbage > 0 {
            let reason = format!("{garbage} lines on the event channel were not valid messages");
            self.suppress(number, Verdict::new(Kind::Error, reason), "event channel");
        }
        let is_reported = end
            .verdict()
            .is_some_and(|verdict| verdict.kind == Kind::Warn);
        for flaw in end.flaws.iter().filter(|_| !is_reported) {
            self.suppress(number, Verdict::new(Kind::Warn, flaw), "end");
        }
    }

    fn suppress(&self, number: u32, verdict: Verdict, origin: &str) {
        let origin = origin.to_owned();
        self.job
            .record(number, Event::Suppressed { verdict, origin });
    }

    pub(super) fn end_run(&mut self, active: &ActiveRun, verdict: Option<Verdict>) {
        let result = RunResult::new(verdict, &active.run.name.subdir);
        let status = result.status;
        let elapsed = active.started.elapsed();
        self.recent.ended(elapsed);
        let elapsed_s = elapsed.as_secs_f64();
        let end = Event::TestEnd {
            status,
            verdict: result.verdict.clone(),
            elapsed_s,
        };
        self.job.record(active.number, end);
        match active.requester {
            Requester::Job | Requester::Control { .. } => {
                self.conclusion.add(&active.run.name.test, status);
                self.job_source().ended(active.requester, result);
            }
            Requester::Test { .. } => self.subtests.ended(active.requester, result),
        }
        if active.requester != Requester::Job {
            // Whoever waits for the run may read its results.
            self.job.update_reports();
            while let Some((run, result)) = self.subtests.answer() {
                self.reply(run, &Reply::Ended(result));
            }
            self.answer_control();
        }
    }
}

/// Problems that make a pass a WARN.
fn flaws(left: &[String], dropped: u64) -> Vec<String> {
    let mut flaws = Vec::new();
    if !left.is_empty() {
        flaws.push(format!("left processes behind: {}", left.join(", ")));
    }
    if dropped > 0 {
        let most = MAX_EVENT_BYTES >> 20;
        flaws.push(format!(
            "sent more than {most} MiB of events; {dropped} events were not recorded"
        ));
    }
    flaws
}
