//! Runs of a package's job: they are in every report, but their files are the package's job's.

use autotest_core::perf::PerfRequest;
use autotest_core::{Event, Kind};
use autotest_report::{KeyvalFiles, PerfFiles, Report, StatusLog, TapFiles, is_package};

use crate::job::Job;
use crate::tree::Home;

const PACKAGE: &str = "bvt-1.0.0-x86_64-unknown-linux-musl.tar.bz2";

/// A test with a keyval and a perf value, which ends.
fn run(job: &mut Job, run: u32) {
    job.send(run, Event::Keyval(vec![("k".to_owned(), "v".into())]));
    let value = PerfRequest::new("speed", 1.0).check().unwrap();
    job.send(run, Event::Perf(value));
}

/// A package whose job has a test with a subtest, beside a test with a subtest of its own.
fn job() -> Job {
    let mut job = Job::of(&[PACKAGE, "own"]);
    job.start(1, PACKAGE);
    job.start_below(2, "net", Some(1));
    run(&mut job, 2);
    job.start_below(3, "sub", Some(2));
    run(&mut job, 3);
    job.pass(3)
        .end(2, Kind::Fail, "broken")
        .end(1, Kind::Fail, "1 of 1 tests failed");
    job.start(4, "own");
    run(&mut job, 4);
    job.start_below(5, "below", Some(4));
    run(&mut job, 5);
    job.pass(5).pass(4).end_job();
    job
}

#[test]
fn a_package_is_called_like_its_file() {
    assert!(is_package(PACKAGE));
    assert!(!is_package("bvt") && !is_package("tar.bz2"));
}

#[test]
fn only_the_package_s_job_writes_the_files_of_its_tests() {
    let home = Home::new();
    let (job, tree) = (job(), home.tree());
    let reports: [Box<dyn Report>; 4] = [
        Box::new(KeyvalFiles::new(&tree)),
        Box::new(PerfFiles::new(&tree)),
        Box::new(StatusLog::new(&tree)),
        Box::new(TapFiles::new(&tree, job.journal())),
    ];
    for mut report in reports {
        job.report_to(&mut *report);
    }
    let mut own = home.names("");
    own.retain(|name| name != "tap.tar.gz");
    // The package itself has the files of a run, and so have a test and its subtest.
    assert_eq!(
        own,
        [
            "below",
            PACKAGE,
            "meta.yml",
            "own",
            "status.log",
            "status.tap"
        ]
    );
    assert_eq!(home.names("own"), home.names("below"));
    for codes in [
        "START\tnet\tnet",
        "FAIL\tnet\tnet\t",
        "START\tsub\tsub",
        "END GOOD\tsub\tsub",
    ] {
        assert!(home.read("status.log").contains(codes), "{codes}");
    }
}

#[test]
fn a_run_without_a_directory_has_no_files() {
    let home = Home::new();
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    if let Event::TestStart(start) = &mut job.records[1].event {
        start.subdir = String::new();
    }
    run(&mut job, 1);
    job.end(1, Kind::Error, "it has no directory").end_job();
    let tree = home.tree();
    job.report_to(&mut KeyvalFiles::new(&tree));
    job.report_to(&mut PerfFiles::new(&tree));
    job.report_to(&mut StatusLog::new(&tree));
    assert_eq!(home.names(""), ["status.log"]);
}
