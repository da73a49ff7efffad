//! Branches of a control function, which run at the same time.

use std::sync::Arc;
use std::thread;

use autotest_core::{Failure, GroupKind, PanicReport, Request, TestError};

use super::{Job, JobResult};

/// The branches of one [`Job::parallel`].
#[derive(Default)]
pub struct Branches<'env> {
    branches: Vec<Branch<'env>>,
}

struct Branch<'env> {
    name: String,
    run: Box<dyn FnOnce(&mut Job) -> JobResult + Send + 'env>,
}

impl std::fmt::Debug for Branches<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.branches.iter().map(|branch| &branch.name);
        f.debug_list().entries(names).finish()
    }
}

impl<'env> Branches<'env> {
    /// Adds a branch. Its name is part of the identity of its requests, so it must be unique among the
    /// branches, and of letters, digits, `_` and `-`.
    pub fn branch<E>(
        &mut self,
        name: impl Into<String>,
        run: impl FnOnce(&mut Job) -> Result<(), E> + Send + 'env,
    ) where
        Failure: From<E>,
    {
        self.branches.push(Branch {
            name: name.into(),
            run: Box::new(|job| run(job).map_err(Into::into)),
        });
    }

    /// Runs all branches, and waits for all of them.
    pub(super) fn run(self, job: &mut Job) -> Result<(), TestError> {
        let call = job.next_call();
        let names = self.branches.iter().map(|branch| branch.name.clone());
        let names: Vec<String> = names.collect();
        let branches = names.clone();
        job.ask(&call, Request::Parallel { branches })?;
        let ended = thread::scope(|scope| {
            let threads = self.branches.into_iter().map(|Branch { name, run }| {
                let mut job = Job {
                    supervisor: Arc::clone(&job.supervisor),
                    path: call.branch(&name),
                    requests: 0,
                    settings: job.settings.clone(),
                    resultdir: job.resultdir.clone(),
                };
                scope.spawn(move || job.within(name, GroupKind::Branch, run))
            });
            let threads: Vec<_> = threads.collect();
            let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
            ended.collect::<Vec<_>>()
        });
        let errors: Vec<String> = names
            .iter()
            .zip(ended)
            .filter_map(|(name, ended)| {
                let error = match ended {
                    Ok(result) => result.err()?.reason().to_owned(),
                    Err(panic) => PanicReport::text(&*panic),
                };
                Some(format!("{name}: {error}"))
            })
            .collect();
        match errors.len() {
            0 => Ok(()),
            count => Err(TestError::error(format!(
                "{count} task(s) failed in job.parallel: {}",
                errors.join("; ")
            ))),
        }
    }
}
