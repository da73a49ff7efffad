//! The beginning of a run: connects to the targets, builds the suite, and writes down the state of the run.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::job::EARLIER;
use super::prepare::{self, Payloads, Ready};
use super::state::{self, Progress, RemoteJob, RunState, TargetJob};
use super::{Run, RunError, place};
use crate::target::{Home, Target};

/// The parameters of a new run.
pub(super) struct Begin<'a> {
    /// A suite, a package or a binary.
    pub(super) what: &'a str,
    pub(super) profile: Option<&'a str>,
    /// The directory for the results, if the user names one.
    pub(super) results: Option<&'a Path>,
    /// Flags of the suite.
    pub(super) args: &'a [String],
    /// Whether the targets share the tests.
    pub(super) is_sharded: bool,
    /// For each target, what runs again of an earlier run; empty for a run of its own.
    pub(super) again: Vec<Again>,
    /// The time that a machine may take to boot.
    pub(super) patience: Duration,
}

/// What a target runs again.
#[derive(Debug)]
pub(super) enum Again {
    /// Tests of the job with this journal.
    Tests(PathBuf),
    /// All tests of a job that did not begin, with its flags.
    Job {
        args: Vec<String>,
        /// The journal of the job of which that one was to repeat tests.
        earlier: Option<PathBuf>,
    },
}

impl Begin<'_> {
    /// Prepares everything up to the start of the suite.
    ///
    /// # Errors
    /// If a target cannot be reached, the suite cannot be built, or the results have no place.
    pub(super) fn on(self, targets: Vec<Target>) -> Result<(Run, Vec<Ready>), RunError> {
        let home = Home::Below(place::parent(self.results)?);
        let mut ready = prepare::connect(targets, &home, self.patience)?;
        let payloads = Payloads::of(self.what, self.profile, &ready)?;
        let id = place::new_id();
        let dir = place::make(self.results, payloads.label(), &id)?;
        for ready in &mut ready {
            ready.shell.settle(&dir)?;
        }
        let lock = state::lock(&dir)?;
        let mut state = RunState::new(self.what, self.is_sharded);
        let count = ready.len();
        for (index, ready) in ready.iter().enumerate() {
            let shard = self.is_sharded.then(|| format!("{}/{count}", index + 1));
            let again = self.again.get(index);
            let job_dir = state.new_dir(ready.target.name());
            // The id must be unique on the target, since two targets may share a directory.
            let job_id = format!("{}-{id}-{job_dir}", payloads.label());
            state.jobs.push(TargetJob {
                target: ready.target.name().to_owned(),
                on: on(&ready.target),
                dir: job_dir,
                args: args(&ready.target, self.args, shard, again),
                earlier: again.and_then(Again::journal).cloned(),
                instead_of: None,
                job: remote_job(&job_id, ready, &payloads),
                progress: Progress::Running,
            });
        }
        state.write(&dir)?;
        let run = Run {
            state,
            dir,
            payloads: Some(payloads),
            _lock: lock,
        };
        Ok((run, ready))
    }
}

/// The state of a new job on a target that is ready.
pub(super) fn remote_job(id: &str, ready: &Ready, payloads: &Payloads) -> RemoteJob {
    let payload = payloads.of_target(&ready.target, &ready.facts);
    RemoteJob {
        id: id.to_owned(),
        directory: ready.facts.directory.clone(),
        suite: payload.map(|payload| payload.id()).unwrap_or_default(),
        executable: payload.map(|it| it.executable.clone()).unwrap_or_default(),
        life: 0,
    }
}

impl Again {
    /// The journal that the suite needs for that.
    fn journal(&self) -> Option<&PathBuf> {
        match self {
            Again::Tests(journal) => Some(journal),
            Again::Job { earlier, .. } => earlier.as_ref(),
        }
    }
}

/// The flags of a suite on a target. A rerun does not need the target's configured flags: the earlier job recorded
/// them.
fn args(
    target: &Target,
    given: &[String],
    shard: Option<String>,
    again: Option<&Again>,
) -> Vec<String> {
    let results = ["--results", "results"].map(str::to_owned);
    let mut args = match again {
        None => [&results, target.configured.args.as_slice()].concat(),
        Some(Again::Tests(_)) => [results, ["--rerun", EARLIER].map(str::to_owned)].concat(),
        Some(Again::Job { args, .. }) => args.clone(),
    };
    args.extend(shard.map(|shard| format!("--shard={shard}")));
    args.extend(given.iter().cloned());
    args
}

/// The name or address by which a target can be found again.
pub(super) fn on(target: &Target) -> String {
    match target.configured.place {
        Some(_) => target.name().to_owned(),
        None => target.configured.address.clone(),
    }
}
