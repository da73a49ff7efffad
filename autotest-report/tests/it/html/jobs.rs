//! What the page shows of jobs: the summary, the order of runs, the time line, changes.

use autotest_core::{Event, JobStart, Kind, PlannedTest};
use autotest_report::digest::RunEnd;
use autotest_report::html::{
    Change, Changes, HtmlJob, Metric, MetricVerdict, Page, RunRef, Superseded,
};
use autotest_report::{Digest, html};

use super::{Read, page};
use crate::job::Job;
use crate::tree::Home;

fn digest(job: &Job) -> Digest {
    Digest::of(job.journal()).unwrap()
}

#[test]
fn a_thousand_tests_that_passed_are_less_than_a_megabyte() {
    let home = Home::new();
    let names: Vec<_> = (0..1000)
        .map(|n| format!("storage::sequential_{n}"))
        .collect();
    let mut job = Job::of(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (run, name) in (1..).zip(&names) {
        job.start(run, name);
        home.put(
            &format!("{}/debug/stdout", name.replace("::", ".")),
            "wrote 64 MB\nread 64 MB\n",
        );
        job.pass(run);
    }
    job.end_job();
    page(&home, &job);
    let bytes = home.read("report.html").len();
    assert!((500_000..1_000_000).contains(&bytes), "{bytes}");
}

#[test]
fn subtests_follow_their_parents_and_attempts_are_in_their_rows() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a").start_below(2, "inner", Some(1));
    job.start(3, "b").end(3, Kind::CutOff, "interrupted by x");
    job.pass(2).pass(1);
    job.attempt(3, "b.attempt-1")
        .start(4, "b")
        .pass(4)
        .end_job();
    let mut digest = digest(&job);
    digest.runs[2].end = RunEnd::Attempt;
    let home = Home::new();
    let dir = home.jobdir();
    let jobs = [HtmlJob {
        digest: &digest,
        dir: &dir,
    }];
    let read = Read::of(&html::page(&Page {
        jobs: &jobs,
        ..Page::default()
    }));
    assert_eq!(
        read.texts(".tests summary b"),
        ["a", "inner, a subtest of a", "b"]
    );
    assert_eq!(
        read.attributes("tr[data-v]", "class"),
        ["none", "sub d1", "none"]
    );
    assert_eq!(read.texts("tr summary i"), ["1 earlier attempt"]);
    assert_eq!(read.texts(".attempt > summary .tag"), ["abort"]);
    assert_eq!(
        read.texts(".counts li"),
        ["2 passed", "of 2 tests and 1 subtest"]
    );
}

/// The places that a page names of jobs with these targets and suites, each with one failure.
fn places(jobs: [(&str, &str); 2]) -> [Vec<String>; 2] {
    let digests = jobs.map(|(hostname, label)| {
        let mut job = Job::of(&["a"]);
        if let Event::JobStart(start) = &mut job.records[0].event {
            (start.hostname, start.label) = (hostname.to_owned(), label.to_owned());
        }
        job.start(1, "a").end(1, Kind::Fail, "no").end_job();
        digest(&job)
    });
    let home = Home::new();
    let dir = home.jobdir();
    let jobs = digests
        .each_ref()
        .map(|digest| HtmlJob { digest, dir: &dir });
    let read = Read::of(&html::page(&Page {
        jobs: &jobs,
        ..Page::default()
    }));
    [".failures .place", ".tests summary .place"].map(|selector| read.texts(selector))
}

#[test]
fn tests_of_several_targets_or_suites_are_told_apart() {
    let both = |names: [&str; 2]| {
        [
            names.map(str::to_owned).to_vec(),
            names.map(str::to_owned).to_vec(),
        ]
    };
    assert_eq!(
        places([("b1", "net"), ("b1", "net")]),
        [Vec::<String>::new(), Vec::new()]
    );
    assert_eq!(
        places([("b1", "net"), ("b2", "net")]),
        both(["(b1)", "(b2)"])
    );
    assert_eq!(
        places([("b1", "net"), ("b1", "disk")]),
        both(["(net)", "(disk)"])
    );
    let all = both(["(b1: net)", "(b2: disk)"]);
    assert_eq!(places([("b1", "net"), ("b2", "disk")]), all);
}

/// The title of a page about jobs of these suites.
fn title(labels: &[&str]) -> String {
    let digests = labels.iter().map(|label| {
        let mut digest = Digest::default();
        digest.job.label = (*label).to_owned();
        digest
    });
    let digests: Vec<_> = digests.collect();
    let home = Home::new();
    let dir = home.jobdir();
    let jobs: Vec<_> = digests
        .iter()
        .map(|digest| HtmlJob { digest, dir: &dir })
        .collect();
    let read = Read::of(&html::page(&Page {
        jobs: &jobs,
        ..Page::default()
    }));
    read.texts("title").concat()
}

#[test]
fn a_page_is_called_like_its_suites() {
    assert_eq!(title(&["net", "disk", "net"]), "net, disk");
    assert_eq!(title(&["a", "b", "c"]), "a, b, c");
    assert_eq!(title(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
}

#[test]
fn a_run_that_a_later_job_repeated_is_an_attempt() {
    let mut first = Job::of(&["a"]);
    first.start(1, "a").end(1, Kind::Fail, "flaky").end_job();
    let mut second = Job::of(&["a"]);
    second.start(1, "a").pass(1).end_job();
    let digests = [digest(&first), digest(&second)];
    let home = Home::new();
    let dir = home.jobdir();
    let jobs = digests
        .each_ref()
        .map(|digest| HtmlJob { digest, dir: &dir });
    let run = |job| RunRef { job, run: 0 };
    let superseded = [Superseded {
        run: run(0),
        by: run(1),
    }];
    let problems = ["shard 2 of 3 is missing".to_owned()];
    let whole = Page {
        title: "all",
        jobs: &jobs,
        superseded: &superseded,
        ..Page::default()
    };
    let read = Read::of(&html::page(&whole));
    assert_eq!(read.texts("h1"), ["all passed"]);
    assert_eq!(read.texts("tr .why"), [""; 0]);
    assert_eq!(read.texts(".attempt .reason"), ["flaky"]);
    let read = Read::of(&html::page(&Page {
        problems: &problems,
        ..whole
    }));
    assert_eq!(read.texts("h1"), ["all failed"]);
    assert_eq!(read.texts(".problem"), ["shard 2 of 3 is missing"]);
}

#[test]
fn tests_that_ran_at_the_same_time_are_in_different_lanes() {
    let mut job = Job::of(&["a", "b", "c"]);
    job.start(1, "a")
        .start(2, "b")
        .pass(1)
        .pass(2)
        .start(3, "c")
        .end(3, Kind::Fail, "x")
        .end_job();
    let mut digest = digest(&job);
    let start_t = digest.runs[0].started_t;
    for (run, (start_s, elapsed_s)) in
        digest
            .runs
            .iter_mut()
            .zip([(0.0, 4.0), (1.0, 2.0), (4.0, 4.0)])
    {
        (run.started_t, run.elapsed_s) = (start_t + start_s, elapsed_s);
    }
    let home = Home::new();
    let dir = home.jobdir();
    let jobs = [HtmlJob {
        digest: &digest,
        dir: &dir,
    }];
    let read = Read::of(&html::page(&Page {
        jobs: &jobs,
        ..Page::default()
    }));
    let bars = |name: &str| read.attributes(".gantt rect", name);
    assert_eq!(bars("data-t"), ["2", "0", "1"]);
    assert_eq!(bars("x"), ["500", "0", "125"]);
    assert_eq!(bars("width"), ["500", "500", "250"]);
    assert_eq!(bars("y"), ["1", "1", "15"]);
    assert_eq!(read.texts(".gantt rect")[0], "c, fail, 4.0\u{a0}s");
    assert_eq!(read.texts(".gantt svg > text")[..2], ["0", "1.0\u{a0}s"]);
    assert_eq!(read.texts("ul.failures li"), ["c x"]);
}

#[test]
fn tests_that_did_not_run_are_told() {
    let start = JobStart {
        label: "board".to_owned(),
        ignored: vec![("slow".to_owned(), "takes a day".to_owned())],
        plan: vec![PlannedTest {
            test: "b".to_owned(),
            operation: "b".to_owned(),
            ..PlannedTest::default()
        }],
        ..JobStart::default()
    };
    let mut job = Job {
        records: Vec::new(),
    };
    job.send(0, Event::JobStart(Box::new(start)));
    job.start(1, "a").pass(1);
    let read = page(&Home::new(), &job);
    assert_eq!(read.texts("h1"), ["board aborted"]);
    assert_eq!(read.texts(".counts .muted"), ["of 1 test; 1 ignored"]);
    let problem = "1 planned test never ran; which";
    assert!(read.texts(".problem").contains(&problem.to_owned()));
    assert_eq!(read.texts(".names li"), ["b", "slow takes a day"]);
    assert_eq!(read.texts("dl div")[0], "Began2023-11-14 22:13:20 UTC");
}

#[test]
fn what_is_known_of_a_job_is_told() {
    let mut job = Job::of(&["a"]);
    if let Event::JobStart(start) = &mut job.records[0].event {
        (start.id, start.rerun_of) = ("18ec-2".to_owned(), "18ec-1".to_owned());
        (start.build_id, start.commit) = ("b7".to_owned(), "c0ffee".to_owned());
        start.shard = Some("2/3".to_owned());
    }
    job.start(1, "a").pass(1).end_job();
    let facts = page(&Home::new(), &job).texts("dl div");
    for fact in [
        "Buildb7",
        "Commitc0ffee",
        "Shard2/3",
        "Id18ec-2",
        "Rerun of18ec-1",
    ] {
        assert!(facts.contains(&fact.to_owned()), "{fact}: {facts:?}");
    }
}

#[test]
fn an_overlap_that_is_too_short_to_be_seen_is_none() {
    let mut job = Job::of(&["a", "b", "c"]);
    job.start(1, "a").start(2, "b").start(3, "c");
    job.pass(1).pass(2).pass(3).end_job();
    let mut digest = digest(&job);
    let start_t = digest.runs[0].started_t;
    let times = [(0.0, 4.0), (3.99, 4.01), (7.0, 1.0)];
    for (run, (start_s, elapsed_s)) in digest.runs.iter_mut().zip(times) {
        (run.started_t, run.elapsed_s) = (start_t + start_s, elapsed_s);
    }
    let home = Home::new();
    let dir = home.jobdir();
    let jobs = [HtmlJob {
        digest: &digest,
        dir: &dir,
    }];
    let read = Read::of(&html::page(&Page {
        jobs: &jobs,
        ..Page::default()
    }));
    let lanes = read.attributes(".gantt rect", "y");
    let tests = read.attributes(".gantt rect", "data-t");
    let lanes: Vec<_> = tests
        .iter()
        .zip(&lanes)
        .map(|(test, y)| format!("{test}: {y}"))
        .collect();
    assert_eq!(lanes, ["1: 1", "0: 1", "2: 15"]);
}

#[test]
fn what_changed_is_told_in_words_and_numbers() {
    let change = |test: &str, what: &str| Change {
        test: test.to_owned(),
        what: what.to_owned(),
    };
    let metric = Metric {
        test: "disk".to_owned(),
        name: "throughput".to_owned(),
        unit: "MB_s".to_owned(),
        before: 310.25,
        now: 280.0,
        change: -0.0975,
        interval: Some((-0.12, -0.08)),
        verdict: MetricVerdict::Regress,
    };
    let changes = Changes {
        since: "job 7 <b>".to_owned(),
        newly_failing: vec![change("net::ping", "no link")],
        gone: vec![change("old", "")],
        metrics: vec![metric],
        ..Changes::default()
    };
    let read = Read::of(&html::page(&Page {
        changes: Some(&changes),
        ..Page::default()
    }));
    assert_eq!(
        read.texts(".changes h3"),
        ["Newly failing 1", "Not run any more 1"]
    );
    assert_eq!(read.texts(".changes li"), ["net::ping no link", "old"]);
    assert_eq!(read.texts(".changes p")[0], "Since job 7 <b>.");
    let row = "diskthroughput310.25 MB_s280 MB_s-9.8\u{a0}%-12.0\u{a0}% to -8.0\u{a0}%regress";
    assert_eq!(read.texts(".changes tbody tr"), [row]);
    assert_eq!(read.attributes(".changes .tag", "class"), ["tag fail"]);
    let changes = Changes::default();
    let read = Read::of(&html::page(&Page {
        changes: Some(&changes),
        ..Page::default()
    }));
    assert_eq!(
        read.texts(".changes p")[1],
        "The same tests ran, with the same verdicts."
    );
}
