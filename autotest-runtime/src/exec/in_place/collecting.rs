//! `--sysinfo` without processes for tests: the job waits while the collector reads what is urgent.

use autotest_core::{Event, SysinfoStep, Value};

use super::InPlace;
use crate::exec::sysinfo::{self, Ask, Collect, Note, Start, Told};
use crate::exec::unix;
use crate::plan::PlannedRun;

/// The number of bytes to read at once.
const BUFFER_BYTES: usize = 64 << 10;

impl InPlace {
    /// Starts the collector, unless that was tried before.
    pub(super) fn start_collector(&self) {
        let job = &self.0.job;
        let start = Start { job, changed: None };
        if let Err(error) = self.0.collector.borrow_mut().start(start) {
            self.tell_loss(&format!("its process cannot be started: {error}"));
        }
    }

    /// Makes the function that has a step of this run collected.
    pub(super) fn collecting(&self, run: &PlannedRun, number: u32) -> Collect {
        let (executor, run) = (self.clone(), run.clone());
        Collect::new(move |step| executor.collect(&run, number, step))
    }

    fn collect(&self, run: &PlannedRun, number: u32, step: SysinfoStep) {
        let ask = match step {
            SysinfoStep::BeforeTest => {
                self.start_collector();
                Ask::Begin {
                    run: number,
                    subdir: run.name.subdir.clone(),
                    rows: self.0.job.sysinfo(run).unwrap_or_default(),
                }
            }
            SysinfoStep::BeforeIteration(_) | SysinfoStep::AfterIteration(_) => {
                Ask::Iteration { run: number, step }
            }
        };
        if self.0.collector.borrow_mut().ask(&ask) {
            self.wait(Some(number));
            let is_lost = {
                let collector = self.0.collector.borrow();
                collector.fd().is_none() || collector.is_late()
            };
            if is_lost {
                self.tell_loss("its process ended, or did not answer in time");
                self.end_collector();
            }
        }
    }

    /// Tells the collector that a run ended.
    pub(super) fn end_collecting(&self, run: u32, is_failed: bool) {
        let ask = Ask::End { run, is_failed };
        self.0.collector.borrow_mut().ask(&ask);
    }

    /// Waits until everything is collected, for a limited time.
    pub(super) fn finish_collecting(&self) {
        self.0.collector.borrow_mut().finish(false);
        self.wait(None);
        self.end_collector();
        for note in self.0.collector.borrow_mut().held() {
            self.0.job.send(0, sysinfo::entry(&note));
        }
    }

    fn wait(&self, run: Option<u32>) {
        let mut buffer = vec![0; BUFFER_BYTES];
        let told = self.0.collector.borrow_mut().wait(run, &mut buffer);
        for told in told {
            self.on_told(told);
        }
    }

    fn on_told(&self, told: Told) {
        let job = &self.0.job;
        match told {
            Told::Ready { keyvals, .. } if keyvals.is_empty() => {}
            Told::Ready { run, keyvals } => {
                let pairs = keyvals.into_iter();
                let pairs = pairs.map(|(key, value)| (key, Value::from(value)));
                job.send(run, Event::Keyval(pairs.collect()));
            }
            Told::Note(note) => self.0.collector.borrow_mut().hold(note),
        }
    }

    fn end_collector(&self) {
        let (pid, _) = self.0.collector.borrow_mut().kill();
        pid.into_iter().for_each(unix::reap);
    }

    fn tell_loss(&self, what: &str) {
        let note = Note::of_loss(0, what);
        self.0.collector.borrow_mut().hold(note);
    }
}
