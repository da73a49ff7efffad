//! The profilers of runs: their processes, the requests to them, and their end after that of the test.

use std::io;
use std::time::Duration;

use autotest_core::{Event, ProfilerStep, ProfilerUse};

use super::Forking;
use crate::exec::Isolation;
use crate::exec::leaks::ProfilerProcess;
use crate::exec::mark;
use crate::exec::process::Process;
use crate::exec::profiled;
use crate::exec::profiling::{Member, Next, Profiling};
use crate::exec::respawn::Respawn;
use crate::exec::slot::Slot;
use crate::exec::unix::{self, Change, ChildPid};
use crate::exec::wire::Reply;
use crate::registry;

/// A run whose process has ended, but whose profilers have not.
#[derive(Debug)]
pub(super) struct Finishing {
    slot: Slot,
    change: Change,
    /// The processes that the test left behind.
    left: Vec<String>,
}

impl Forking {
    /// Makes the profilers of a run perform a step. Their processes are started before the first step.
    pub(super) fn profile(&mut self, number: u32, step: ProfilerStep, iteration: u64) {
        let Some(i) = self
            .slots
            .iter()
            .position(|slot| slot.active.number == number)
        else {
            return;
        };
        // Time spent on profilers does not count as the test's.
        self.hold_time(number);
        if self.slots[i].profiling.is_none() {
            let profiling = self.start_profilers(&self.slots[i]);
            self.slots[i].profiling = Some(profiling);
        }
        if let Some(profiling) = &mut self.slots[i].profiling {
            profiling.request(step, iteration);
        }
        self.proceed(number);
    }

    fn start_profilers(&self, slot: &Slot) -> Profiling {
        let test_pid = slot.process.pid.get().unsigned_abs();
        let mut profiling = Profiling::new(test_pid, slot.directories.profdir.clone());
        let uses = self.job.profilers(&slot.active.run);
        for (i, used) in uses.iter().enumerate() {
            let is_same = |other: &&ProfilerUse| other.name == used.name;
            let file = match uses[..i].iter().filter(is_same).count() {
                0 => used.name.clone(),
                before => format!("{}.{}", used.name, before + 1),
            };
            let mark = mark::run_mark(&self.job.id, slot.active.number) + "/" + &file;
            match self.start_profiler(slot, used, &file, &mark) {
                Ok((process, timeout)) => {
                    profiling.add(&used.name, Member::new(process, mark, timeout));
                }
                Err(error) => {
                    let name = &used.name;
                    profiling.trouble(format!("failed to start the profiler `{name}`: {error}"));
                }
            }
        }
        profiling
    }

    /// Starts the process of a profiler. Also returns the timeout that its author set.
    fn start_profiler(
        &self,
        slot: &Slot,
        used: &ProfilerUse,
        file: &str,
        mark: &str,
    ) -> io::Result<(Process, Option<Duration>)> {
        let profiler = registry::profiler(&used.name).map_err(io::Error::other)?;
        let spec = self
            .job
            .profiler_spec(used, &slot.directories, slot.active.number);
        let again = match self.isolation == Isolation::Exec {
            true => {
                let hidden = self.job.registry.hidden_variables();
                Some(Respawn::profiler(&spec, mark, &hidden)?)
            }
            false => None,
        };
        let execute = |channel| profiled::execute(channel, profiler, spec);
        let number = Some(slot.active.number);
        let waiting = self.fork_process(number, mark, again, execute)?.begin()?;
        let subdir = &slot.active.run.name.subdir;
        let capture =
            |pipe, name| self.capture(pipe, format!("{subdir}/debug/{file}.{name}"), name);
        let stdout = capture(waiting.ours.stdout, "stdout");
        let stderr = capture(waiting.ours.stderr, "stderr");
        let (pid, gate, channel) = (waiting.pid, waiting.gate, waiting.ours.channel);
        let process = Process::new(pid, gate, channel, stdout, stderr, None);
        Ok((process, profiler.def.meta.timeout))
    }

    /// Records a phase of a run that has profilers.
    pub(super) fn mark_phase(&mut self, number: u32, event: &Event) {
        let mut slots = self.slots.iter_mut();
        let slot = slots.find(|slot| slot.active.number == number);
        if let (Some(slot), Event::Phase(phase)) = (slot, event)
            && let Some(profiling) = &mut slot.profiling
        {
            profiling.mark_phase(*phase);
        }
    }

    /// Performs the next action for the profilers of a run.
    fn proceed(&mut self, number: u32) {
        let Some(profiling) = self.profiling_mut(number) else {
            return;
        };
        match profiling.proceed() {
            Next::Wait => {}
            Next::Answer(are_active) => {
                self.release_time(number);
                self.reply(number, &Reply::Profiled { are_active });
            }
            Next::Over => self.conclude_finishing(number),
        }
    }

    /// Handles the end of a run's process if it has profilers: its leftovers are ended now, and the run is concluded
    /// once its profilers have ended.
    pub(super) fn finish_profiled(&mut self, slot: Slot, change: Change) {
        let (number, pid) = (slot.active.number, slot.process.pid);
        self.finishing.push(Finishing {
            slot,
            change,
            left: Vec::new(),
        });
        self.hold_time(number);
        let left = self.end_leftovers(number, pid);
        let is_urgent = self.conclusion.is_stopped();
        if let Some(finishing) = self.finishing.last_mut() {
            finishing.left = left;
        }
        if let Some(profiling) = self.profiling_mut(number) {
            if is_urgent {
                profiling.hurry();
            }
            profiling.end();
        }
        self.proceed(number);
    }

    /// Shortens the time limits of all profilers, even for requests in progress, since the job is to end.
    pub(super) fn hurry_profilers(&mut self) {
        self.profiled_slots_mut()
            .filter_map(|slot| slot.profiling.as_mut())
            .for_each(Profiling::hurry);
    }

    fn conclude_finishing(&mut self, number: u32) {
        self.release_time(number);
        let is_it = |finishing: &Finishing| finishing.slot.active.number == number;
        if let Some(i) = self.finishing.iter().position(is_it) {
            let Finishing { slot, change, left } = self.finishing.swap_remove(i);
            self.conclude_ended(slot, change, left);
        }
    }

    /// Kills the profilers of a run, since the run that waits for it is ending.
    pub(super) fn end_profilers_now(&mut self, number: u32) {
        while let Some(pid) = self.first_profiler(number) {
            if let Some(process) = self
                .profiler_processes_mut()
                .find(|process| process.pid == pid)
            {
                process.kill();
            }
            let change = unix::wait_for_end(pid);
            self.finish_profiler(pid, change);
        }
    }

    /// Kills the profilers of subtests whose processes have ended already.
    pub(super) fn end_profilers_of_subtests(&mut self, parent: u32) {
        let is_below =
            |finishing: &Finishing| finishing.slot.active.requester.parent() == Some(parent);
        while let Some(finishing) = self.finishing.iter().find(|it| is_below(it)) {
            let number = finishing.slot.active.number;
            self.end_profilers_now(number);
            self.conclude_finishing(number);
        }
    }

    fn first_profiler(&mut self, number: u32) -> Option<ChildPid> {
        let profiling = self.profiling_mut(number)?;
        profiling.members().next().map(|member| member.process.pid)
    }

    fn profiling_mut(&mut self, number: u32) -> Option<&mut Profiling> {
        let slot = self
            .profiled_slots_mut()
            .find(|slot| slot.active.number == number)?;
        slot.profiling.as_mut()
    }

    /// The runs in progress, and those whose process has ended but whose profilers have not.
    pub(super) fn profiled_slots(&self) -> impl Iterator<Item = &Slot> {
        let finishing = self.finishing.iter().map(|finishing| &finishing.slot);
        self.slots.iter().chain(finishing)
    }

    fn profiled_slots_mut(&mut self) -> impl Iterator<Item = &mut Slot> {
        let finishing = self
            .finishing
            .iter_mut()
            .map(|finishing| &mut finishing.slot);
        self.slots.iter_mut().chain(finishing)
    }

    /// The processes of all profilers.
    pub(super) fn profiler_processes(&self) -> impl Iterator<Item = &Process> {
        let profilings = self
            .profiled_slots()
            .filter_map(|slot| slot.profiling.as_ref());
        profilings
            .flat_map(Profiling::members)
            .map(|member| &member.process)
    }

    pub(super) fn profiler_processes_mut(&mut self) -> impl Iterator<Item = &mut Process> {
        let profilings = self
            .profiled_slots_mut()
            .filter_map(|slot| slot.profiling.as_mut());
        profilings
            .flat_map(Profiling::members_mut)
            .map(|member| &mut member.process)
    }

    /// The processes of all profilers with their marks.
    pub(super) fn profiler_leaders(&self) -> Vec<ProfilerProcess> {
        let profilings = self
            .profiled_slots()
            .filter_map(|slot| slot.profiling.as_ref());
        let members = profilings.flat_map(Profiling::members);
        members
            .map(|member| ProfilerProcess {
                leader: member.process.pid,
                mark: member.mark.clone(),
            })
            .collect()
    }

    /// Reads at most one buffer from each stream of a profiler that is ready.
    pub(super) fn read_profilers(&mut self) {
        let finishing = self
            .finishing
            .iter_mut()
            .map(|finishing| &mut finishing.slot);
        let mut read = Vec::new();
        for slot in self.slots.iter_mut().chain(finishing) {
            if let Some(profiling) = &mut slot.profiling {
                profiling.read(&self.polled, &mut self.buffer);
                read.push(slot.active.number);
            }
        }
        for number in read {
            self.proceed(number);
        }
    }

    /// Handles a state change of a profiler's process. Returns `false` if it is another process.
    pub(super) fn on_profiler_change(&mut self, pid: ChildPid, change: Change) -> bool {
        if self.profiler_processes().all(|process| process.pid != pid) {
            return false;
        }
        match change {
            Change::Stopped(_) => {
                unix::note_stop(pid);
                unix::signal_group(pid, libc::SIGCONT);
            }
            Change::Exited(_) | Change::Killed(_) => self.finish_profiler(pid, change),
        }
        true
    }

    /// Handles the end of a profiler's process: everything that it started is ended.
    fn finish_profiler(&mut self, pid: ChildPid, change: Change) {
        let is_it = |process: &Process| process.pid == pid;
        let found = self.profiled_slots().find_map(|slot| {
            let mut members = slot.profiling.as_ref()?.members();
            let place = members.position(|member| is_it(&member.process))?;
            Some((slot.active.number, place))
        });
        let Some((number, place)) = found else {
            return;
        };
        let finishing = self
            .finishing
            .iter_mut()
            .map(|finishing| &mut finishing.slot);
        let mut slots = self.slots.iter_mut().chain(finishing);
        let slot = slots.find(|slot| slot.active.number == number);
        let ended = slot
            .and_then(|slot| slot.profiling.as_mut())
            .and_then(|profiling| profiling.remove(place, change, &mut self.buffer));
        if let Some(Member { process, mark, .. }) = ended {
            self.is_profiler_killed |= matches!(change, Change::Killed(_));
            self.end_marked(&mark, pid);
            self.end_capture(number, [process.stdout, process.stderr]);
        }
        self.proceed(number);
    }
}
