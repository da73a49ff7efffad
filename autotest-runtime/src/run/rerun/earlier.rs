//! The runs of an earlier job and their states.

use std::collections::HashMap;
use std::path::Path;

use autotest_core::{Args, Event, INTERRUPTED, JobStart, Kind, Verdict};
use autotest_report::journal::{self, Records};
use autotest_report::{JournalError, Record};

/// A job, according to its records.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    pub(super) job: JobStart,
    /// The runs without subtests: the planned ones in the order of the plan, then others in the order in which they
    /// began.
    pub(super) runs: Vec<Run>,
}

/// A run of an earlier job; repeated runs count once.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) test: String,
    /// The tagged name.
    pub(super) operation: String,
    pub(super) args: Args,
    pub(super) state: State,
}

/// The state of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Passed,
    /// Its verdict is a failure of the job.
    Failed,
    /// It was never run, or was interrupted together with its job.
    Unfinished,
}

impl Earlier {
    /// Reads the journal of the job in `dir`.
    ///
    /// # Errors
    /// If there is no journal, it contains no job, or another process is writing it.
    pub(super) fn of(dir: &Path) -> Result<Earlier, JournalError> {
        let journal = journal::read_shared(dir)?;
        let mut records = Records::new(journal);
        let Some(Event::JobStart(job)) = records.next().map(|record| record.event) else {
            return Err(JournalError::NoJob(dir.to_owned()));
        };
        let planned = job.plan.iter().map(|planned| Run {
            test: planned.test.clone(),
            operation: planned.operation.clone(),
            args: planned.args.clone(),
            state: State::Unfinished,
        });
        let mut earlier = Earlier {
            runs: planned.collect(),
            job: *job,
        };
        let mut numbers = HashMap::new();
        let mut places: HashMap<String, usize> = earlier
            .runs
            .iter()
            .enumerate()
            .map(|(at, run)| (run.operation.clone(), at))
            .collect();
        for record in records {
            earlier.note(record, &mut numbers, &mut places);
        }
        Ok(earlier)
    }

    /// Takes the next record into account. `numbers` and `places` map run numbers and names to indices in `runs`.
    fn note(
        &mut self,
        record: Record,
        numbers: &mut HashMap<u32, usize>,
        places: &mut HashMap<String, usize>,
    ) {
        let is_strict = self.job.is_strict;
        let state = match record.event {
            Event::TestStart(start) if start.parent.is_none() => {
                let at = *places
                    .entry(start.operation.clone())
                    .or_insert(self.runs.len());
                numbers.insert(record.run, at);
                let run = Run {
                    test: start.test,
                    operation: start.operation,
                    args: start.args,
                    state: State::Unfinished,
                };
                match self.runs.get_mut(at) {
                    Some(known) => *known = run,
                    None => self.runs.push(run),
                }
                return;
            }
            Event::TestEnd { verdict, .. } if verdict.as_ref().is_some_and(is_interrupted) => {
                State::Unfinished
            }
            Event::TestEnd { status, .. } if status.fails(is_strict) => State::Failed,
            Event::TestEnd { .. } => State::Passed,
            Event::Attempt { .. } => State::Unfinished,
            _ => return,
        };
        if let Some(at) = numbers.get(&record.run) {
            self.runs[*at].state = state;
        }
    }
}

/// `true` if a signal to the job ended the run.
fn is_interrupted(verdict: &Verdict) -> bool {
    verdict.kind == Kind::CutOff && verdict.reason.starts_with(INTERRUPTED)
}
