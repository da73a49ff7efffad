//! How a run ends, however its process did.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Phase, Recovery, Status, Verdict};

use super::Forking;
use super::begin::not_forked;
use crate::exec::leaks::{self, Ended};
use crate::exec::slot::{Asked, Seen, Slot};
use crate::exec::unix::{self, Change, Whose};
use crate::exec::verdict::{Cause, End};
use crate::exec::wire::Down;
use crate::plan::PlannedRun;

/// How long the cleanup after an abnormal end may take.
const CLEANUP_TIMEOUT: Duration = Duration::from_secs(30);

/// The same when whoever interrupted the job waits, and may not wait long: nextest kills after 10 s.
const INTERRUPTED_CLEANUP_TIMEOUT: Duration = Duration::from_secs(4);

impl Forking {
    /// The process of a slot ended; it is a zombie until all of its group is gone.
    pub(super) fn finish(&mut self, i: usize, change: Change) {
        let number = self.slots[i].number;
        self.end_subtests_of(number);
        let Some(i) = self.slots.iter().position(|slot| slot.number == number) else {
            return;
        };
        let mut asked = Vec::new();
        self.slots[i].drain_channel(&mut self.buffer, &mut asked);
        for asked in asked {
            if let Asked::Send(event) = asked {
                self.job.send(number, event);
            }
        }
        let slot = self.slots.swap_remove(i);
        let others: HashSet<_> = self.slots.iter().map(|slot| slot.process.pid).collect();
        let pid = slot.process.pid;
        let left = leaks::find(&Ended {
            number,
            leader: pid,
            others: &others,
        });
        unix::signal_group(pid, libc::SIGKILL);
        unix::reap(pid);
        let left = leaks::end(left);
        self.conclude(slot, change, &left);
    }

    /// Subtests whose parent does not wait for them any more. Their cleanup has its time.
    fn end_subtests_of(&mut self, parent: u32) {
        let is_below = |slot: &Slot| slot.parent == Some(parent);
        while let Some(i) = self.slots.iter().position(is_below) {
            if self.slots[i].recovers.is_some() {
                self.wait_for_cleanup(i);
            }
            let process = &mut self.slots[i].process;
            if unix::next_change(Whose::Child(process.pid)).is_none() {
                process.cause = process.cause.or(Some(Cause::Parent));
                process.kill();
            }
            let change = unix::wait_for_end(process.pid);
            self.finish(i, change);
        }
    }

    /// Waits until the process of a slot ends, but not long.
    fn wait_for_cleanup(&mut self, i: usize) {
        let start = Instant::now();
        let mut asked = Vec::new();
        while start.elapsed() < INTERRUPTED_CLEANUP_TIMEOUT {
            let slot = &mut self.slots[i];
            slot.process.stdout.read(&mut self.buffer);
            slot.process.stderr.read(&mut self.buffer);
            slot.read_channel(&mut self.buffer, &mut asked);
            let number = slot.number;
            for asked in asked.drain(..) {
                if let Asked::Send(event) = asked {
                    self.job.send(number, event);
                }
            }
            match unix::next_change(Whose::Child(self.slots[i].process.pid)) {
                None => std::thread::sleep(Duration::from_millis(1)),
                Some(_) => return,
            }
        }
    }

    /// The verdict of a process, and what follows from it.
    fn conclude(&mut self, slot: Slot, change: Change, left: &[String]) {
        let Slot {
            number,
            run,
            directories,
            parent,
            started,
            process,
            seen,
            recovers,
        } = slot;
        let cause = process.cause;
        for (name, stream) in [("stdout", process.stdout), ("stderr", process.stderr)] {
            if let Some(error) = stream.finish(&mut self.buffer) {
                let reason = format!("failed to keep {name}: {error}");
                self.suppress(number, Verdict::new(Kind::Error, reason), "capture");
            }
        }
        let end = End {
            change,
            cause,
            outcome: seen.outcome.as_ref(),
            left,
        };
        let verdict = end.verdict();
        self.suppress_what_is_not_said(number, &end, seen.garbage);
        if let Some(decided) = recovers {
            if let Some(verdict) = verdict {
                self.suppress(number, verdict, "cleanup after the end");
            }
            remove(&directories);
            return self.end_run(&run, number, parent, started, Some(decided));
        }
        // A cleanup that was entered is not entered again.
        let is_due = seen.phase.is_some_and(|phase| phase != Phase::Cleanup);
        if end.is_abnormal() && is_due && self.job.cleans_up(&run) {
            let recovery = Recovery {
                failed_phase: seen.phase,
                saved: seen.saved,
            };
            let timeout = Some(match self.conclusion.interrupted {
                None => CLEANUP_TIMEOUT,
                Some(_) => INTERRUPTED_CLEANUP_TIMEOUT,
            });
            match self.launch(number, &run, &directories, timeout, Some(recovery)) {
                Ok(process) => {
                    let (seen, recovers) = (Seen::default(), verdict);
                    self.slots.push(Slot {
                        number,
                        run,
                        directories,
                        parent,
                        started,
                        process,
                        seen,
                        recovers,
                    });
                    return;
                }
                Err(error) => self.suppress(number, not_forked(&error), "cleanup after the end"),
            }
        }
        remove(&directories);
        self.end_run(&run, number, parent, started, verdict);
    }

    /// What is true beside the verdict.
    fn suppress_what_is_not_said(&mut self, number: u32, end: &End<'_>, garbage: u64) {
        if garbage > 0 {
            let reason = format!("{garbage} lines on the event channel were no events");
            self.suppress(number, Verdict::new(Kind::Error, reason), "event channel");
        }
        let is_said = end
            .verdict()
            .is_some_and(|verdict| verdict.kind == Kind::Warn);
        if !end.left.is_empty() && !is_said {
            let reason = format!("left processes behind: {}", end.left.join(", "));
            self.suppress(number, Verdict::new(Kind::Warn, reason), "end");
        }
    }

    fn suppress(&self, number: u32, verdict: Verdict, origin: &str) {
        let origin = origin.to_owned();
        self.job.send(number, Event::Suppressed { verdict, origin });
    }

    pub(super) fn end_run(
        &mut self,
        run: &PlannedRun,
        number: u32,
        parent: Option<u32>,
        started: Instant,
        verdict: Option<Verdict>,
    ) {
        let status = verdict
            .as_ref()
            .map_or(Status::Good, |verdict| verdict.kind.status());
        let elapsed_s = started.elapsed().as_secs_f64();
        self.job.send(
            number,
            Event::TestEnd {
                status,
                verdict,
                elapsed_s,
            },
        );
        match parent {
            Some(parent) => self.reply(parent, &Down::Ended(status)),
            None => self.conclusion.add(&run.name.test, status),
        }
    }
}

/// What a process that ended abnormally could not remove itself.
fn remove(directories: &Directories) {
    let _ = std::fs::remove_dir_all(&directories.tmpdir);
}
