//! Bazel's contract with a test (<https://bazel.build/reference/test-encyclopedia>).

use std::time::Duration;

use super::{Engine, EngineError, Variables};
use crate::plan::Shard;

/// `1` if Bazel runs the test. Versions before 6 do not set it.
const MARK: &str = "BAZEL_TEST";
/// Variables that all versions set.
const OWN: [&str; 2] = ["TEST_TARGET", "TEST_WORKSPACE"];

const TOTAL_SHARDS: &str = "TEST_TOTAL_SHARDS";
/// Counts from 0.
const SHARD_INDEX: &str = "TEST_SHARD_INDEX";
pub(super) const SHARD_STATUS_FILE: &str = "TEST_SHARD_STATUS_FILE";
/// The value of `--test_filter`.
const FILTER: &str = "TESTBRIDGE_TEST_ONLY";
/// `1` if the first failure is to end the job.
const FAIL_FAST: &str = "TESTBRIDGE_TEST_RUNNER_FAIL_FAST";
const OUTPUTS_DIR: &str = "TEST_UNDECLARED_OUTPUTS_DIR";
const TMPDIR: &str = "TEST_TMPDIR";
pub(super) const PREMATURE_EXIT_FILE: &str = "TEST_PREMATURE_EXIT_FILE";
/// Other runners set this, too.
const XML_OUTPUT_FILE: &str = "XML_OUTPUT_FILE";
/// In seconds.
const TIMEOUT: &str = "TEST_TIMEOUT";

/// The limit on the time reserved for the end of the job, which is a tenth of the timeout.
const MAX_MARGIN: Duration = Duration::from_secs(10);

/// `true` if Bazel runs the test. Otherwise its variables, except [`XML_OUTPUT_FILE`], are ignored.
fn is_bazel(variables: Variables<'_>) -> bool {
    variables.is(MARK, "1") || OWN.iter().all(|name| variables.get(name).is_some())
}

pub(super) fn read(engine: &mut Engine, variables: Variables<'_>) -> Result<(), EngineError> {
    engine.junit = variables.path(XML_OUTPUT_FILE);
    if !is_bazel(variables) {
        return Ok(());
    }
    engine.filter = variables.text(FILTER, "a part of a test's name")?;
    engine.fail_fast = variables.is(FAIL_FAST, "1");
    engine.outputs = variables.path(OUTPUTS_DIR);
    engine.tmp = variables.path(TMPDIR);
    engine.shard_status_file = variables.path(SHARD_STATUS_FILE);
    engine.premature_exit_file = variables.path(PREMATURE_EXIT_FILE);
    let timeout_s: Option<u32> = variables.parsed(TIMEOUT, "a number of seconds")?;
    engine.job_timeout = timeout_s.map(|timeout_s| {
        let timeout = Duration::from_secs(timeout_s.into());
        timeout - (timeout / 10).min(MAX_MARGIN)
    });
    Ok(())
}

pub(super) fn shard(
    variables: Variables<'_>,
) -> Result<Option<(Shard, &'static str)>, EngineError> {
    if !is_bazel(variables) {
        return Ok(None);
    }
    let expected = "a number from 0 to below TEST_TOTAL_SHARDS";
    let total: Option<u32> = variables.parsed(TOTAL_SHARDS, "a number of shards")?;
    let index: Option<u32> = variables.parsed(SHARD_INDEX, expected)?;
    let Some(total) = total.filter(|total| *total > 0) else {
        return Ok(None);
    };
    let shard = index.and_then(|index| Shard::new(index.checked_add(1)?, total));
    let given = || index.map_or_else(|| "not set".to_owned(), |index| index.to_string());
    let shard = shard.ok_or_else(|| EngineError::Value {
        variable: SHARD_INDEX,
        given: given(),
        expected,
    });
    Ok(Some((shard?, SHARD_INDEX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_timeout(seconds: &str, expected_s: f64) {
        let set = [(MARK, "1"), (TIMEOUT, seconds)];
        let engine = Variables::these(&set, Engine::read).unwrap();
        assert_eq!(
            engine.job_timeout,
            Some(Duration::from_secs_f64(expected_s))
        );
    }

    #[test]
    fn a_timeout_leaves_time_for_the_reports() {
        check_timeout("60", 54.0);
        check_timeout("300", 290.0);
        check_timeout("1", 0.9);
    }

    #[test]
    fn without_its_mark_nothing_counts() {
        let set = [
            (TIMEOUT, "soon"),
            (TMPDIR, "/tmp"),
            (TOTAL_SHARDS, "2"),
            (SHARD_INDEX, "9"),
        ];
        let engine = Variables::these(&set, Engine::read).unwrap();
        assert_eq!(engine, Engine::default());
        assert_eq!(Variables::these(&set, shard).unwrap(), None);
    }

    #[test]
    fn shards_count_from_0() {
        let check = |total: &str, index: &str| {
            let set = [(MARK, "1"), (TOTAL_SHARDS, total), (SHARD_INDEX, index)];
            let shard = Variables::these(&set, shard);
            shard.map(|shard| shard.map(|(shard, _)| shard.to_string()))
        };
        assert_eq!(check("3", "0").unwrap().unwrap(), "1/3");
        assert_eq!(check("3", "2").unwrap().unwrap(), "3/3");
        assert_eq!(check("0", "0").unwrap(), None);
        assert_eq!(check("", "").unwrap(), None);
        assert!(check("3", "3").is_err());
        assert!(check("3", "").is_err());
        assert!(check("three", "0").is_err());
    }
}
