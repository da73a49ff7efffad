//! Slurm's job arrays (<https://slurm.schedmd.com/job_array.html>) and requeued jobs.

use super::{Engine, EngineError, Variables};
use crate::plan::Shard;

/// The id of the job; set in every process that Slurm starts.
const JOB: &str = "SLURM_JOB_ID";
/// The number of times that the job was requeued, by a person or because its node failed.
const RESTARTS: &str = "SLURM_RESTART_COUNT";

/// The id of this task; not set outside an array.
const ID: &str = "SLURM_ARRAY_TASK_ID";
const COUNT: &str = "SLURM_ARRAY_TASK_COUNT";
const MIN: &str = "SLURM_ARRAY_TASK_MIN";
const MAX: &str = "SLURM_ARRAY_TASK_MAX";
const STEP: &str = "SLURM_ARRAY_TASK_STEP";

/// The variables of an array.
#[derive(Clone, Copy)]
struct Array {
    id: u32,
    count: u32,
    min: u32,
    max: u32,
    step: u32,
}

impl Array {
    /// The position of this task, if the ids are all those from `min` to `max` by `step`. For a list like `1,3,7`, the
    /// variables only contain its length, so the position of 3 is unknown.
    fn shard(self) -> Option<Shard> {
        let span = self.max.checked_sub(self.min)?;
        let place = self.id.checked_sub(self.min)?;
        let is_even = span.checked_rem(self.step)? == 0 && place % self.step == 0;
        let is_whole = Some(span / self.step) == self.count.checked_sub(1);
        (is_even && is_whole)
            .then(|| Shard::new(place / self.step + 1, self.count))
            .flatten()
    }
}

/// `true` if this process belongs to a Slurm job.
pub(crate) fn is_under_slurm() -> bool {
    Variables::of_process().get(JOB).is_some()
}

pub(super) fn read(engine: &mut Engine, variables: Variables<'_>) -> Result<(), EngineError> {
    if variables.get(JOB).is_some() {
        let restarts: Option<u32> = variables.parsed(RESTARTS, "a number")?;
        engine.restarted_by = restarts.filter(|count| *count > 0).map(|_| RESTARTS);
    }
    Ok(())
}

pub(super) fn shard(
    variables: Variables<'_>,
) -> Result<Option<(Shard, &'static str)>, EngineError> {
    let number = |name| variables.parsed::<u32>(name, "a number");
    let Some(id) = number(ID)? else {
        return Ok(None);
    };
    let array = match (number(COUNT)?, number(MIN)?, number(MAX)?, number(STEP)?) {
        (Some(count), Some(min), Some(max), step) => Some(Array {
            id,
            count,
            min,
            max,
            step: step.unwrap_or(1),
        }),
        _ => None,
    };
    match array.and_then(Array::shard) {
        Some(shard) => Ok(Some((shard, ID))),
        None => Err(EngineError::SlurmArray {
            values: values(variables),
        }),
    }
}

fn values(variables: Variables<'_>) -> String {
    let values = [ID, COUNT, MIN, MAX, STEP].map(|name| match variables.get(name) {
        Some(value) => format!("{name}={}", value.to_string_lossy()),
        None => format!("{name} is not set"),
    });
    values.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check([id, count, min, max, step]: [&str; 5], expected: Option<&str>) {
        let set = [
            (ID, id),
            (COUNT, count),
            (MIN, min),
            (MAX, max),
            (STEP, step),
        ];
        let shard = Variables::these(&set, shard);
        let shard = shard.ok().flatten().map(|(shard, _)| shard.to_string());
        assert_eq!(shard.as_deref(), expected);
    }

    #[test]
    fn a_task_of_an_even_array_has_a_place() {
        check(["0", "4", "0", "3", "1"], Some("1/4"));
        check(["3", "4", "0", "3", "1"], Some("4/4"));
        check(["5", "4", "1", "7", "2"], Some("3/4"));
        check(["9", "1", "9", "9", "1"], Some("1/1"));
        check(["2", "3", "1", "3", ""], Some("2/3"));
    }

    #[test]
    fn a_task_of_a_list_with_gaps_has_none() {
        check(["3", "3", "1", "7", "1"], None);
        check(["4", "4", "1", "7", "2"], None);
        check(["9", "4", "1", "7", "2"], None);
        check(["1", "", "1", "7", "2"], None);
        check(["1", "1", "1", "1", "0"], None);
        check(["4294967295", "1", "0", "4294967295", "1"], None);
    }

    #[test]
    fn a_job_that_was_requeued_is_started_again() {
        let check = |set: &[(&str, &str)], expected| {
            let engine = Variables::these(set, Engine::read).unwrap();
            assert_eq!(engine.restarted_by, expected, "{set:?}");
        };
        check(&[(JOB, "7"), (RESTARTS, "2")], Some(RESTARTS));
        check(&[(JOB, "7"), (RESTARTS, "0")], None);
        check(&[(JOB, "7")], None);
        check(&[(RESTARTS, "2")], None);
        let set = [(JOB, "7"), (RESTARTS, "twice")];
        assert!(Variables::these(&set, Engine::read).is_err());
    }

    #[test]
    fn without_an_array_there_is_no_shard() {
        let none = Variables::these(&[(COUNT, "3")], shard).unwrap();
        assert_eq!(none, None);
        let error = Variables::these(&[(ID, "first")], shard).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`SLURM_ARRAY_TASK_ID` is `first`, but its engine sets it to a number; unset it"
        );
    }
}
