//! Whether a job has come to its end.

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
    /// Whether the target is to reboot: the end of the job is not its last, then.
    reboots: bool,
    /// The reason of the end, which is empty for one that is not early.
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

    /// Whether it ended before its time, by a signal: it can be resumed.
    pub fn was_interrupted(&self) -> bool {
        let reason = self.end.as_ref();
        reason.is_some_and(|reason| reason.starts_with(INTERRUPTED))
    }
}
