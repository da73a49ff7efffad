//! The records that are missing at the end of an interrupted job's journal.

use autotest_core::{Event, Kind, SmallMap, Status, Verdict};

use crate::record::Record;

/// The runs without an end in the records so far, and whether the job has an end.
#[derive(Debug, Default)]
pub(super) struct MissingEnds {
    is_on: bool,
    runs: SmallMap<u32, ()>,
    next_seq: u64,
    last_t: f64,
}

impl MissingEnds {
    /// Takes the number and the time of a record.
    pub(super) fn advance(&mut self, record: &Record) {
        (self.next_seq, self.last_t) = (record.seq + 1, record.t);
    }

    /// Takes the begin or the end that a record is.
    pub(super) fn note(&mut self, record: &Record) {
        match &record.event {
            Event::JobStart(_) | Event::JobResume(_) => self.is_on = true,
            Event::JobEnd { .. } => self.is_on = false,
            Event::TestStart(_) => self.runs.insert(record.run, ()),
            Event::TestEnd { .. } | Event::Attempt { .. } => _ = self.runs.remove(&record.run),
            Event::GroupStart(_)
            | Event::GroupEnd { .. }
            | Event::RebootStart(_)
            | Event::RebootEnd { .. }
            | Event::Answered(_)
            | Event::Process { .. }
            | Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::Saved { .. }
            | Event::ChangedFile { .. }
            | Event::HookTimer { .. } => {}
            #[cfg(feature = "crash-handler")]
            Event::Crash(_) => {}
            #[cfg(feature = "packages")]
            Event::Nested { .. } => {}
        }
    }

    /// The missing records, in reverse order.
    pub(super) fn ending(&self) -> Vec<Record> {
        if !self.is_on {
            return Vec::new();
        }
        let reason = "the job was interrupted".to_owned();
        // Each subtest ends before its parent.
        let runs = self.runs.iter().rev();
        let mut events: Vec<_> = runs.map(|(run, ())| (*run, cut_off())).collect();
        let status = Status::Abort;
        events.push((0, Event::JobEnd { status, reason }));
        let records = (self.next_seq..)
            .zip(events)
            .map(|(seq, (run, event))| Record {
                seq,
                run,
                t: self.last_t,
                event,
            });
        let mut records: Vec<_> = records.collect();
        records.reverse();
        records
    }
}

fn cut_off() -> Event {
    let reason = "was running when the job was interrupted";
    Event::TestEnd {
        status: Status::Abort,
        verdict: Some(Verdict::new(Kind::CutOff, reason)),
        elapsed_s: 0.0,
    }
}
