//! What the supervisor received from the process of a run.

use std::collections::BTreeMap;

use autotest_core::{ChangedFiles, Event, Kind, Phase, Subtest, Verdict};

use super::wire::TestMessage;

/// The messages from a run's process.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) outcome: Option<Option<Verdict>>,
    /// The last phase that began.
    pub(super) phase: Option<Phase>,
    /// The number of lines that are not valid messages.
    pub(super) garbage: u64,
    pub(super) saved: BTreeMap<String, serde_json::Value>,
    /// The files that must be restored.
    pub(super) changed_files: ChangedFiles,
    /// The size of all lines.
    bytes: u64,
    /// The number of events beyond the limit.
    pub(super) dropped: u64,
}

/// The limit for the events of one run. A run that sends more has gone wrong and would fill the disk.
pub(super) const MAX_EVENT_BYTES: u64 = 256 << 20;

/// How much beyond that limit phases and changed files are still recorded.
const MAX_NEEDED_BYTES: u64 = 1 << 20;

/// What the supervisor must do for a line.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Event(Event),
    /// Reply once everything before it is in the journal.
    Barrier,
    Subtest {
        subtest: Subtest,
        in_setup: bool,
    },
}

impl Received {
    pub(super) fn take(&mut self, line: &[u8], incoming: &mut Vec<Incoming>) {
        self.bytes += line.len() as u64;
        match TestMessage::from_line(line) {
            Ok(TestMessage::Event(event)) if is_a_tests(&event) => {
                self.note(&event);
                let is_needed = matches!(event, Event::Phase(_) | Event::ChangedFile { .. });
                if self.bytes <= MAX_EVENT_BYTES
                    || (is_needed && self.bytes <= MAX_EVENT_BYTES + MAX_NEEDED_BYTES)
                {
                    incoming.push(Incoming::Event(event));
                } else {
                    self.dropped += 1;
                }
            }
            Ok(TestMessage::Outcome(outcome)) if self.outcome.is_none() => {
                self.outcome = Some(outcome.map(as_a_tests));
            }
            Ok(TestMessage::Barrier) => incoming.push(Incoming::Barrier),
            Ok(TestMessage::Subtest {
                mut subtest,
                secrets,
                in_setup,
            }) => {
                subtest.args = subtest.args.with_secrets(&secrets);
                incoming.push(Incoming::Subtest { subtest, in_setup });
            }
            // A second outcome must come from another process.
            Ok(TestMessage::Outcome(_)) => self.outcome = Some(Some(two_outcomes())),
            Ok(TestMessage::Event(_)) | Err(_) => self.garbage += 1,
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Phase(phase) => self.phase = Some(*phase),
            Event::Saved { key, value } if self.bytes <= MAX_EVENT_BYTES => {
                self.saved.insert(key.clone(), value.clone());
            }
            Event::ChangedFile { path, original } => {
                self.changed_files.note(path, original.as_deref());
            }
            _ => {}
        }
    }
}

/// Replaces a kind of verdict that only the supervisor may give.
fn as_a_tests(verdict: Verdict) -> Verdict {
    let kind = match verdict.kind {
        Kind::CutOff => Kind::Error,
        kind => kind,
    };
    Verdict { kind, ..verdict }
}

fn two_outcomes() -> Verdict {
    Verdict::new(Kind::Error, "sent more than one outcome")
}

/// Whether a test may send this event. Only the supervisor sends the others.
fn is_a_tests(event: &Event) -> bool {
    match event {
        Event::JobStart(_)
        | Event::GroupStart(_)
        | Event::GroupEnd { .. }
        | Event::RebootStart(_)
        | Event::RebootEnd { .. }
        | Event::Answered(_)
        | Event::JobEnd { .. }
        | Event::JobResume(_)
        | Event::TestStart(_)
        | Event::TestEnd { .. }
        | Event::Process { .. }
        | Event::Attempt { .. } => false,
        Event::Phase(_)
        | Event::Keyval(_)
        | Event::IterationKeyval { .. }
        | Event::Perf(_)
        | Event::Status(_)
        | Event::Suppressed { .. }
        | Event::Progress { .. }
        | Event::Artifact { .. }
        | Event::Saved { .. }
        | Event::ChangedFile { .. }
        | Event::HookTimer { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_phases_and_changed_files_are_kept_and_the_rest_is_counted() {
        let mut received = Received {
            bytes: MAX_EVENT_BYTES,
            ..Received::default()
        };
        let mut incoming = Vec::new();
        let changed = Event::ChangedFile {
            path: "/a".to_owned(),
            original: Some("1".to_owned()),
        };
        for event in [
            Event::Phase(Phase::Cleanup),
            changed.clone(),
            Event::Keyval(vec![("one".to_owned(), 1.into())]),
        ] {
            received.take(&TestMessage::Event(event).line(), &mut incoming);
        }
        let needed = [Event::Phase(Phase::Cleanup), changed];
        assert_eq!(incoming, needed.map(Incoming::Event));
        assert!(!received.changed_files.is_empty());
        assert_eq!((received.dropped, received.garbage), (1, 0));
        received.take(&TestMessage::Outcome(None).line(), &mut incoming);
        assert_eq!(received.outcome, Some(None));
    }
}
