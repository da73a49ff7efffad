//! What a journal says of runs during which its job was resumed.

use autotest_core::{Event, JobResume};
use autotest_report::{Open, Summary};

use crate::job::Job;

/// A supervisor of this boot resumes the job.
fn resume(job: &mut Job, boot_id: &str) {
    let resume = JobResume {
        boot_id: boot_id.to_owned(),
        ..JobResume::default()
    };
    job.send(0, Event::JobResume(resume));
}

fn open(job: &Job) -> Vec<Open> {
    let open = Summary::of(job.journal()).open;
    open.into_iter().map(|(_, open)| open).collect()
}

#[test]
fn a_run_has_the_time_of_its_beginning() {
    let mut job = Job::of(&["a"]);
    job.start(1, "a");
    assert_eq!(open(&job)[0].began, job.records[1].t);
}

#[test]
fn only_a_run_in_progress_is_resumed_with_its_job() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a");
    resume(&mut job, "");
    resume(&mut job, "");
    job.start(2, "b");
    let open = open(&job);
    assert_eq!([open[0].resumed, open[1].resumed], [2, 0]);
    assert_eq!([open[0].has_rebooted, open[1].has_rebooted], [false, false]);
}

#[test]
fn a_run_remembers_a_reboot_that_is_followed_by_an_interruption() {
    let mut job = Job::of(&["a", "b"]);
    job.start(1, "a");
    resume(&mut job, "two");
    job.start(2, "b");
    resume(&mut job, "two");
    let open = open(&job);
    assert_eq!([open[0].has_rebooted, open[1].has_rebooted], [true, false]);
}

#[cfg(feature = "sysinfo")]
mod kernel_crashes {
    use autotest_core::JobStart;

    use super::*;

    fn resume(job: &mut Job, kernel_crash: &str, kernel_records: &[&str]) {
        let resume = JobResume {
            kernel_crash: kernel_crash.to_owned(),
            kernel_records: kernel_records.iter().map(|id| (*id).to_owned()).collect(),
            ..JobResume::default()
        };
        job.send(0, Event::JobResume(resume));
    }

    #[test]
    fn a_run_remembers_the_first_crash_that_interrupted_it() {
        let mut job = Job::of(&["a", "b"]);
        job.start(1, "a");
        resume(&mut job, "", &[]);
        resume(&mut job, "in the test", &[]);
        resume(&mut job, "in its cleanup", &[]);
        job.start(2, "b");
        let open = open(&job);
        let crashes = [&*open[0].kernel_crash, &*open[1].kernel_crash];
        assert_eq!(crashes, ["in the test", ""]);
    }

    #[test]
    fn the_known_records_are_those_of_the_last_supervisor() {
        let mut job = Job::of(&[]);
        let start = JobStart {
            kernel_records: vec!["1".to_owned(), "2".to_owned()],
            ..JobStart::default()
        };
        job.records.clear();
        job.send(0, Event::JobStart(Box::new(start)));
        assert_eq!(Summary::of(job.journal()).kernel_records, ["1", "2"]);
        resume(&mut job, "", &["2", "3"]);
        assert_eq!(Summary::of(job.journal()).kernel_records, ["2", "3"]);
    }
}
