//! Lets another target that shares the work take over the tests of a target that does not come back.

use std::time::Duration;

use super::begin::remote_job;
use super::copy::has_records;
use super::job::EARLIER;
use super::prepare::{self, Connected, Ready};
use super::session::Outcome;
use super::state::{Progress, TargetJob};
use super::watch::Outcomes;
use super::{Run, RunError};
use crate::target::Home;

impl Run {
    /// Adds jobs for the tests for which lost targets have no verdict, and connects to the targets that take them over.
    /// Returns nothing if no target is lost, or none is left.
    ///
    /// # Errors
    /// If the state cannot be written.
    pub(super) fn take_over(
        &mut self,
        outcomes: &Outcomes,
        patience: Duration,
    ) -> Result<Vec<Connected>, RunError> {
        if !self.state.is_sharded || self.payloads.is_none() {
            return Ok(Vec::new());
        }
        let lost: Vec<usize> = (0..outcomes.len())
            .filter(|index| matches!(&outcomes[*index], Some(Err(error)) if error.is_away()))
            .filter(|index| !self.state.is_taken_over(*index))
            .collect();
        let survivors: Vec<usize> = (0..outcomes.len())
            .filter(|index| {
                matches!(
                    &outcomes[*index],
                    Some(Ok(Outcome::Ended(_) | Outcome::Nothing(_)))
                )
            })
            .collect();
        if survivors.is_empty() {
            return Ok(Vec::new());
        }
        let mut ready = Vec::new();
        for (number, lost) in lost.into_iter().enumerate() {
            let candidates = survivors.iter().cycle().skip(number).take(survivors.len());
            let found = candidates
                .filter_map(|index| self.connect_again(*index, patience))
                .next();
            if let Some(survivor) = found {
                self.add_instead_of(lost, &survivor);
                ready.push((self.state.jobs.len() - 1, Ok(survivor)));
            }
        }
        self.state.write(&self.dir)?;
        Ok(ready)
    }

    /// Connects to the target of a job again; `None` if it does not answer any more.
    fn connect_again(&self, index: usize, patience: Duration) -> Option<Ready> {
        let target = super::target_of(&self.state, index).ok()?;
        let home = Home::Results(self.dir.clone());
        prepare::connect(vec![target], &home, patience).ok()?.pop()
    }

    /// Adds a job that runs the remaining tests of a lost one: all of them if that had not begun.
    fn add_instead_of(&mut self, lost: usize, survivor: &Ready) {
        let jobdir = self.state.jobdir(&self.dir, lost);
        let journal = jobdir.join(autotest_report::journal::NAME);
        let has_begun = has_records(&jobdir);
        let lost = &self.state.jobs[lost];
        let args = match has_begun {
            true => [
                "--results",
                "results",
                "--rerun",
                EARLIER,
                "--rerun-only=unfinished",
            ]
            .map(str::to_owned)
            .to_vec(),
            false => lost.args.clone(),
        };
        let name = survivor.target.name();
        let Some(payloads) = &self.payloads else {
            return;
        };
        let job = TargetJob {
            target: name.to_owned(),
            on: super::begin::on(&survivor.target),
            dir: format!("{name}-for-{}", lost.dir),
            args,
            earlier: has_begun.then_some(journal).or(lost.earlier.clone()),
            instead_of: Some(lost.dir.clone()),
            job: remote_job(
                &format!("{}-for-{}", lost.job.id, lost.dir),
                survivor,
                payloads,
            ),
            progress: Progress::Running,
        };
        self.state.jobs.push(job);
    }
}
