//! What the page shows of a run.

use autotest_core::perf::PerfRequest;
use autotest_core::status::Code;
use autotest_core::{
    Args, Declared, Event, KNOWN_FAILURE, Kind, Phase, StatusRecord, Value, Verdict,
};

use super::{page, start};
use crate::job::Job;
use crate::tree::Home;

fn iteration(job: &mut Job, speed: f64) {
    let perf = vec![("speed".to_owned(), Value::from(speed))];
    job.send(1, Event::IterationKeyval { attr: vec![], perf });
}

#[test]
fn measurements_are_plotted_with_their_limits() {
    let mut job = Job::of(&["a"]);
    let declared = Declared {
        constraints: vec!["speed > 2".to_owned(), "not speed".to_owned()],
        ..Declared::default()
    };
    start(
        &mut job,
        Args::new().with("constraints", vec!["speed <= 1000"]),
        declared,
    );
    for speed in [1.0, 2.5, 4.0] {
        let mut value = PerfRequest::new("speed", speed);
        value.units = Some("MB_s".to_owned());
        job.send(1, Event::Perf(value.check().unwrap()));
        iteration(&mut job, speed);
    }
    job.send(
        1,
        Event::Perf(PerfRequest::new("other", 7).check().unwrap()),
    );
    job.pass(1).end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(read.texts("figcaption"), ["speed MB_s", "other "]);
    assert_eq!(
        read.texts(".plots .muted")[1],
        "mean 2.5, from 1 to 4, 3 values"
    );
    assert_eq!(
        read.texts("p.limit"),
        ["must be > 2: not met by 1 value", "must be <= 1000: met"]
    );
    // From 1 at the bottom to 4 at the top.
    assert_eq!(
        read.attributes("svg.plot path", "d"),
        ["M8 82L140 45L272 8"]
    );
    assert_eq!(read.attributes("svg.plot line", "y1"), ["57.3"]);
    assert_eq!(read.texts("svg.plot text"), ["> 2"]);
    assert_eq!(
        read.attributes("svg.plot circle", "class"),
        ["dot bad", "dot", "dot"]
    );
    assert_eq!(read.texts("p.value"), ["7 "]);
    let table = ["Iterationspeedother", "117", "22.5", "34"];
    assert_eq!(read.texts("details.more tr"), table);
}

#[test]
fn of_many_values_a_plot_has_means() {
    let mut job = Job::of(&["a"]);
    start(&mut job, Args::new(), Declared::default());
    let values: Vec<Value> = (0..601).map(|n| Value::from(f64::from(n))).collect();
    job.send(
        1,
        Event::Perf(
            PerfRequest::new("speed", Value::List(values))
                .check()
                .unwrap(),
        ),
    );
    job.pass(1).end_job();
    let read = page(&Home::new(), &job);
    let path = &read.attributes("svg.plot path", "d")[0];
    assert_eq!(path.matches('L').count() + 1, 201);
    assert!(path.starts_with("M8 82L"), "{path}");
    assert!(path.ends_with("L272 8"), "{path}");
    assert!(
        read.texts(".body p.muted")
            .contains(&"and 401 more rows".to_owned())
    );
}

#[test]
fn phases_are_on_a_time_line() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a").send(1, Event::Phase(Phase::Initialize));
    job.send(1, Event::Phase(Phase::Execute));
    iteration(&mut job, 1.0);
    iteration(&mut job, 1.0);
    let verdict = Some(Verdict::new(Kind::Fail, "it broke"));
    let (status, elapsed_s) = (Kind::Fail.status(), 10.0);
    job.send(
        1,
        Event::TestEnd {
            status,
            verdict,
            elapsed_s,
        },
    )
    .end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(
        read.texts("ol.phases li"),
        [
            "initialize 1.0\u{a0}s",
            "execute 8.0\u{a0}s",
            "2 iterations"
        ]
    );
    assert_eq!(read.attributes("svg.phases rect", "x"), ["100", "200"]);
    assert_eq!(read.attributes("svg.phases rect", "width"), ["100", "800"]);
    assert_eq!(
        read.attributes("svg.phases path", "d"),
        ["M300 0v9M400 0v9"]
    );
}

#[test]
fn a_test_that_passed_has_its_phases_in_words() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a")
        .send(1, Event::Phase(Phase::Execute))
        .pass(1)
        .end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(read.texts(".facts")[1], "execute 0\u{a0}µs");
    assert!(read.elements("svg.phases").is_empty());
}

#[test]
fn everything_that_was_said_of_a_failure_is_there() {
    let mut job = Job::of(&["a"]);
    let declared = Declared {
        suites: vec!["bvt".to_owned()],
        attributes: vec!["slow".to_owned()],
        ..Declared::default()
    };
    start(
        &mut job,
        Args::new().with("mb", 64).with("iterations", 2),
        declared,
    );
    job.record(
        1,
        StatusRecord::message(Code::Info, "Run 0 failed with no link"),
    );
    job.send(
        1,
        Event::Keyval(vec![
            ("version".to_owned(), 3.into()),
            ("param-mb".to_owned(), 64.into()),
            ("speed".to_owned(), 100.into()),
        ]),
    );
    let note = Verdict::new(Kind::Error, "cannot unmount");
    job.send(
        1,
        Event::Suppressed {
            verdict: note,
            origin: "cleanup".to_owned(),
        },
    );
    let verdict = Verdict {
        location: Some("net.rs:7:1".to_owned()),
        backtrace: Some("0: net::ping".to_owned()),
        ..Verdict::new(Kind::Fail, "no link\nof two")
    };
    let (status, elapsed_s) = (Kind::Fail.status(), 2.0);
    job.send(
        1,
        Event::TestEnd {
            status,
            verdict: Some(verdict),
            elapsed_s,
        },
    )
    .end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(read.texts(".tests tbody .why"), ["no link"]);
    assert_eq!(read.texts(".reason"), ["no link\nof twoat net.rs:7:1"]);
    assert_eq!(read.texts(".note"), ["also cleanup: ERROR: cannot unmount"]);
    assert_eq!(read.texts(".body section pre"), ["0: net::ping"]);
    assert_eq!(
        read.texts(".body .status li"),
        ["INFO Run 0 failed with no link after 1.0\u{a0}s"]
    );
    assert_eq!(read.texts(".body i"), ["bvt", "slow"]);
    assert_eq!(
        read.texts(".body table tr"),
        ["iterations2", "mb64", "speed100"]
    );
    assert_eq!(
        read.texts(".body .again code"),
        ["board --exact a --iterations 2 --param mb=64"]
    );
    assert_eq!(read.texts("#fs option"), ["all", "bvt"]);
    assert_eq!(read.texts("#fa option"), ["all", "slow"]);
    assert_eq!(read.texts("#fv option"), ["all", "all but pass", "fail"]);
    assert!(read.texts(".facts")[0].contains("· version 3"));
}

#[test]
fn retries_and_expected_failures_are_told_in_the_row() {
    let mut job = Job::of(&["a", "b", "c"]);
    let retries =
        |n: i64| Event::Keyval(vec![("test_retries_before_success".to_owned(), n.into())]);
    job.start(1, "a").send(1, retries(2)).pass(1);
    job.start(2, "b").send(2, retries(1)).pass(2);
    job.start(3, "c").send(3, retries(0));
    let verdict = Verdict::new(Kind::Fail, "bug 17");
    job.send(
        3,
        Event::Suppressed {
            verdict,
            origin: KNOWN_FAILURE.to_owned(),
        },
    );
    job.pass(3).end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(
        read.texts("summary i"),
        ["passed after 2 retries", "passed after 1 retry"]
    );
    assert_eq!(
        read.attributes("tr[data-v]", "data-v"),
        ["pass", "pass", "known"]
    );
    assert!(
        read.texts(".body p")
            .contains(&"A failure that was expected: bug 17".to_owned())
    );
}

#[test]
fn of_keyvals_five_hundred_are_shown() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    let pairs = (0..501).map(|n| (format!("k{n}"), Value::from(n)));
    job.send(1, Event::Keyval(pairs.collect()))
        .pass(1)
        .end_job();
    let read = page(&Home::new(), &job);
    assert_eq!(read.elements(".body tr").len(), 500);
    assert_eq!(read.texts(".body section p"), ["and 1 more"]);
}
