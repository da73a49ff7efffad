//! `--sysinfo`: passes requests to the collector, and its messages to the journal and the tests.

use autotest_core::{Event, Kind, SysinfoStep, Value, Verdict};

use super::Forking;
use crate::exec::child::ChangedState;
use crate::exec::slot::Slot;
use crate::exec::sysinfo::{self, Ask, Note, Start, Told};
use crate::exec::unix::Change;
use crate::exec::verdict::signal_name;
use crate::exec::wire::Reply;

impl Forking {
    /// Starts the collector, unless that was tried before.
    pub(super) fn start_collector(&mut self) {
        let changed = Some(ChangedState {
            supervisor: std::process::id().cast_signed(),
            signals: &self.signals,
            descriptors: self.descriptors,
        });
        let job = &self.job;
        if let Err(error) = self.collector.start(Start { job, changed }) {
            self.tell_loss(&format!("its process cannot be started: {error}"));
        }
    }

    /// Has the collector perform a step of a run; the test waits for the reply. The time does not count towards its
    /// timeout.
    pub(super) fn collect(&mut self, number: u32, step: SysinfoStep) {
        let Some(i) = self
            .slots
            .iter()
            .position(|slot| slot.active.number == number)
        else {
            return;
        };
        let ask = match step {
            SysinfoStep::BeforeTest => {
                self.start_collector();
                let run = &self.slots[i].active.run;
                Ask::Begin {
                    run: number,
                    subdir: run.name.subdir.clone(),
                    rows: self.job.sysinfo(run).unwrap_or_default(),
                }
            }
            SysinfoStep::BeforeIteration(_) | SysinfoStep::AfterIteration(_) => {
                Ask::Iteration { run: number, step }
            }
        };
        match self.collector.ask(&ask) {
            true => self.hold_time(number),
            false => self.reply(number, &Reply::Recorded),
        }
    }

    /// Tells the collector that a run ended.
    pub(super) fn end_collecting(&mut self, run: u32, is_failed: bool) {
        self.collector.ask(&Ask::End { run, is_failed });
    }

    /// Reads the collector's messages, and kills it if it is late.
    pub(super) fn attend_to_collector(&mut self) {
        self.collector.send_outgoing();
        if self
            .collector
            .fd()
            .is_some_and(|fd| self.polled.is_ready(fd))
        {
            self.read_collector();
        }
        if self.collector.is_late() {
            self.tell_loss(match self.collector.is_finished() {
                false => "its process did not answer in time",
                true => "its process did not end in time",
            });
            self.end_collector();
        }
    }

    /// Reads at most one buffer. Returns `true` if there may be more.
    fn read_collector(&mut self) -> bool {
        let (told, has_more) = self.collector.read(&mut self.buffer);
        told.into_iter().for_each(|told| self.on_told(told));
        has_more
    }

    fn on_told(&mut self, told: Told) {
        match told {
            Told::Ready { run, keyvals } => self.go_on(run, keyvals),
            Told::Note(note) => self.note(note),
        }
    }

    /// Lets a waiting test continue.
    fn go_on(&mut self, run: u32, keyvals: Vec<(String, String)>) {
        if self.slots.iter().all(|slot| slot.active.number != run) {
            return;
        }
        self.release_time(run);
        if !keyvals.is_empty() {
            let pairs = keyvals.into_iter();
            let pairs = pairs.map(|(key, value)| (key, Value::from(value)));
            self.job.record(run, Event::Keyval(pairs.collect()));
        }
        self.reply(run, &Reply::Recorded);
    }

    /// Records a note beside the verdict of its run, if that is in progress; otherwise at the end of the job.
    fn note(&mut self, note: Note) {
        let is_open = |slot: &Slot| slot.active.number == note.run;
        match self.slots.iter().any(is_open) {
            true => self.suppress(note.run, Verdict::new(Kind::Warn, note.text), "sysinfo"),
            false => self.collector.hold(note),
        }
    }

    /// Records that nothing more is collected, beside the verdict of any run in progress.
    fn tell_loss(&mut self, what: &str) {
        let run = self.slots.last().map_or(0, |slot| slot.active.number);
        self.note(Note::of_loss(run, what));
    }

    /// Handles the end of the collector's process, which is only expected at the end of the job.
    pub(super) fn lose_collector(&mut self, change: Change) {
        while self.read_collector() {}
        match change {
            Change::Exited(0) if self.collector.is_finished() => {}
            Change::Exited(status) => self.tell_loss(&format!("its process exited with {status}")),
            Change::Killed(signal) | Change::Stopped(signal) => {
                let signal = signal_name(signal);
                self.tell_loss(&format!("its process was killed by {signal}"));
            }
        }
        self.end_collector();
    }

    /// Kills the collector and everything that it started.
    fn end_collector(&mut self) {
        let (pid, waiting) = self.collector.kill();
        if let Some(pid) = pid {
            self.end_marked(&sysinfo::mark(&self.job.id), pid);
        }
        for run in waiting {
            self.go_on(run, Vec::new());
        }
    }

    /// Waits until everything is collected, for a limited time.
    pub(super) fn finish_collecting(&mut self) {
        // All runs have ended, so the job cannot exceed its time limit any more.
        self.deadline = None;
        while self.collector.pid().is_some() {
            self.collector.finish(self.conclusion.is_interrupted());
            self.handle_events();
        }
        for note in self.collector.held() {
            self.job.record(0, sysinfo::entry(&note));
        }
    }
}
