//! Control functions: repeated requests, their identities, and what a reboot must not change.

use autotest_core::{
    CallId, ControlStart, GroupKind, HookNames, JobStart, JournalVersion, Request, Requested,
    RunRequest, TargetFacts,
};

fn once(name: &str) -> Request {
    let name = name.to_owned();
    Request::Once { name }
}

fn keep(name: &str, value: u32) -> Request {
    let (name, value) = (name.to_owned(), value.into());
    Request::Keep { name, value }
}

fn group(name: &str, kind: GroupKind) -> Request {
    let name = name.to_owned();
    Request::BeginGroup { name, kind }
}

fn run_of(test: &str) -> RunRequest {
    RunRequest {
        test: test.to_owned(),
        ..RunRequest::default()
    }
}

#[test]
fn a_request_is_repeated_if_it_is_the_same_in_all_parts() {
    let tagged = RunRequest {
        tag: Some("big".to_owned()),
        ..run_of("disk")
    };
    let requests = [
        Request::Run(run_of("disk")),
        Request::Run(run_of("net")),
        Request::Run(tagged),
        group("disk", GroupKind::Group),
        group("disk", GroupKind::Branch),
        once("seed"),
        once("disk"),
        Request::Reboot,
    ];
    for (i, request) in requests.iter().enumerate() {
        for (j, earlier) in requests.iter().enumerate() {
            assert_eq!(
                request.is_repeated(earlier),
                i == j,
                "{request:?}, {earlier:?}"
            );
        }
    }
}

#[test]
fn a_value_on_record_answers_only_the_request_of_its_own_name() {
    assert!(once("seed").is_repeated(&keep("seed", 7)));
    assert!(!once("seed").is_repeated(&keep("size", 7)));
    assert!(!keep("seed", 7).is_repeated(&once("seed")));
    assert!(!keep("seed", 7).is_repeated(&keep("seed", 8)));
}

#[test]
fn the_identity_of_a_request_is_its_branch_and_its_number() {
    let outside = CallId::new("", 12);
    assert_eq!((outside.as_str(), outside.path()), ("12", ""));
    assert_eq!(outside.branch_of(), None);
    let inside = CallId::new(&outside.branch("cpu"), 3);
    assert_eq!((inside.as_str(), inside.path()), ("12/cpu.3", "12/cpu"));
    assert_eq!(inside.branch_of(), Some((outside, "cpu")));
    let innermost = CallId::new(&inside.branch("io"), 0);
    assert_eq!(innermost.to_string(), "12/cpu.3/io.0");
    assert_eq!(innermost.parent_path(), Some("12/cpu"));
    assert_eq!(innermost.branch_of(), Some((inside, "io")));
}

#[test]
fn a_requested_run_is_the_first_request_outside_of_groups_unless_said_otherwise() {
    let requested = Requested::new(run_of("disk"));
    assert_eq!(requested.call, CallId::new("", 0));
    assert_eq!(requested.request, run_of("disk"));
    assert_eq!((requested.group, requested.settings), (None, None));
}

#[test]
fn the_runs_of_a_job_are_planned_unless_a_control_function_decides() {
    let is_planned = |control| {
        let job = JobStart {
            control,
            ..JobStart::default()
        };
        job.is_planned()
    };
    let function = ControlStart {
        name: "nightly".to_owned(),
        ..ControlStart::default()
    };
    let file = ControlStart {
        file: Some("{}".to_owned()),
        ..function.clone()
    };
    assert!(is_planned(None));
    assert!(is_planned(Some(file)));
    assert!(!is_planned(Some(function.clone())));
    let merged = JobStart {
        control: Some(function),
        merged: vec![("lab1".to_owned(), "4711".to_owned())],
        ..JobStart::default()
    };
    assert!(merged.is_merged() && merged.is_planned());
    assert!(!JobStart::default().is_merged());
}

#[test]
fn only_a_version_after_the_first_is_recorded() {
    let line = |version| {
        let job = JobStart {
            version,
            ..JobStart::default()
        };
        serde_json::to_string(&job).unwrap()
    };
    assert!(!line(JournalVersion(1)).contains("version"));
    let newer = line(JournalVersion(2));
    assert!(newer.starts_with(r#"{"version":2,"#), "{newer}");
    let read = |json: &str| serde_json::from_str::<JobStart>(json).unwrap().version;
    assert_eq!(read(&newer), JournalVersion(2));
    assert_eq!(read("{}"), JournalVersion(1));
    assert_eq!(JournalVersion::CURRENT, JournalVersion(1));
}

#[test]
fn a_request_can_be_one_of_a_branch() {
    let call = CallId::new(&CallId::new("", 3).branch("cpu"), 0);
    assert_eq!(call.within(""), call);
    let around = CallId::new("", 0).branch("lab1");
    assert_eq!(call.within(&around).as_str(), "0/lab1.3/cpu.0");
}

fn target(cpu_count: usize, mounts: &[&str]) -> TargetFacts {
    TargetFacts {
        kernel: "6.1".to_owned(),
        cpu_count,
        mounts: mounts.iter().map(|mount| (*mount).to_owned()).collect(),
    }
}

#[test]
fn a_target_that_only_has_another_kernel_after_its_reboot_has_no_problems() {
    let before = target(4, &["/dev/sda1 /", "/dev/sdb1 /data"]);
    assert!(before.problems(&before).is_empty());
    let upgraded = TargetFacts {
        kernel: "6.2".to_owned(),
        ..before.clone()
    };
    assert!(upgraded.problems(&before).is_empty());
}

#[test]
fn a_reboot_that_changes_the_number_of_processors_is_a_problem() {
    assert_eq!(
        target(2, &[]).problems(&target(4, &[])),
        ["Number of CPUs changed after reboot (old count: 4, new count: 2)"]
    );
}

#[test]
fn a_reboot_that_changes_the_mounts_is_a_problem_which_names_those_of_one_side_only() {
    let before = target(4, &["a /", "b /data", "c /old"]);
    let now = target(4, &["a /", "d /new"]);
    let problem = "mounted partitions are different after reboot";
    assert_eq!(
        now.problems(&before),
        [format!(
            "{problem} (old entries: b /data, c /old; new entries: d /new)"
        )]
    );
}

#[test]
fn each_difference_after_a_reboot_is_a_problem_of_its_own() {
    let problems = target(2, &["a /"]).problems(&target(4, &[]));
    assert_eq!(problems.len(), 2);
}

#[test]
fn the_names_of_hooks_are_in_the_order_in_which_they_are_declared() {
    let hooks = HookNames {
        before_test: Some("boot".to_owned()),
        after_test: Some("collect".to_owned()),
        before_iteration: vec!["warm".to_owned(), "trim".to_owned()],
        after_iteration: vec!["check".to_owned()],
    };
    let names: Vec<_> = hooks.iter().collect();
    assert_eq!(names, ["boot", "collect", "warm", "trim", "check"]);
    assert_eq!(HookNames::default().iter().next(), None);
}
