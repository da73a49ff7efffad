//! Reads what is needed of a job's `journal.jsonl`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::row::LeftOut;

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
    test_end: Option<IgnoredAny>,
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

fn each(jobdir: &Path, mut f: impl FnMut(Record)) -> Result<(), LeftOut> {
    let file = BufReader::new(File::open(jobdir.join("journal.jsonl"))?);
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
{"seq":2,"run":1,"t":2.0,"event":{"test_end":{"status":"GOOD"}}}
{"seq":3,"run":2,"t":4.5,"event":{"test_end":{"status":"GOOD"}}}
"#;
        std::fs::write(dir.path().join("journal.jsonl"), journal).unwrap();
        assert_eq!(seconds_between_ends(dir.path(), 1, 2).unwrap(), 2.5);
        assert!(seconds_between_ends(dir.path(), 1, 3).is_err());
    }
}
