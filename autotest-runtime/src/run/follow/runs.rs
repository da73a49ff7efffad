//! Determines the files that belong to a record.

use std::collections::HashMap;

use autotest_core::Event;
use autotest_report::wire::End;
use autotest_report::{Completion, Record};

/// The runs of the job, according to the records read so far.
#[derive(Debug, Default)]
pub(super) struct Runs {
    /// The directories of the runs in progress, without subtests.
    open: HashMap<u32, String>,
    /// The directories that belong to records which are not printed, with the times of those records.
    sent_before: HashMap<String, f64>,
    completion: Completion,
}

/// The files to send before a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Nothing,
    /// Those in the directory of a run.
    Run(String),
    /// All that have not been sent.
    Rest,
}

impl Runs {
    /// Takes the next record into account. Returns the files that belong to it.
    pub(super) fn note(&mut self, record: &Record, is_printed: bool) -> Sent {
        self.completion.note(&record.event);
        let subdir = match &record.event {
            Event::TestStart(start) => {
                if start.parent.is_none() && !start.subdir.is_empty() {
                    self.open.insert(record.run, start.subdir.clone());
                }
                None
            }
            Event::TestEnd { .. } => self.open.remove(&record.run),
            // Its directory was renamed, and is final. A subtest's directory is part of another one.
            Event::Attempt { subdir, .. } => {
                self.open.remove(&record.run);
                Some(subdir.clone()).filter(|subdir| !subdir.contains('/'))
            }
            Event::JobEnd { .. } if self.completion.has_ended() => return Sent::Rest,
            _ => None,
        };
        match subdir {
            Some(subdir) if is_printed => {
                self.sent_before.remove(&subdir);
                Sent::Run(subdir)
            }
            Some(subdir) => {
                self.sent_before.insert(subdir, record.t);
                Sent::Nothing
            }
            None => Sent::Nothing,
        }
    }

    /// The end of the job, if it is the last record.
    pub(super) fn end(&self) -> Option<End> {
        self.completion.has_ended().then_some(End::Ended)
    }

    /// Directories whose files the reader has, except files that changed since a time, in seconds since 1970.
    pub(super) fn sent_before(&self) -> &HashMap<String, f64> {
        &self.sent_before
    }
}
