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
    /// For each target, the journal of an earlier job of which some tests run again; empty if all tests run.
    pub(super) earlier: Vec<PathBuf>,
    /// The time that a machine may take to boot.
    pub(super) patience: Duration,
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
            let earlier = self.earlier.get(index);
            let job_dir = state.new_dir(ready.target.name());
            // The id must be unique on the target, since two targets may share a directory.
            let job_id = format!("{}-{id}-{job_dir}", payloads.label());
            state.jobs.push(TargetJob {
                target: ready.target.name().to_owned(),
                on: on(&ready.target),
                dir: job_dir,
                args: args(&ready.target, self.args, shard, earlier.is_some()),
                earlier: earlier.cloned(),
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

/// The flags of a suite on a target. A rerun does not need the target's configured flags: the earlier job recorded
/// them.
fn args(target: &Target, given: &[String], shard: Option<String>, is_rerun: bool) -> Vec<String> {
    let mut args = vec!["--results".to_owned(), "results".to_owned()];
    match is_rerun {
        true => args.extend(["--rerun".to_owned(), EARLIER.to_owned()]),
        false => args.extend(target.configured.args.iter().cloned()),
    }
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
