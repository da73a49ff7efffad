//! Ending a run, however its process ended.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use autotest_core::{ChangedFiles, Directories, Event, Kind, Phase, Recovery, RunResult, Verdict};

use super::Forking;
use super::begin::not_forked;
use super::control::ControlFunction;
use crate::exec::Unfinished;
use crate::exec::capture::Capture;
use crate::exec::leaks::{self, EndedRun};
use crate::exec::mark;
use crate::exec::received::{Incoming, MAX_EVENT_BYTES};
use crate::exec::slot::{ActiveRun, Slot, Task};
use crate::exec::source::{Requester, Source as _};
use crate::exec::unix::{self, Change, ChildPid};
use crate::exec::verdict::{Cause, End};
use crate::exec::wire::Reply;
use crate::host::remove_dir;

/// The time limit of a `cleanup` after an abnormal end.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(30);

/// The same in an interrupted job, since the sender of the signal may not wait long; nextest kills after 10 s.
const INTERRUPTED_CLEANUP_TIMEOUT: Duration = Duration::from_secs(4);

impl Forking {
    /// Ends the run of a slot whose process ended. The process stays a zombie until its whole group is gone, so that
    /// its id is not reused.
    pub(super) fn finish(&mut self, i: usize, change: Change) {
        let number = self.slots[i].active.number;
        // The process may have ended while it waited for the supervisor.
        #[cfg(any(feature = "profilers", feature = "sysinfo"))]
        self.release_time(number);
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
                self.record(number, event);
            }
        }
        #[cfg(feature = "packages")]
        self.end_nested(i);
        let slot = self.slots.swap_remove(i);
        if let Change::Killed(_) = change {
            self.instruments.add(slot.process.counts.as_ref());
        }
        #[cfg(feature = "profilers")]
        if slot.profiling.is_some() {
            return self.finish_profiled(slot, change);
        }
        let left = self.end_leftovers(number, slot.process.pid);
        self.conclude_ended(slot, change, left);
    }

    /// Concludes a run of which no process is left.
    pub(super) fn conclude_ended(&mut self, slot: Slot, change: Change, left: Vec<String>) {
        #[cfg(feature = "crash-handler")]
        self.examine_or_conclude(slot, change, left);
        #[cfg(not(feature = "crash-handler"))]
        self.conclude(slot, change, &left);
    }

    /// Kills the leftovers of a run or of the control function, and reaps its leader. Returns the names of the killed
    /// processes.
    pub(super) fn end_leftovers(&self, number: u32, leader: ChildPid) -> Vec<String> {
        self.end_marked(&mark::run_mark(&self.job.id, number), leader)
    }

    /// Kills the leftovers of a process whose descendants have this mark, and reaps it. Returns the names of the killed
    /// processes.
    pub(super) fn end_marked(&self, mark: &str, leader: ChildPid) -> Vec<String> {
        let others: HashSet<_> = self.slots.iter().map(|slot| slot.process.pid).collect();
        let left = leaks::end(&EndedRun {
            children: &self.children,
            is_subreaper: self.is_subreaper,
            mark,
            leader,
            others: &others,
            own: [
                self.guardian.as_ref().map(|guardian| guardian.pid),
                self.preforked.as_ref().map(|waiting| waiting.pid),
                self.control.as_ref().and_then(ControlFunction::pid),
                #[cfg(feature = "sysinfo")]
                self.collector.pid(),
            ],
            elders: &self.elders,
            #[cfg(feature = "profilers")]
            profilers: &self.profiler_leaders(),
        });
        unix::signal_group(leader, libc::SIGKILL);
        unix::reap(leader);
        left
    }

    /// Ends the subtests of a run that ended. A `cleanup` in progress may complete.
    fn end_subtests_of(&mut self, parent: u32) {
        #[cfg(feature = "profilers")]
        self.end_profilers_of_subtests(parent);
        let is_below = |slot: &Slot| slot.active.requester.parent() == Some(parent);
        while let Some(i) = self.slots.iter().position(is_below) {
            if self.slots[i].task != Task::Run {
                self.wait_for_cleanup(i);
            }
            let process = &mut self.slots[i].process;
            // This includes a stopped process, which would never exit on its own.
            if !unix::has_ended(process.pid) {
                process.cause = process.cause.or(Some(Cause::Parent));
                process.kill();
            }
            let change = unix::wait_for_end(process.pid);
            #[cfg(feature = "profilers")]
            let number = self.slots[i].active.number;
            self.finish(i, change);
            #[cfg(feature = "profilers")]
            self.end_profilers_now(number);
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

    /// Decides the verdict for an ended process; then cleans up in a new process if necessary, or ends the run.
    pub(super) fn conclude(&mut self, slot: Slot, change: Change, left: &[String]) {
        let (active, process, received) = (slot.active, slot.process, slot.received);
        if process.is_lost() {
            return self.start_again(active, slot.directories);
        }
        let mut flaws = flaws(left, received.dropped);
        flaws.extend(active.disk_usage.and_then(|usage| usage.warning()));
        #[cfg(feature = "profilers")]
        flaws.extend(
            slot.profiling
                .into_iter()
                .flat_map(|mut it| it.take_troubles()),
        );
        let end = End {
            change,
            cause: process.cause,
            outcome: received.outcome.as_ref(),
            flaws: &flaws,
            #[cfg(feature = "crash-handler")]
            place: &slot.place,
        };
        self.end_capture(active.number, [process.stdout, process.stderr]);
        self.suppress_unreported(active.number, &end, received.garbage);
        let mut recovery = Recovery {
            failed_phase: received.phase,
            saved: received.saved,
            changed_files: received.changed_files,
        };
        if !end.is_abnormal() {
            // The process itself restored the files, or reported why it could not.
            recovery.changed_files = ChangedFiles::default();
        }
        match (slot.task, end.verdict()) {
            (Task::Run, Some(verdict)) if end.is_abnormal() => {
                self.recover(active, slot.directories, recovery, verdict);
            }
            (Task::Run, verdict) => {
                self.remove_tmpdir_and_end(&active, &slot.directories, verdict);
            }
            (Task::CleanUp(decided), verdict) => {
                self.suppress_cleanups(active.number, verdict);
                // A `cleanup` that crashes or hangs does not keep files from being restored, and is not run again.
                recovery.failed_phase = Some(Phase::Cleanup);
                self.recover(active, slot.directories, recovery, decided);
            }
            (Task::RestoreFiles(decided), verdict) => {
                self.suppress_cleanups(active.number, verdict);
                self.job
                    .tell_changed_files(active.number, &recovery.changed_files);
                self.remove_tmpdir_and_end(&active, &slot.directories, Some(decided));
            }
            // `examine_or_conclude` concludes the examined process in place of this one.
            #[cfg(feature = "crash-handler")]
            (Task::Examine, verdict) => {
                self.remove_tmpdir_and_end(&active, &slot.directories, verdict);
            }
        }
    }

    /// Completes the files with the output of a process.
    pub(super) fn end_capture(&mut self, number: u32, streams: [Capture; 2]) {
        for (name, stream) in ["stdout", "stderr"].into_iter().zip(streams) {
            if let Some(error) = stream.finish(&mut self.buffer) {
                let reason = format!("failed to capture {name}: {error}");
                self.suppress(number, Verdict::new(Kind::Error, reason), "capture");
            }
        }
    }

    fn suppress_cleanups(&self, number: u32, verdict: Option<Verdict>) {
        if let Some(verdict) = verdict {
            self.suppress(number, verdict, "cleanup after the end");
        }
    }

    /// Forks the process of a run again if the preforked one was harmed before the run began.
    fn start_again(&mut self, active: ActiveRun, directories: Directories) {
        let timeout = self.job.timeout(&active.run);
        match self.launch(&active, &directories, timeout, None) {
            Ok(process) => self.slots.push(Slot::new(active, directories, process)),
            Err(error) => {
                self.remove_tmpdir_and_end(&active, &directories, Some(not_forked(&error)))
            }
        }
    }

    /// Ends a run whose process ended abnormally, after running its `cleanup` and restoring the files that it changed,
    /// if either is due, in a new process.
    fn recover(
        &mut self,
        active: ActiveRun,
        directories: Directories,
        recovery: Recovery,
        decided: Verdict,
    ) {
        let files = recovery.changed_files.clone();
        let task = match self.job.is_cleanup_due(&active.run, &recovery) {
            true => Task::CleanUp(decided.clone()),
            false if !files.is_empty() => Task::RestoreFiles(decided.clone()),
            false => return self.remove_tmpdir_and_end(&active, &directories, Some(decided)),
        };
        let timeout = match self.conclusion.is_interrupted() {
            false => CLEANUP_TIMEOUT,
            true => INTERRUPTED_CLEANUP_TIMEOUT,
        };
        match self.launch(&active, &directories, Some(timeout), Some(recovery)) {
            Ok(process) => {
                let mut slot = Slot::new(active, directories, process);
                slot.task = task;
                slot.received.changed_files = files;
                self.slots.push(slot);
            }
            Err(error) => {
                self.suppress(active.number, not_forked(&error), "cleanup after the end");
                self.job.tell_changed_files(active.number, &files);
                self.remove_tmpdir_and_end(&active, &directories, Some(decided));
            }
        }
    }

    /// Removes the temporary directory, unless the process did, and ends the run.
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
            // Before the state of the target is read, whose time is not part of the test's.
            self.recent.ended(active.started.elapsed());
            #[cfg(feature = "leaks")]
            let verdict = self.watch_end(active, verdict);
            self.end_run(active, verdict);
        }
    }

    /// Cleans up after a run that was interrupted together with its job, and ends it. If this job is to end as well,
    /// only files are restored.
    pub(super) fn end_unfinished(&mut self, mut unfinished: Unfinished) {
        let mut recovery = std::mem::take(&mut unfinished.recovery);
        if self.conclusion.is_stopped() {
            recovery.failed_phase = None;
        }
        let active = ActiveRun {
            number: unfinished.number,
            run: unfinished.run.clone(),
            requester: Requester::Job,
            is_cut_off: true,
            started: Instant::now(),
            disk_usage: None,
        };
        let directories = unfinished.directories.clone();
        self.recover(active, directories, recovery, unfinished.verdict.clone());
        while !self.slots.is_empty() {
            self.start_subtests();
            self.handle_events();
        }
        self.conclusion.end_unfinished(&self.job, unfinished);
    }

    /// Records problems that the verdict does not mention.
    fn suppress_unreported(&mut self, number: u32, end: &End<'_>, garbage: u64) {
        if garbage > 0 {
            let reason = format!("{garbage} lines on the event channel were not valid messages");
            self.suppress(number, Verdict::new(Kind::Error, reason), "event channel");
        }
        for flaw in end.flaws.iter().filter(|_| !end.is_pass()) {
            self.suppress(number, Verdict::new(Kind::Warn, flaw), "end");
        }
    }

    pub(super) fn suppress(&self, number: u32, verdict: Verdict, origin: &str) {
        let origin = origin.to_owned();
        self.job
            .record(number, Event::Suppressed { verdict, origin });
    }

    pub(super) fn end_run(&mut self, active: &ActiveRun, verdict: Option<Verdict>) {
        let result = RunResult::new(verdict, &active.run.name.subdir);
        let status = result.status;
        #[cfg(feature = "sysinfo")]
        self.end_collecting(active.number, status.fails(self.job.options.is_strict));
        let elapsed_s = active.started.elapsed().as_secs_f64();
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
            // A requester may read the results of the run.
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
