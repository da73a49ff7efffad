//! The lines of groups, branches and reboots of a control function.

use autotest_core::status::{Code, Status};
use autotest_core::{
    Answer, Answered, CallId, Event, GroupKind, GroupStart, RebootStart, Request, StatusRecord,
    TargetFacts,
};
use autotest_report::StatusLog;

use crate::job::Job;
use crate::tree::Home;

/// The indentation, code and operation of each line of the job's log.
fn outline(job: &Job) -> String {
    let home = Home::new();
    job.report_to(&mut StatusLog::new(&home.tree()));
    let log = home.read("status.log");
    let lines = log.lines().map(|line| {
        let indent = line.len() - line.trim_start_matches('\t').len();
        let mut fields = line[indent..].split('\t');
        let (code, operation) = (fields.next().unwrap(), fields.nth(1).unwrap());
        format!("{}{code} {operation}", "  ".repeat(indent))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn check(job: &mut Job, expected: &[&str]) {
    let inside = expected.iter().map(|line| format!("\n  {line}"));
    let inside: String = inside.collect();
    let expected = format!("START ----{inside}\nEND GOOD ----");
    assert_eq!(outline(job.end_job()), expected);
}

fn begin(job: &mut Job, number: u32, kind: GroupKind, name: &str, group: Option<u32>) {
    let call = match kind {
        GroupKind::Group => CallId::new("", number.into()),
        GroupKind::Branch => CallId::new(&CallId::new("", 0).branch(name), 0),
    };
    let start = GroupStart {
        name: name.to_owned(),
        kind,
        group,
        call,
    };
    job.send(number, Event::GroupStart(start));
}

fn end(job: &mut Job, number: u32) {
    let end = Event::GroupEnd {
        status: Status::Good,
        reason: String::new(),
        call: CallId::new("", 99),
    };
    job.send(number, end);
}

/// Records a line in a group.
fn record(job: &mut Job, group: u32, operation: &str) {
    let entry = StatusRecord {
        operation: Some(operation.to_owned()),
        ..StatusRecord::message(Code::Info, "")
    };
    answer(job, group, Request::Record(entry));
}

fn answer(job: &mut Job, group: u32, request: Request) {
    let answered = Answered {
        call: CallId::new("", 0),
        request,
        answer: Answer::Done,
    };
    job.send(group, Event::Answered(Box::new(answered)));
}

/// Begins branches, the first with the number 1.
fn parallel(job: &mut Job, group: Option<u32>, names: &[&str]) {
    let branches = names.iter().map(|name| (*name).to_owned()).collect();
    answer(job, group.unwrap_or(0), Request::Parallel { branches });
    for (number, name) in (1..).zip(names) {
        begin(job, number, GroupKind::Branch, name, group);
    }
}

#[test]
fn what_happens_in_a_group_is_indented_below_it() {
    let mut job = Job::of(&[]);
    begin(&mut job, 1, GroupKind::Group, "outer", None);
    begin(&mut job, 2, GroupKind::Group, "inner", Some(1));
    record(&mut job, 2, "a");
    end(&mut job, 2);
    record(&mut job, 1, "b");
    end(&mut job, 1);
    record(&mut job, 0, "c");
    check(
        &mut job,
        &[
            "START outer",
            "  START inner",
            "    INFO a",
            "  END GOOD inner",
            "  INFO b",
            "END GOOD outer",
            "INFO c",
        ],
    );
}

#[test]
fn the_lines_of_a_branch_are_one_block_in_the_order_of_the_branches() {
    let mut job = Job::of(&[]);
    parallel(&mut job, None, &["cpu", "io"]);
    record(&mut job, 2, "a");
    begin(&mut job, 3, GroupKind::Group, "group", Some(2));
    record(&mut job, 3, "b");
    record(&mut job, 1, "c");
    end(&mut job, 3);
    end(&mut job, 2);
    record(&mut job, 0, "outside");
    record(&mut job, 1, "d");
    end(&mut job, 1);
    check(
        &mut job,
        &[
            "INFO outside",
            "INFO c",
            "INFO d",
            "INFO a",
            "START group",
            "  INFO b",
            "END GOOD group",
        ],
    );
}

#[test]
fn branches_in_a_group_are_indented_below_it() {
    let mut job = Job::of(&[]);
    begin(&mut job, 9, GroupKind::Group, "group", None);
    parallel(&mut job, Some(9), &["cpu"]);
    record(&mut job, 1, "a");
    end(&mut job, 1);
    end(&mut job, 9);
    check(&mut job, &["START group", "  INFO a", "END GOOD group"]);
}

#[test]
fn what_branches_hold_is_written_when_the_job_ends() {
    let mut job = Job::of(&[]);
    parallel(&mut job, None, &["cpu", "io", "net"]);
    record(&mut job, 1, "a");
    begin(&mut job, 4, GroupKind::Group, "group", Some(1));
    record(&mut job, 2, "b");
    record(&mut job, 3, "c");
    end(&mut job, 2);
    check(
        &mut job,
        &[
            "INFO a",
            "START group",
            "END ABORT group",
            "INFO b",
            "INFO c",
        ],
    );
}

#[test]
fn a_branch_that_waits_for_one_that_never_began_is_written_when_the_job_ends() {
    let mut job = Job::of(&[]);
    let branches = vec!["cpu".to_owned(), "io".to_owned()];
    answer(&mut job, 0, Request::Parallel { branches });
    begin(&mut job, 2, GroupKind::Branch, "io", None);
    record(&mut job, 2, "a");
    end(&mut job, 2);
    record(&mut job, 0, "outside");
    check(&mut job, &["INFO outside", "INFO a"]);
}

fn target() -> TargetFacts {
    TargetFacts {
        kernel: "6.1".to_owned(),
        ..TargetFacts::default()
    }
}

fn begin_reboot(job: &mut Job, group: Option<u32>) {
    let (call, target) = (CallId::new("", 5), target());
    let start = RebootStart {
        call,
        group,
        target,
    };
    job.send(8, Event::RebootStart(start));
}

fn end_reboot(job: &mut Job, problems: Vec<String>) {
    let (call, target) = (CallId::new("", 5), target());
    let end = Event::RebootEnd {
        call,
        target,
        problems,
    };
    job.send(8, end);
}

#[test]
fn a_reboot_is_a_group_of_its_own() {
    let mut job = Job::of(&[]);
    begin(&mut job, 1, GroupKind::Group, "group", None);
    begin_reboot(&mut job, Some(1));
    end_reboot(&mut job, Vec::new());
    end(&mut job, 1);
    check(
        &mut job,
        &[
            "START group",
            "  START reboot",
            "    GOOD reboot.start",
            "    GOOD reboot.verify",
            "  END GOOD reboot",
            "END GOOD group",
        ],
    );
}

#[test]
fn a_reboot_with_problems_is_aborted() {
    let mut job = Job::of(&[]);
    begin_reboot(&mut job, None);
    end_reboot(&mut job, vec!["a disk is missing".to_owned()]);
    check(
        &mut job,
        &[
            "START reboot",
            "  GOOD reboot.start",
            "  ABORT reboot.verify_config",
            "END ABORT reboot",
        ],
    );
}

#[test]
fn a_reboot_in_progress_ends_with_the_job_before_the_group_around_it() {
    let mut job = Job::of(&[]);
    begin(&mut job, 1, GroupKind::Group, "group", None);
    begin_reboot(&mut job, Some(1));
    check(
        &mut job,
        &[
            "START group",
            "  START reboot",
            "    GOOD reboot.start",
            "  END ABORT reboot",
            "END ABORT group",
        ],
    );
}
