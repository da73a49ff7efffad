//! Engines that number the processes of a job, but do not say how many there are: Kubernetes' Indexed Jobs
//! (<https://kubernetes.io/docs/concepts/workloads/controllers/job/#completion-mode>) and GNU parallel. The user gives
//! the count in [`SHARDS`]; without it, the numbers may mean anything.

use super::{EngineError, Variables};
use crate::plan::Shard;

/// The number of shards.
const SHARDS: &str = "AUTOTEST_SHARDS";

/// Counts from 0.
const KUBERNETES: &str = "JOB_COMPLETION_INDEX";
/// Counts from 1.
const PARALLEL: &str = "PARALLEL_SEQ";

/// The variables with the number of this process, and the number of the first process.
const NUMBERS: [(&str, u32); 2] = [(KUBERNETES, 0), (PARALLEL, 1)];

pub(super) fn shard(
    variables: Variables<'_>,
) -> Result<Option<(Shard, &'static str)>, EngineError> {
    let Some(given) = variables.get(SHARDS) else {
        return Ok(None);
    };
    let total: Option<u32> = given.to_str().and_then(|given| given.parse().ok());
    let total = total.filter(|total| *total > 0);
    let total = total.ok_or_else(|| EngineError::Shards(given.to_string_lossy().into_owned()))?;
    let set = NUMBERS
        .iter()
        .filter(|(name, _)| variables.get(name).is_some());
    let [(variable, first)] = set.collect::<Vec<_>>()[..] else {
        return Err(EngineError::Unnumbered);
    };
    let expected = "the number of one of the `AUTOTEST_SHARDS` processes";
    let number: Option<u32> = variables.parsed(variable, expected)?;
    let shard =
        number.and_then(|number| Shard::new(number.checked_sub(*first)?.checked_add(1)?, total));
    let shard = shard.ok_or_else(|| EngineError::Value {
        variable,
        given: number.unwrap_or_default().to_string(),
        expected,
    });
    Ok(Some((shard?, variable)))
}

/// A note for a pod of an Indexed Job that runs all tests, since the number of pods is unknown.
pub(crate) fn unsharded(variables: Variables<'_>) -> Option<String> {
    variables.get(KUBERNETES).map(|_| {
        format!(
            "`{KUBERNETES}` is set, but not `{SHARDS}`: all tests run in each pod; set it to the number of completions, \
             so that each runs a part, or give `--shard 1/1`"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(set: &[(&str, &str)], expected: Option<(&str, &str)>) {
        let shard = Variables::these(set, shard).unwrap();
        let shard = shard.map(|(shard, by)| (shard.to_string(), by));
        let expected = expected.map(|(shard, by)| (shard.to_owned(), by));
        assert_eq!(shard, expected);
    }

    #[track_caller]
    fn check_error(set: &[(&str, &str)], expected: &str) {
        let error = Variables::these(set, shard).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn each_engine_has_its_first_number() {
        check(
            &[(SHARDS, "3"), (KUBERNETES, "0")],
            Some(("1/3", KUBERNETES)),
        );
        check(
            &[(SHARDS, "3"), (KUBERNETES, "2")],
            Some(("3/3", KUBERNETES)),
        );
        check(&[(SHARDS, "3"), (PARALLEL, "1")], Some(("1/3", PARALLEL)));
        check(&[(SHARDS, "3"), (PARALLEL, "3")], Some(("3/3", PARALLEL)));
    }

    #[test]
    fn without_the_number_of_shards_a_number_means_nothing() {
        check(&[(KUBERNETES, "2")], None);
        check(&[(PARALLEL, "2"), (SHARDS, "")], None);
    }

    #[test]
    fn a_number_that_is_no_shards_is_refused() {
        let beyond = |variable, given| {
            format!(
                "`{variable}` is `{given}`, but its engine sets it to the number of one of the `AUTOTEST_SHARDS` \
                 processes; unset it"
            )
        };
        check_error(
            &[(SHARDS, "3"), (KUBERNETES, "3")],
            &beyond(KUBERNETES, "3"),
        );
        check_error(&[(SHARDS, "3"), (PARALLEL, "0")], &beyond(PARALLEL, "0"));
        check_error(&[(SHARDS, "3"), (PARALLEL, "4")], &beyond(PARALLEL, "4"));
        check_error(&[(SHARDS, "3"), (PARALLEL, "x")], &beyond(PARALLEL, "x"));
        let last = u32::MAX.to_string();
        check_error(
            &[(SHARDS, "3"), (KUBERNETES, &last)],
            &beyond(KUBERNETES, &last),
        );
    }

    #[test]
    fn which_process_this_is_must_be_clear() {
        let unnumbered = "`AUTOTEST_SHARDS` takes effect with one of `JOB_COMPLETION_INDEX` and `PARALLEL_SEQ`, which \
                          Kubernetes' Indexed Jobs and GNU parallel set: give `--shard i/n`";
        check_error(&[(SHARDS, "3")], unnumbered);
        check_error(
            &[(SHARDS, "3"), (KUBERNETES, "0"), (PARALLEL, "1")],
            unnumbered,
        );
        let no_number = "`AUTOTEST_SHARDS` takes a number of shards from 1, not `0`";
        check_error(&[(SHARDS, "0"), (PARALLEL, "1")], no_number);
    }

    #[test]
    fn a_pod_that_runs_all_tests_says_so() {
        assert!(Variables::these(&[(KUBERNETES, "2")], unsharded).is_some());
        assert!(Variables::these(&[(PARALLEL, "2")], unsharded).is_none());
    }
}
