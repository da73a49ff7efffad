//! What a package's job passes on to the job that runs the package.

use autotest_core::{Event, Kind, Phase, Status, TestStart, Verdict};

use crate::lifecycle::stage::Stage;

fn nested(event: Event) -> Event {
    let event = Box::new(event);
    Event::Nested { run: 3, event }
}

#[test]
fn events_that_reports_need_are_passed_on() {
    let start = TestStart::default();
    let end = Event::JobEnd {
        status: Status::Good,
        reason: String::new(),
    };
    assert!(Event::TestStart(start).is_of_package());
    assert!(Event::Keyval(Vec::new()).is_of_package());
    for event in [
        end,
        Event::Phase(Phase::Setup),
        nested(Event::Keyval(Vec::new())),
    ] {
        assert!(!event.is_of_package(), "{event:?}");
    }
}

#[test]
fn the_test_of_a_package_passes_events_on() {
    let ended = Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            cx.forward(3, Event::Keyval(Vec::new()));
            Ok(())
        })
        .run();
    assert!(ended.events().contains(&nested(Event::Keyval(Vec::new()))));
}

#[test]
fn the_test_of_a_package_tells_what_does_not_change_its_verdict() {
    let ended = Stage::with(&[Phase::RunOnce])
        .step(Phase::RunOnce, |cx| {
            cx.note(Verdict::new(Kind::Warn, "a part of it"), "settings");
            Ok(())
        })
        .run();
    let note = Event::Suppressed {
        verdict: Verdict::new(Kind::Warn, "a part of it"),
        origin: "settings".to_owned(),
    };
    assert!(ended.events().contains(&note));
}
