//! Runs the sessions of a run, each in its own thread.

use std::sync::{Arc, mpsc};
use std::thread;

use super::live::Live;
use super::order::{Order, Orders};
use super::prepare::{Connected, Ready};
use super::session::{Session, Wishes};
use super::watch::{self, Outcomes, Signals, Told};
use super::{Run, RunError};
use crate::cli::Watch;
use crate::target::Target;

impl Run {
    /// Follows jobs, each on its target, until all sessions have ended. Returns the user's last order.
    ///
    /// # Errors
    /// If the state of the run cannot be written.
    pub(super) fn follow_jobs(
        &mut self,
        ready: Vec<Connected>,
        (watch, order): (&Watch, Order),
        signals: &Signals,
        live: &mut Live,
        outcomes: &mut Outcomes,
    ) -> Result<Order, RunError> {
        let Run {
            state,
            dir,
            payloads,
            ..
        } = self;
        let (sender, told) = mpsc::channel();
        let orders: Vec<Arc<Orders>> = state.jobs.iter().map(|_| Arc::default()).collect();
        outcomes.resize_with(state.jobs.len(), || None);
        thread::scope(|scope| {
            for (index, ready) in ready {
                let job = &state.jobs[index];
                let Ready {
                    target,
                    shell,
                    facts,
                } = match ready {
                    Ok(ready) => ready,
                    Err(error) => {
                        let _ = sender.send((index, Told::Ended(Err(error))));
                        continue;
                    }
                };
                let payload = payloads
                    .as_ref()
                    .and_then(|it| it.of_target(&target, &facts));
                let wishes = Wishes {
                    args: job.args.clone(),
                    earlier: job.earlier.clone(),
                    environment: environment(&target),
                    resume_args: attempts(watch),
                    patience: watch.patience,
                    keep: watch.keep,
                    detach: order == Order::Leave,
                };
                let (job, jobdir) = (job.job.clone(), state.jobdir(dir, index));
                let (orders, sender) = (orders[index].clone(), sender.clone());
                scope.spawn(move || {
                    let tell = sender.clone();
                    let session = Session {
                        target: &target,
                        shell,
                        facts,
                        payload,
                        job,
                        jobdir,
                        wishes,
                        orders,
                        is_ending: false,
                        tell: Box::new(move |update| {
                            let _ = tell.send((index, Told::Update(update)));
                        }),
                    };
                    let _ = sender.send((index, Told::Ended(session.run())));
                });
            }
            drop(sender);
            watch::watch(&told, &orders, signals, live, (state, dir), outcomes)
        })
    }
}

fn attempts(watch: &Watch) -> Vec<String> {
    let attempts = watch.attempts.map(|n| format!("--attempts={n}"));
    attempts.into_iter().collect()
}

/// The environment of the suite: this program's own variables for suites, and those configured for the target.
fn environment(target: &Target) -> Vec<(String, String)> {
    let is_for_suites = |name: &str| {
        name == "AUTOTEST_COMMIT"
            || name == "AUTOTEST_OPTIONS"
            || (name.starts_with("AUTOTEST_PARAM_")
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    };
    let own = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| is_for_suites(name));
    own.chain(target.configured.env.clone()).collect()
}
