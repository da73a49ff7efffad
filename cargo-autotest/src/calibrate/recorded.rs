//! The samples of metrics in the journals of jobs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use autotest_report::digest::{self, JobDigest, RunDigest};
use autotest_report::{Digest, Replay, journal};

use super::CalibrateError;
use crate::journals;

/// Identifies a metric. Only samples of the same metric are compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Metric {
    pub(super) host: String,
    pub(super) build: String,
    pub(super) test: String,
    pub(super) name: String,
}

/// The samples of each metric, one for each job that measured it, in the order in which the jobs began.
pub(super) type Samples = BTreeMap<Metric, Vec<Vec<f64>>>;

/// Reads all jobs at or below the directories.
///
/// # Errors
/// If a directory or a journal cannot be read.
pub(super) fn samples(dirs: &[PathBuf]) -> Result<Samples, CalibrateError> {
    let mut jobs = Vec::new();
    for jobdir in journals::jobs(dirs)? {
        jobs.extend(read(&jobdir)?);
    }
    jobs.sort_by(|a, b| a.job.started_t.total_cmp(&b.job.started_t));
    let mut samples = Samples::new();
    for job in &jobs {
        // The values that an attempt measured before it was interrupted are not part of the result.
        for run in job.runs.iter().filter(|run| !run.is_attempt()) {
            for metric in run.metrics() {
                let key = Metric::of(&job.job, run, &metric);
                samples.entry(key).or_default().push(metric.values());
            }
        }
    }
    Ok(samples)
}

/// Reads a job. `None` if the journal has none, since the job ended too early.
fn read(jobdir: &Path) -> Result<Option<Digest>, CalibrateError> {
    let unreadable = |error| CalibrateError::Unreadable(jobdir.to_owned(), error);
    let journal = journal::read_shared(jobdir)?;
    let replay = Replay::new(journal).map_err(unreadable)?;
    Ok(replay.has_job().then(|| Digest::of_records(replay)))
}

impl Metric {
    fn of(job: &JobDigest, run: &RunDigest, metric: &digest::Metric<'_>) -> Metric {
        Metric {
            host: job.hostname.clone(),
            build: job.build_id.clone(),
            test: run.operation.clone(),
            name: metric.source.shown(metric.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const START: &str =
        r#"{"seq":0,"run":0,"t":TIME,"event":{"job_start":{"hostname":"h","build_id":"b"}}}"#;
    const RUN: &str = r#"{"seq":1,"run":1,"t":1,"event":{"test_start":{"test":"x::t","subdir":"t","operation":"t.tag","args":{},"timeout_s":null,"parent":null}}}"#;

    fn write_job(dir: &Path, time: &str, events: &[&str]) {
        fs::create_dir_all(dir).unwrap();
        let mut text = format!("{}\n{RUN}\n", START.replace("TIME", time));
        for (i, event) in events.iter().enumerate() {
            text += &format!(
                "{{\"seq\":{},\"run\":1,\"t\":1,\"event\":{event}}}\n",
                i + 2
            );
        }
        fs::write(dir.join(journal::NAME), text).unwrap();
    }

    fn metric(name: &str) -> Metric {
        Metric {
            host: "h".to_owned(),
            build: "b".to_owned(),
            test: "t.tag".to_owned(),
            name: name.to_owned(),
        }
    }

    #[test]
    fn the_samples_of_jobs_are_in_the_order_of_time() {
        let dir = tempfile::tempdir().unwrap();
        let value = r#"{"perf":{"description":"m","value":[1.5,2]}}"#;
        write_job(&dir.path().join("later/deep"), "20.0", &[value, value]);
        let replaced = r#"{"perf":{"description":"m","value":"9","replace_existing_values":true}}"#;
        let keyval = r#"{"iteration_keyval":{"attr":[],"perf":[["m",3],["n","text"],["m",0.5]]}}"#;
        write_job(
            &dir.path().join("first"),
            "10.0",
            &[value, replaced, keyval],
        );
        fs::create_dir(dir.path().join("none")).unwrap();
        fs::create_dir(dir.path().join("empty")).unwrap();
        fs::write(dir.path().join("empty").join(journal::NAME), "").unwrap();
        let expected = Samples::from([
            (metric("m"), vec![vec![9.0], vec![1.5, 2.0, 1.5, 2.0]]),
            (metric("m (iterations)"), vec![vec![3.0, 0.5]]),
        ]);
        assert_eq!(samples(&[dir.path().to_owned()]).unwrap(), expected);
    }
}
