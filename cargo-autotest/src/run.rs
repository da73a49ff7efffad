//! `run`, `attach` and `rerun`: run suites on targets, and bring their results home.
//!
//! On each target the suite runs detached. A [`session::Session`] follows it to its end through its journal, the only
//! channel between the two. This process may be replaced by another at any time.

mod begin;
mod copy;
mod error;
mod facts;
mod finish;
mod job;
mod live;
mod machine;
mod order;
mod payload;
mod place;
mod prepare;
mod rescue;
mod session;
mod sessions;
mod state;
mod store;
mod watch;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use autotest_report::{Replay, journal};

use crate::build::BuildError;
use crate::cli::{self, Watch};
use crate::exit::Exit;
use crate::report::{ReportError, TreeError};
use crate::target::{self, ChooseError, Home, Target};
use begin::{Again, Begin};
use copy::has_records;
pub(crate) use error::TargetError;
use live::Live;
use order::Order;
pub(crate) use payload::PayloadError;
use prepare::{Connected, Payloads, Ready};
use session::Update;
use state::{Progress, RunState};
pub(crate) use state::{StateError, TARGETS};
use watch::Signals;

/// Flags of the suite that only the host may give, each with advice for the user.
const RESERVED: &[(&str, &str)] = &[
    (
        "--results",
        "name the directory for the results before `--`",
    ),
    ("--resume", "use `cargo autotest attach`"),
    ("--rerun", "use `cargo autotest rerun`"),
    ("--format", "give it before `--`"),
    ("--follow", "the host does that itself"),
    ("--replay", "use `cargo autotest report`"),
];

/// An error of `run`, `attach` or `rerun`.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Choose(#[from] ChooseError),
    #[error("`{0}` is not for the suite: {1}")]
    Reserved(String, &'static str),
    #[error("`--shard` divides the tests among several targets; name them with `--on`")]
    OneShard,
    #[error(
        "`{path}` does not say what ran; name the suite, package or binary: cargo autotest rerun DIR NAME",
        path = .0.display()
    )]
    WhatRan(PathBuf),
    #[error(
        "`{path}` has no results of a job: name the directory with its `journal.jsonl`",
        path = .0.display()
    )]
    NoJob(PathBuf),
    #[error(transparent)]
    Build(#[from] BuildError),
    #[error(transparent)]
    Payload(#[from] PayloadError),
    #[error("autotest.toml has no target `{0}` any more; add it again")]
    TargetGone(String),
    #[error("{target}: {error}", target = .0, error = .1)]
    Target(String, Box<TargetError>),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Tree(#[from] TreeError),
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl RunError {
    fn target(target: &Target, error: TargetError) -> RunError {
        RunError::Target(target.name().to_owned(), Box::new(error))
    }
}

/// Runs a suite on targets.
///
/// # Errors
/// If nothing could be started, or the results cannot be written. The failure of a target after that is printed, and
/// changes the exit code.
pub(crate) fn run(args: &cli::Run) -> Result<Exit, RunError> {
    check_args(&args.args)?;
    let targets = target::choose(&args.on, &std::env::current_dir()?)?;
    if args.shard && targets.len() == 1 {
        return Err(RunError::OneShard);
    }
    let begin = Begin {
        what: &args.what,
        profile: args.profile.as_deref(),
        results: args.place.results.as_deref(),
        args: &args.args,
        is_sharded: args.shard,
        again: Vec::new(),
        patience: args.watch.patience,
    };
    let order = if args.detach {
        Order::Leave
    } else {
        Order::None
    };
    let (run, ready) = begin.on(targets)?;
    run.follow(all(ready), &args.watch, order)
}

/// Takes up a run again.
///
/// # Errors
/// If there is none, or no target can be reached.
pub(crate) fn attach(args: &cli::Attach) -> Result<Exit, RunError> {
    let dir = std::fs::canonicalize(&args.dir).unwrap_or_else(|_| args.dir.clone());
    // The state is read under the lock, so that nobody else writes it.
    RunState::check(&dir)?;
    let lock = state::lock(&dir)?;
    let state = RunState::read(&dir)?;
    let home = Home::Results(dir.clone());
    let ready = prepare::connect_each(targets_of(&state)?, &home, args.watch.patience);
    let run = Run {
        state,
        dir,
        payloads: None,
        _lock: lock,
    };
    run.follow(ready, &args.watch, Order::None)
}

/// Runs again what failed or did not run in an earlier job.
///
/// # Errors
/// Those of [`run`], and if it is not known what the earlier job ran.
pub(crate) fn rerun(args: &cli::Rerun) -> Result<Exit, RunError> {
    check_args(&args.args)?;
    let dir = std::fs::canonicalize(&args.dir).unwrap_or_else(|_| args.dir.clone());
    let state = match RunState::read(&dir) {
        Ok(state) => Some(state),
        Err(StateError::NoRun(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let what = args
        .what
        .clone()
        .or_else(|| Some(state.as_ref()?.what.clone()));
    let what = what.ok_or_else(|| RunError::WhatRan(dir.clone()))?;
    let (targets, again) = match (&args.on, &state) {
        (None, Some(state)) => of_earlier(state, &dir, args.failed)?,
        (on, _) => {
            let names: Vec<String> = on.iter().cloned().collect();
            let targets = target::choose(&names, &std::env::current_dir()?)?;
            let targets = targets.into_iter().filter(|_| has_records(&dir));
            let tests = |target| (target, Again::Tests(dir.join(journal::NAME)));
            targets.map(tests).unzip()
        }
    };
    if again.is_empty() {
        return Err(RunError::NoJob(dir));
    }
    let mut suite_args = Vec::new();
    if args.failed {
        suite_args.push("--rerun-only=failed".to_owned());
    }
    suite_args.extend(args.args.iter().cloned());
    let begin = Begin {
        what: &what,
        profile: args.profile.as_deref(),
        results: args.place.results.as_deref(),
        args: &suite_args,
        is_sharded: false,
        again,
        patience: args.watch.patience,
    };
    let (run, ready) = begin.on(targets)?;
    run.follow(all(ready), &args.watch, Order::None)
}

/// The targets of an earlier run on which something runs again.
fn of_earlier(
    state: &RunState,
    dir: &Path,
    only_failed: bool,
) -> Result<(Vec<Target>, Vec<Again>), RunError> {
    let again = |index| Some((index, again_of(state, dir, index, only_failed)?));
    let jobs = (0..state.jobs.len()).filter_map(again);
    let jobs = jobs.map(|(index, again)| Ok((target_of(state, index)?, again)));
    jobs.collect()
}

/// What runs again of a job: nothing if others took over its tests, or if it had nothing to do.
fn again_of(state: &RunState, dir: &Path, index: usize, only_failed: bool) -> Option<Again> {
    if state.is_taken_over(index) {
        return None;
    }
    let jobdir = state.jobdir(dir, index);
    if has_records(&jobdir) {
        return Some(Again::Tests(jobdir.join(journal::NAME)));
    }
    let job = &state.jobs[index];
    let had_nothing = job.progress == Progress::Ended { code: 0 };
    (!had_nothing && !only_failed).then(|| Again::Job {
        args: job.args.clone(),
        earlier: job.earlier.clone(),
    })
}

/// The targets of the jobs that have not ended and were not taken over, each with the index of its job.
fn targets_of(state: &RunState) -> Result<Vec<(usize, Target)>, RunError> {
    let mut targets = Vec::new();
    for index in 0..state.jobs.len() {
        if !state.is_over(index) {
            targets.push((index, target_of(state, index)?));
        }
    }
    Ok(targets)
}

/// The target of a job, as it is configured now.
fn target_of(state: &RunState, index: usize) -> Result<Target, RunError> {
    let job = &state.jobs[index];
    let found = target::choose(std::slice::from_ref(&job.on), &std::env::current_dir()?)?;
    let mut found = found.into_iter();
    let target = found.find(|target| target.name() == job.target);
    target.ok_or_else(|| RunError::TargetGone(job.target.clone()))
}

/// Targets that are all connected, each with the index of its job.
fn all(ready: Vec<Ready>) -> Vec<Connected> {
    ready.into_iter().map(Ok).enumerate().collect()
}

fn check_args(args: &[String]) -> Result<(), RunError> {
    for arg in args {
        let name = arg.split('=').next().unwrap_or(arg);
        if let Some((flag, hint)) = RESERVED.iter().find(|(flag, _)| *flag == name) {
            return Err(RunError::Reserved((*flag).to_owned(), hint));
        }
    }
    Ok(())
}

/// A run whose jobs are, or will be, on their targets.
struct Run {
    state: RunState,
    dir: PathBuf,
    /// `None` if another process began the run.
    payloads: Option<Payloads>,
    /// Keeps other processes from following it.
    _lock: File,
}

impl Run {
    /// Shows the jobs that have ended or were taken over.
    fn show_what_is_over(&self, live: &mut Live) {
        for index in (0..self.state.jobs.len()).filter(|index| self.state.is_over(*index)) {
            let journal = self.state.jobdir(&self.dir, index).join(journal::NAME);
            let records = File::open(journal).and_then(Replay::new);
            for record in records.into_iter().flatten() {
                live.update(index, &Update::Record(Box::new(record)));
            }
        }
    }

    /// Follows the jobs to their ends, and shows the report.
    ///
    /// # Errors
    /// If the state or the results cannot be written.
    fn follow(
        mut self,
        ready: Vec<Connected>,
        watch: &Watch,
        order: Order,
    ) -> Result<Exit, RunError> {
        let signals = Signals::catch()?;
        let mut live = Live::new(&self.state.names(), &self.dir, watch);
        self.show_what_is_over(&mut live);
        let mut outcomes = Vec::new();
        let mut given =
            self.follow_jobs(ready, (watch, order), &signals, &mut live, &mut outcomes)?;
        // After an order to end or leave the jobs, nothing new begins.
        while given == Order::None {
            let from = self.state.jobs.len();
            let ready = self.take_over(&outcomes, watch.patience)?;
            if ready.is_empty() {
                break;
            }
            live.add(&self.state.names()[from..]);
            given = self.follow_jobs(ready, (watch, order), &signals, &mut live, &mut outcomes)?;
        }
        live.clear();
        finish::finish(&self.state, &self.dir, outcomes, watch)
    }
}
