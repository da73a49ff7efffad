//! The messages that the supervisor received from the process of a run.

use std::collections::BTreeMap;

use autotest_core::{ChangedFiles, Event, Kind, Phase, Subtest, Verdict};

#[cfg(feature = "packages")]
use super::nested;
use super::slot::ActiveRun;
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
    /// The changed files that must be restored.
    pub(super) changed_files: ChangedFiles,
    /// The total size of all lines.
    bytes: u64,
    /// The number of events beyond the limit.
    pub(super) dropped: u64,
    /// `true` if the test is a package, whose job has its own runs.
    #[cfg(feature = "packages")]
    pub(super) is_package: bool,
}

/// The limit on the events of a run. A run that sends more has gone wrong and would fill the disk.
pub(super) const MAX_EVENT_BYTES: u64 = 256 << 20;

/// How far beyond that limit required events, such as phases and changed files, are still recorded.
const MAX_NEEDED_BYTES: u64 = 1 << 20;

/// What the supervisor must do about a line.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Event(Event),
    /// Reply once everything before it is in the journal.
    Barrier,
    /// Have the sysinfo of a step collected, then reply.
    #[cfg(feature = "sysinfo")]
    Sysinfo(autotest_core::SysinfoStep),
    Subtest {
        subtest: Subtest,
        in_setup: bool,
    },
    /// Make the run's profilers perform a step, then reply.
    #[cfg(feature = "profilers")]
    Profile {
        step: autotest_core::ProfilerStep,
        iteration: u64,
    },
}

impl Received {
    /// No messages yet, for a run.
    #[cfg(feature = "packages")]
    pub(super) fn of(active: &ActiveRun) -> Received {
        Received {
            is_package: active.run.test.is_package(),
            ..Received::default()
        }
    }

    /// No messages yet.
    #[cfg(not(feature = "packages"))]
    pub(super) fn of(_: &ActiveRun) -> Received {
        Received::default()
    }

    pub(super) fn take(&mut self, line: &[u8], incoming: &mut Vec<Incoming>) {
        self.bytes += line.len() as u64;
        match TestMessage::from_line(line) {
            Ok(TestMessage::Event(event)) if self.may_send(&event) => {
                self.note(&event);
                let is_needed = is_needed(&event);
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
            #[cfg(feature = "sysinfo")]
            Ok(TestMessage::Sysinfo(step)) => incoming.push(Incoming::Sysinfo(step)),
            Ok(TestMessage::Subtest {
                mut subtest,
                secrets,
                in_setup,
            }) => {
                subtest.args = subtest.args.with_secrets(&secrets);
                incoming.push(Incoming::Subtest { subtest, in_setup });
            }
            #[cfg(feature = "profilers")]
            Ok(TestMessage::Profile { step, iteration }) => {
                incoming.push(Incoming::Profile { step, iteration });
            }
            // A second outcome can only come from another process.
            Ok(TestMessage::Outcome(_)) => self.outcome = Some(Some(two_outcomes())),
            Ok(TestMessage::Event(_)) | Err(_) => self.garbage += 1,
        }
    }

    /// `true` if the test may send this event.
    fn may_send(&self, event: &Event) -> bool {
        #[cfg(feature = "packages")]
        if self.is_package && nested::is_nested(event) {
            return true;
        }
        is_a_tests(event)
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

/// `true` if the event is recorded however many there were before it.
fn is_needed(event: &Event) -> bool {
    #[cfg(feature = "packages")]
    if nested::is_needed(event) {
        return true;
    }
    matches!(event, Event::Phase(_) | Event::ChangedFile { .. })
}

/// `true` if any test may send this event. Only the supervisor sends the others.
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
        #[cfg(feature = "crash-handler")]
        Event::Crash(_) => false,
        #[cfg(feature = "packages")]
        Event::Nested { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "packages")]
    #[test]
    fn only_a_package_may_send_what_another_job_recorded() {
        let nested = Event::Nested {
            run: 1,
            event: Box::new(Event::Keyval(Vec::new())),
        };
        let line = TestMessage::Event(nested.clone()).line();
        let mut incoming = Vec::new();
        let mut test = Received::default();
        test.take(&line, &mut incoming);
        assert_eq!((incoming.len(), test.garbage), (0, 1));
        let mut package = Received {
            is_package: true,
            ..Received::default()
        };
        package.take(&line, &mut incoming);
        assert_eq!(
            (incoming, package.garbage),
            (vec![Incoming::Event(nested)], 0)
        );
    }

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
