//! A plan of recorded runs, with their names and arguments.

use autotest_core::{Args, name};

use super::{Plan, PlanError, PlanOptions, Runs, refuse_unknown, shuffle};
use crate::registry::{Registry, Test};

/// A recorded run.
#[derive(Clone, Debug)]
pub(crate) struct ListedRun {
    pub(crate) test: &'static Test,
    /// The tagged name.
    pub(crate) operation: String,
    pub(crate) args: Args,
}

impl Plan {
    /// The plan of a job that repeats recorded runs, in their order. Arguments and tag in the options change the runs;
    /// the selection is ignored.
    ///
    /// # Errors
    /// As for a plan that selects tests; also if two runs have the same name.
    pub(crate) fn listed(
        registry: &'static Registry,
        options: &PlanOptions,
        mut listed: Vec<ListedRun>,
    ) -> Result<Plan, PlanError> {
        if let Some(seed) = options.shuffle_seed {
            shuffle::shuffle(&mut listed, seed);
        }
        let settings = options.settings.clone();
        let given = options.given.by_source();
        let tests: Vec<&'static Test> = listed.iter().map(|run| run.test).collect();
        refuse_unknown(&tests, &given.flags, settings.known_params)?;
        if let Some(tag) = &options.given.tag {
            for run in &mut listed {
                run.operation = name::tagged(&run.test.directory(), tag);
            }
        }
        refuse_twins(&listed)?;
        let of_tests = registry.tests().len();
        let runs = Runs {
            own: listed
                .into_iter()
                .map(|run| (run.operation, run.args))
                .collect(),
            tag: options.given.tag.clone(),
            known: settings.known_params,
            given,
            tests,
        };
        runs.refuse_names()?;
        runs.refuse_values()?;
        Ok(Plan {
            filtered_out: of_tests.saturating_sub(runs.len()),
            ignored: Vec::new(),
            runs,
            settings,
        })
    }
}

/// Refuses runs with the same name, which would share a directory.
fn refuse_twins(runs: &[ListedRun]) -> Result<(), PlanError> {
    let mut names: Vec<&str> = runs.iter().map(|run| &*run.operation).collect();
    names.sort_unstable();
    let twins = names.windows(2).filter(|pair| pair[0] == pair[1]);
    let mut twins: Vec<String> = twins
        .map(|pair| {
            format!(
                "several runs are called `{}`: run the job again as a whole",
                pair[0]
            )
        })
        .collect();
    twins.dedup();
    match twins.is_empty() {
        true => Ok(()),
        false => Err(PlanError::Names(twins)),
    }
}
