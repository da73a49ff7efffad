use autotest_core::{Args, TestDef};

use super::*;
use crate::__private::Main;
use crate::plan::GivenArgs;
use crate::registry::Registry;

/// A control function that requests runs of this crate's tests. There are none, so every run is refused.
fn control(recorded: Recorded) -> Control {
    let registry = Registry::collect(&Main::of("autotest"))
        .unwrap()
        .into_static();
    let plan = ControlPlan {
        registry,
        settings: Settings::default(),
        given: GivenArgs::default(),
    };
    Control::new(plan, recorded)
}

fn begin(name: &str, kind: GroupKind) -> Request {
    let name = name.to_owned();
    Request::BeginGroup { name, kind }
}

fn end() -> Request {
    Request::EndGroup { error: None }
}

fn call(text: &str) -> CallId {
    serde_json::from_value(text.into()).unwrap()
}

/// Makes requests, given with their calls. Returns the group of each recorded event, and the group around that, if it
/// begins one. Groups get the numbers 1, 2 and so on.
fn groups_of(requests: &[(&str, Request)]) -> Vec<(Option<u32>, Option<u32>)> {
    let mut control = control(Recorded::default());
    let mut number = 0;
    let mut seen = Vec::new();
    for (id, request) in requests {
        let next = control.request(&call(id), request.clone(), number + 1);
        if let Ok(Next::Record(group, event, _)) = next {
            let around = match event {
                Event::GroupStart(start) => {
                    number += 1;
                    start.group
                }
                _ => None,
            };
            seen.push((group, around));
        }
    }
    seen
}

#[test]
fn a_group_knows_the_one_around_it() {
    let parallel = Request::Parallel {
        branches: vec!["a".to_owned()],
    };
    let seen = groups_of(&[
        ("0", begin("outer", GroupKind::Group)),
        ("1", parallel),
        ("1/a.0", begin("a", GroupKind::Branch)),
        ("1/a.1", begin("inner", GroupKind::Group)),
        ("1/a.2", end()),
        ("1/a.3", end()),
        ("2", end()),
    ]);
    let (begun, ended): (Vec<_>, Vec<_>) = (
        vec![
            (Some(1), None),
            (None, None),
            (Some(2), Some(1)),
            (Some(3), Some(2)),
        ],
        vec![(Some(3), None), (Some(2), None), (Some(1), None)],
    );
    assert_eq!(seen, [begun, ended].concat());
}

#[test]
fn what_is_on_record_is_answered_without_a_record() {
    let mut recorded = Recorded::default();
    recorded.add(call("0"), begin("g", GroupKind::Group), Answer::Done);
    let mut control = control(recorded);
    let next = control.request(&call("0"), begin("g", GroupKind::Group), 1);
    assert_eq!(next, Ok(Next::Answer(Answer::Done, IsLive(false))));
    let next = control.request(
        &call("1"),
        Request::Once {
            name: "x".to_owned(),
        },
        1,
    );
    assert_eq!(next, Ok(Next::Answer(Answer::Compute, IsLive(true))));
}

#[test]
fn another_request_than_the_one_on_record_is_a_violation() {
    let mut recorded = Recorded::default();
    recorded.add(call("0"), begin("one", GroupKind::Group), Answer::Done);
    let mut control = control(recorded.clone());
    let violation = control.request(&call("0"), begin("other", GroupKind::Group), 1);
    let text = violation.unwrap_err().to_string();
    assert!(
        text.contains("\"other\"") && text.contains("\"one\""),
        "{text}"
    );
    let mut control = super::tests::control(recorded);
    assert!(matches!(
        control.end(true),
        Err(Violation::EndedEarly { .. })
    ));
}

#[test]
fn a_function_that_is_killed_may_have_requests_on_record() {
    let mut recorded = Recorded::default();
    recorded.add(call("0"), end(), Answer::Done);
    assert_eq!(control(recorded).end(false), Ok(()));
}

#[test]
fn an_end_without_a_begin_is_a_violation() {
    let mut control = control(Recorded::default());
    assert_eq!(
        control.request(&call("0"), end(), 1),
        Err(Violation::NoGroup)
    );
}

#[test]
fn branches_are_limited() {
    let mut control = control(Recorded::default());
    let begun = control.request(&call("0"), begin("a", GroupKind::Group), 1);
    assert!(begun.is_ok());
    let mut last = Ok(Next::Wait);
    for i in 0..=MAX_BRANCHES {
        let branch = begin("b", GroupKind::Branch);
        last = control.request(&call(&format!("0/b{i}.0")), branch, 1);
    }
    assert_eq!(last, Err(Violation::TooManyBranches));
}

#[test]
fn a_branch_has_the_settings_of_the_one_that_began_it() {
    let mut control = control(Recorded::default());
    let settings = Settings {
        fast: true,
        ..Settings::default()
    };
    let request = Request::Settings(settings);
    assert!(control.request(&call("0"), request, 1).is_ok());
    let branch = begin("b", GroupKind::Branch);
    assert!(control.request(&call("1/b.0"), branch, 1).is_ok());
    let own = control.branch(&call("1/b.1")).unwrap().settings.clone();
    assert!(own.is_some_and(|settings| settings.fast));
}

#[test]
fn an_end_is_answered_to_its_call_only() {
    let def = &TestDef::DEFAULT;
    let test = Box::leak(Box::new(crate::registry::Test { id: "a", def }));
    let mut control = control(Recorded::default());
    for path in ["1/a.0", "1/b.0"] {
        let run = PlannedRun {
            requested: Some(Box::new(Requested {
                call: call(path),
                ..Requested::new(RunRequest::default())
            })),
            ..PlannedRun::new(test, None, "", Args::new())
        };
        control.requested.push_back(run);
    }
    let requesters: Vec<_> = std::iter::from_fn(|| control.next())
        .map(|next| next.requester)
        .collect();
    let result = RunResult::new(None, "a");
    control.ended(requesters[1], result.clone());
    assert_eq!(control.answer(), Some((call("1/b.0"), Answer::Ran(result))));
    assert_eq!(control.answer(), None);
}

/// Branches may request their runs in another order than before.
#[test]
fn a_resumed_run_keeps_its_sequence_number() {
    let sequences = [("1/a.0", 2), ("1/b.0", 1)].map(|(path, number)| (call(path), number));
    let recorded = Recorded::new(HashMap::new(), HashMap::from(sequences));
    let control = control(Recorded::default()).resumed(recorded);
    let numbers = ["1/a.0", "1/b.0", "1/b.1"].map(|path| control.sequence_of(&call(path)));
    assert_eq!(numbers, [2, 1, 3]);
}

#[test]
fn as_many_branches_as_are_allowed_run_at_once() {
    let branches: Vec<String> = (0..MAX_BRANCHES).map(|i| format!("b{i}")).collect();
    let mut control = control(Recorded::default());
    let mut groups = Vec::new();
    let parallel = Request::Parallel {
        branches: branches.clone(),
    };
    let mut number = 0;
    let mut ask = |id: &str, request| {
        number += 1;
        groups.push(control.request(&call(id), request, number).is_ok());
    };
    ask("0", parallel);
    for name in &branches {
        ask(&format!("1/{name}.0"), begin(name, GroupKind::Branch));
    }
    assert!(groups.iter().all(|is_ok| *is_ok));
}
