//! Reads what is needed of a job's `journal.jsonl`, and makes a long one of a short one.

use std::fmt::Write;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::names;
use crate::row::LeftOut;

/// The name of the file in a job's directory.
pub(crate) const NAME: &str = "journal.jsonl";

/// As much of a record as is of use here.
#[derive(Debug, Deserialize)]
struct Record {
    run: usize,
    t: f64,
    event: Event,
}

#[derive(Debug, Deserialize)]
struct Event {
    test_start: Option<IgnoredAny>,
    test_end: Option<End>,
}

#[derive(Debug, Deserialize)]
struct End {
    elapsed_s: f64,
}

/// Seconds from the end of one run to that of another: so many whole runs, with all that is between
/// them.
pub(crate) fn seconds_between_ends(
    jobdir: &Path,
    first: usize,
    second: usize,
) -> Result<f64, LeftOut> {
    let mut ends = [f64::NAN; 2];
    each(jobdir, |record| {
        if record.event.test_end.is_some() {
            for (end, run) in ends.iter_mut().zip([first, second]) {
                if record.run == run {
                    *end = record.t;
                }
            }
        }
    })?;
    match ends[1] - ends[0] {
        seconds if seconds.is_nan() => Err(LeftOut("a run has no end in the journal".into())),
        seconds => Ok(seconds),
    }
}

/// How long a run took, as it says at its end.
pub(crate) fn seconds_of(jobdir: &Path, run: usize) -> Result<f64, LeftOut> {
    let mut seconds = None;
    each(jobdir, |record| {
        if let Some(end) = record.event.test_end.filter(|_| record.run == run) {
            seconds = Some(end.elapsed_s);
        }
    })?;
    seconds.ok_or_else(|| LeftOut(format!("run {run} has no end in the journal")))
}

/// When a run began, in seconds since 1970.
pub(crate) fn start_of(jobdir: &Path, run: usize) -> Result<f64, LeftOut> {
    let mut start = None;
    each(jobdir, |record| {
        if record.run == run && record.event.test_start.is_some() {
            start = Some(record.t);
        }
    })?;
    start.ok_or_else(|| LeftOut(format!("run {run} has no start in the journal")))
}

/// How many runs have ended so far, in a journal that may be growing.
pub(crate) fn ended(jobdir: &Path) -> usize {
    let text = std::fs::read_to_string(jobdir.join(NAME)).unwrap_or_default();
    text.matches("\"test_end\"").count()
}

/// The journal of a job in which each of the first `runs` tests went as its first one did. The first
/// record, which has the plan, stays.
pub(crate) fn as_if_ended(journal: &str, runs: usize) -> Result<String, LeftOut> {
    let mut lines = journal.split_inclusive('\n');
    let begin = lines
        .next()
        .ok_or_else(|| LeftOut("an empty journal".into()))?;
    let records = lines.filter_map(|line| line.split_once("\"run\":1,"));
    let records: Vec<_> = records.map(|(_, record)| record).collect();
    let (subdir, function) = (names::subdir(0), names::function(0));
    let id = format!("{}::{function}", names::module(0));
    let mut text = begin.to_owned();
    for run in 0..runs {
        let new_id = format!("{}::{}", names::module(run), names::function(run));
        for (place, record) in records.iter().enumerate() {
            let (seq, number) = (1 + run * records.len() + place, run + 1);
            let record = record
                .replace(&subdir, &names::subdir(run))
                .replace(&id, &new_id);
            let _ = write!(text, "{{\"seq\":{seq},\"run\":{number},{record}");
        }
    }
    Ok(text)
}

fn each(jobdir: &Path, mut f: impl FnMut(Record)) -> Result<(), LeftOut> {
    let file = BufReader::new(File::open(jobdir.join(NAME))?);
    for line in file.lines() {
        f(serde_json::from_str(&line?).map_err(|error| LeftOut::because("journal", error))?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_counted_by_their_ends() {
        let dir = tempfile::tempdir().unwrap();
        let journal = r#"{"seq":0,"run":0,"t":1.0,"event":{"job_start":{"id":"x"}}}
{"seq":1,"run":1,"t":1.5,"event":{"test_start":{"test":"a"}}}
{"seq":2,"run":1,"t":2.0,"event":{"test_end":{"status":"GOOD","elapsed_s":0.5}}}
{"seq":3,"run":2,"t":4.5,"event":{"test_end":{"status":"GOOD","elapsed_s":0.5}}}
"#;
        std::fs::write(dir.path().join("journal.jsonl"), journal).unwrap();
        assert_eq!(seconds_between_ends(dir.path(), 1, 2).unwrap(), 2.5);
        assert_eq!(seconds_of(dir.path(), 1).unwrap(), 0.5);
        assert!(seconds_between_ends(dir.path(), 1, 3).is_err());
    }

    #[test]
    fn further_runs_are_as_the_first() {
        let journal = r#"{"seq":0,"run":0,"t":1.0,"event":{"job_start":{"plan":["m000::t00001"]}}}
{"seq":1,"run":1,"t":1.5,"event":{"test_start":{"test":"m000::t00000","subdir":"m000.t00000"}}}
{"seq":2,"run":1,"t":2.0,"event":{"test_end":{"status":"GOOD","elapsed_s":0.5}}}
{"seq":3,"run":2,"t":4.5,"event":{"test_end":{"status":"FAIL"}}}
"#;
        let expected = r#"{"seq":0,"run":0,"t":1.0,"event":{"job_start":{"plan":["m000::t00001"]}}}
{"seq":1,"run":1,"t":1.5,"event":{"test_start":{"test":"m000::t00000","subdir":"m000.t00000"}}}
{"seq":2,"run":1,"t":2.0,"event":{"test_end":{"status":"GOOD","elapsed_s":0.5}}}
{"seq":3,"run":2,"t":1.5,"event":{"test_start":{"test":"m000::t00001","subdir":"m000.t00001"}}}
{"seq":4,"run":2,"t":2.0,"event":{"test_end":{"status":"GOOD","elapsed_s":0.5}}}
"#;
        assert_eq!(as_if_ended(journal, 2).unwrap(), expected);
    }
}
