//! Whether a job has ended.

use autotest_core::{Event, INTERRUPTED};

/// A fold over the events of a job: whether the last of them ends it.
///
/// # Example
///
/// ```
/// use autotest_core::{Event, status::Status};
/// use autotest_report::Completion;
///
/// let mut completion = Completion::default();
/// completion.note(&Event::JobEnd { status: Status::Good, reason: String::new() });
/// assert!(completion.has_ended());
/// ```
#[derive(Debug, Default)]
pub struct Completion {
    /// Whether the target is to reboot: then the job continues after this end.
    reboots: bool,
    /// The reason of the end; empty if the job was not cut short.
    end: Option<String>,
}

impl Completion {
    /// Processes the next event.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::RebootStart(_) => self.reboots = true,
            Event::RebootEnd { .. } => self.reboots = false,
            _ => {}
        }
        self.end = match event {
            Event::JobEnd { reason, .. } if !self.reboots => Some(reason.clone()),
            _ => None,
        };
    }

    /// Whether the last event ends the job, and the job does not wait for a reboot of its target.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Whether a signal ended it early, so that it can be resumed.
    pub fn was_interrupted(&self) -> bool {
        let reason = self.end.as_ref();
        reason.is_some_and(|reason| reason.starts_with(INTERRUPTED))
    }
}
