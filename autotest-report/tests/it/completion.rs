//! Whether a job has come to its end.

use autotest_core::status::Status;
use autotest_core::{CallId, Event, INTERRUPTED, JobResume, RebootStart, TargetFacts};
use autotest_report::Completion;

fn end(reason: &str) -> Event {
    Event::JobEnd {
        status: Status::Good,
        reason: reason.to_owned(),
    }
}

/// Whether these events end a job, and whether by a signal.
fn ended(events: &[Event]) -> (bool, bool) {
    let mut completion = Completion::default();
    events.iter().for_each(|event| completion.note(event));
    (completion.has_ended(), completion.was_interrupted())
}

#[test]
fn the_last_event_decides() {
    assert_eq!(ended(&[]), (false, false));
    assert_eq!(ended(&[end("")]), (true, false));
    assert_eq!(ended(&[end("out of time")]), (true, false));
    let signal = end(&format!("{INTERRUPTED} SIGTERM"));
    assert_eq!(ended(std::slice::from_ref(&signal)), (true, true));
    let resumed = [signal, Event::JobResume(JobResume::default())];
    assert_eq!(ended(&resumed), (false, false));
}

#[test]
fn a_job_that_waits_for_a_reboot_has_not_ended() {
    let (call, target) = (CallId::new("1", 1), TargetFacts::default());
    let reboot = Event::RebootStart(RebootStart {
        call: call.clone(),
        group: None,
        target: target.clone(),
    });
    let rebooted = Event::RebootEnd {
        call,
        target,
        problems: Vec::new(),
    };
    assert_eq!(ended(&[reboot.clone(), end("")]), (false, false));
    assert_eq!(ended(&[reboot, rebooted, end("")]), (true, false));
}
