//! What the journal of a job with a control function says of the function's requests.

use autotest_core::status::Code;
use autotest_core::{
    Answer, Answered, CallId, Event, GroupKind, GroupStart, Kind, RebootStart, Request, RunRequest,
    RunResult, Status, StatusRecord, TargetFacts, Verdict,
};
use autotest_report::{Earlier, Summary, identity};

use crate::job::Job;

/// A request outside of branches.
fn call(number: u64) -> CallId {
    CallId::new("", number)
}

/// The first request on record, with what is known of it.
fn first(job: &Job) -> Option<(Request, Earlier)> {
    Summary::of(job.journal()).requests.remove(&call(0))
}

fn run_of(test: &str) -> Request {
    Request::Run(RunRequest {
        test: test.to_owned(),
        ..RunRequest::default()
    })
}

fn begin_group(job: &mut Job, run: u32, name: &str) {
    let start = GroupStart {
        name: name.to_owned(),
        kind: GroupKind::Group,
        group: None,
        call: call(0),
    };
    job.send(run, Event::GroupStart(start));
}

fn end_group(job: &mut Job, status: Status, reason: &str) {
    let (reason, call) = (reason.to_owned(), call(0));
    job.send(
        7,
        Event::GroupEnd {
            status,
            reason,
            call,
        },
    );
}

fn target(kernel: &str) -> TargetFacts {
    TargetFacts {
        kernel: kernel.to_owned(),
        cpu_count: 4,
        mounts: Vec::new(),
    }
}

fn begin_reboot(job: &mut Job, run: u32) {
    let start = RebootStart {
        call: call(0),
        group: None,
        target: target("6.1"),
    };
    job.send(run, Event::RebootStart(start));
}

fn end_reboot(job: &mut Job, run: u32, problems: &[&str]) {
    let end = Event::RebootEnd {
        call: call(0),
        target: target("6.2"),
        problems: problems.iter().map(|it| (*it).to_owned()).collect(),
    };
    job.send(run, end);
}

fn answer(job: &mut Job, request: &Request, answer: &Answer) {
    let answered = Answered {
        call: call(0),
        request: request.clone(),
        answer: answer.clone(),
    };
    job.send(0, Event::Answered(Box::new(answered)));
}

#[test]
fn the_answer_to_a_requested_run_is_its_verdict_and_its_directory() {
    let mut job = Job::of(&[]);
    job.request(1, call(0), "a").end(1, Kind::Fail, "it broke");
    let result = RunResult::new(Some(Verdict::new(Kind::Fail, "it broke")), "a");
    let answer = Earlier::Answer(Answer::Ran(result));
    assert_eq!(first(&job), Some((run_of("a"), answer)));
}

#[test]
fn a_requested_run_has_no_answer_before_its_end() {
    let mut job = Job::of(&[]);
    job.request(1, call(0), "a");
    assert_eq!(first(&job), None);
    job.end(1, Kind::CutOff, "interrupted by SIGINT");
    assert_eq!(first(&job), None);
}

#[test]
fn planned_runs_and_subtests_are_no_requests() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").pass(1);
    job.request(2, call(1), "b").start_below(3, "c", Some(2));
    job.pass(3).pass(2);
    let requests = Summary::of(job.journal()).requests;
    assert_eq!(requests.into_keys().collect::<Vec<_>>(), [call(1)]);
}

#[test]
fn a_requested_run_is_identified_by_its_request_and_a_planned_one_by_its_name() {
    let mut job = Job::of(&["m::a"]);
    job.start(1, "m::a")
        .request(2, CallId::new("3/cpu", 5), "m::a");
    let identities = job.records.iter().filter_map(|record| match &record.event {
        Event::TestStart(start) => Some(identity(start)),
        _ => None,
    });
    assert_eq!(identities.collect::<Vec<_>>(), ["m.a", "3/cpu.5"]);
}

#[test]
fn requested_runs_of_one_name_are_counted_apart() {
    let mut job = Job::of(&[]);
    job.request(1, call(0), "a").pass(1);
    job.request(2, call(1), "a").end(2, Kind::Fail, "it broke");
    job.request(3, call(2), "a").attempt(3, "a.attempt-1");
    job.request(4, call(2), "a").attempt(4, "a.attempt-2");
    let summary = Summary::of(job.journal());
    assert_eq!(summary.finished.len(), 2);
    assert_eq!(summary.finished["0"], Status::Good);
    assert_eq!(summary.finished["1"], Status::Fail);
    let attempts: Vec<_> = summary.attempts.into_iter().collect();
    assert_eq!(attempts, [("2".to_owned(), 2)]);
}

#[test]
fn the_answer_to_the_beginning_of_a_group_is_its_number() {
    let mut job = Job::of(&[]);
    begin_group(&mut job, 7, "network");
    let request = Request::BeginGroup {
        name: "network".to_owned(),
        kind: GroupKind::Group,
    };
    assert_eq!(first(&job), Some((request, Earlier::Group(7))));
    assert_eq!(Summary::of(job.journal()).last_run, 7);
}

#[test]
fn the_end_of_a_group_has_the_error_of_its_function() {
    let ended = |status, reason| {
        let mut job = Job::of(&[]);
        end_group(&mut job, status, reason);
        first(&job).unwrap()
    };
    let end = |error| (Request::EndGroup { error }, Earlier::Answer(Answer::Done));
    assert_eq!(ended(Status::Good, ""), end(None));
    // An error without a text is an error.
    assert_eq!(ended(Status::Fail, ""), end(Some(String::new())));
    assert_eq!(ended(Status::Fail, "no"), end(Some("no".to_owned())));
}

#[test]
fn a_reboot_in_progress_has_the_target_before_it() {
    let mut job = Job::of(&[]);
    begin_reboot(&mut job, 7);
    let reboot = Earlier::Reboot(7, target("6.1"));
    assert_eq!(first(&job), Some((Request::Reboot, reboot)));
}

#[test]
fn a_reboot_that_ended_is_answered_with_its_problems() {
    let answered = |problems| {
        let mut job = Job::of(&[]);
        begin_reboot(&mut job, 7);
        end_reboot(&mut job, 7, problems);
        first(&job).unwrap().1
    };
    assert_eq!(answered(&[]), Earlier::Answer(Answer::Done));
    let refused = Answer::Refused("no disk; no fan".to_owned());
    assert_eq!(answered(&["no disk", "no fan"]), Earlier::Answer(refused));
}

#[test]
fn a_request_is_on_record_with_the_answer_that_it_got() {
    let entry = StatusRecord::message(Code::Info, "pinged");
    let refused = Answer::Refused("no such test".to_owned());
    for (request, given) in [
        (Request::Record(entry), Answer::Done),
        (run_of("nowhere"), refused),
    ] {
        let mut job = Job::of(&[]);
        answer(&mut job, &request, &given);
        assert_eq!(first(&job), Some((request, Earlier::Answer(given))));
    }
}

#[test]
fn a_value_that_was_kept_is_on_record_for_the_next_request_of_its_name() {
    let mut job = Job::of(&[]);
    let (name, value) = ("seed".to_owned(), serde_json::Value::from(7));
    let keep = Request::Keep { name, value };
    answer(&mut job, &keep, &Answer::Done);
    assert_eq!(first(&job), Some((keep, Earlier::Kept(7.into()))));
}
