//! The lifecycle of one run, from its directories to its verdict.
//!
//! The five seeds are normative, as executed in the conformance cases. All side effects go through [`Host`],
//! [`Clock`] and [`Sink`]; this module has none.

mod call;
mod execute;
mod execute_args;
mod keyvals;
mod progress;
mod recover;
mod repeat;
mod setup;
#[cfg(feature = "sysinfo")]
mod sysinfo;

use execute::execute;
pub use execute::runs_cleanup;
pub use execute_args::{ExecuteArgs, check_arguments};
pub use recover::{is_cleanup_due, recover};
#[cfg(feature = "sysinfo")]
pub use sysinfo::collects_sysinfo;

use std::time::Duration;

use crate::context::{Hooks, Recovery, RunName, Saved, TestContext};
use crate::def::{Phases, TestDef};
use crate::event::{Event, KNOWN_FAILURE, StatusRecord};
use crate::host::{Clock, Host, Sink};
use crate::outcome::{Kind, Verdict};
use crate::params::{self, Args};
use crate::phase::Phase;
use crate::settings::{JobHooks, Settings};
use crate::status::Code;
use call::{Region, call, construct, first, guarded, last, run_job_hook};

/// One run of a test: the input of the lifecycle.
pub struct Run {
    /// The test.
    pub def: &'static TestDef,
    /// The names of this run.
    pub name: RunName,
    /// The arguments. The plan has checked them with [`params::check`] and [`TestDef::check_values`], so that
    /// mistakes are reported before anything runs.
    pub args: Args,
    /// The job's settings.
    pub settings: Settings,
    /// The job's hooks.
    pub hooks: JobHooks,
    /// When the run must end, as a time of `clock`.
    pub deadline: Option<Duration>,
    /// The target.
    pub host: Box<dyn Host>,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// The receiver of events.
    pub sink: Box<dyn Sink>,
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut debug = f.debug_struct("Run");
        debug
            .field("name", &self.name)
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

/// The result of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// `None` if the test passed.
    pub verdict: Option<Verdict>,
    /// The number of the last iteration.
    pub iteration: u64,
    /// The failures of constraints, one list for each iteration that wrote a keyval.
    pub failed_constraints: Vec<Vec<String>>,
}

/// The result of a step of the lifecycle; an error is the verdict.
type Step<T = ()> = Result<T, Verdict>;

/// Runs the whole lifecycle of a test.
///
/// However it ends, logs and changed files are restored and the temporary directory is removed.
pub fn run_test(run: Run) -> Outcome {
    begin(run, None, construct_and_run)
}

/// The part of a run between its preparation and its end.
type Body = fn(&mut TestContext, JobHooks) -> Step;

/// Creates the directories and the context, calls `body`, restores the files that it changed, and removes the
/// temporary directory.
#[inline(never)]
fn begin(run: Run, recovery: Option<Recovery>, body: Body) -> Outcome {
    let mut host = run.host;
    let directories = match host.create_directories() {
        Ok(directories) => directories,
        Err(failure) => {
            let verdict = Some(failure.classify(false));
            return Outcome {
                verdict,
                ..Outcome::default()
            };
        }
    };
    let saved = recovery.as_ref().map(|recovery| recovery.saved.clone());
    let changed_files = recovery
        .as_ref()
        .map(|recovery| recovery.changed_files.clone());
    let mut cx = TestContext {
        def: run.def,
        run: run.name,
        args: run.args,
        settings: run.settings,
        directories,
        recovery,
        hooks: Hooks::default(),
        keyvals: Default::default(),
        saved: Saved::new(saved.unwrap_or_default()),
        changed_files: changed_files.unwrap_or_default(),
        checks: Default::default(),
        bound: Default::default(),
        bound_phases: Default::default(),
        iteration: 0,
        success: false,
        deadline: run.deadline,
        host,
        clock: run.clock,
        sink: run.sink,
    };
    let result = body(&mut cx, run.hooks);
    let result = restore_files(&mut cx, result);
    cx.host.remove_tmpdir();
    Outcome {
        verdict: result.err(),
        iteration: cx.iteration,
        failed_constraints: std::mem::take(&mut cx.keyvals.failed_constraints),
    }
}

/// Restores the files that the run changed, the last change first. A failure makes a pass a WARN.
fn restore_files(cx: &mut TestContext, mut result: Step) -> Step {
    while let Some((path, original)) = cx.changed_files.pop() {
        let restored = cx.restore_file(&path, &original);
        result = first(cx, result, restored, "end");
    }
    result
}

/// Runs the test from its constructor to its destructor, which is the author's code and may panic.
fn construct_and_run(cx: &mut TestContext, hooks: JobHooks) -> Step {
    #[cfg(feature = "sysinfo")]
    sysinfo::before_test(cx);
    if cx.settings.drop_caches {
        cx.host.drop_caches();
    }
    let mut test = construct(cx)?;
    let result = run_with_job_hooks(cx, &mut *test, hooks);
    let dropped = guarded(cx, Region::Around, |cx| {
        drop(test);
        cx.hooks = Hooks::default();
        cx.bound = Default::default();
        Ok(())
    });
    first(cx, result, dropped, "drop")
}

/// Runs the test between the job's hooks.
fn run_with_job_hooks(cx: &mut TestContext, test: &mut dyn Phases, mut hooks: JobHooks) -> Step {
    let fast = cx.settings.fast;
    guarded(cx, Region::Around, |cx| cx.host.enter_outputdir())?;
    let result = if fast {
        Ok(())
    } else {
        run_job_hook(cx, hooks.before_test.as_mut(), "before_test")
    };
    let result = result.and_then(|()| {
        for hook in hooks.before_iteration {
            cx.register_before_iteration_hook(hook);
        }
        for hook in hooks.after_iteration {
            cx.register_after_iteration_hook(hook);
        }
        let result = run_with_logs(cx, test);
        apply_expectation(cx, result)
    });
    cx.success = result.is_ok();
    cx.host.leave_outputdir();
    if cx.success && fast {
        return result;
    }
    let after = run_job_hook(cx, hooks.after_test.as_mut(), "after_test");
    last(cx, result, after, "before the after-test hook")
}

/// Applies `expect = "fail"`: a known failure passes, and a pass fails.
fn apply_expectation(cx: &mut TestContext, result: Step) -> Step {
    use crate::def::Expect;
    match (cx.def.meta.expect, result) {
        (Expect::Pass, result) => result,
        (Expect::Fail, Ok(())) => Err(Verdict::new(
            Kind::Fail,
            "passed, but is marked `expect = \"fail\"`",
        )),
        (Expect::Fail, Err(verdict)) if matches!(verdict.kind, Kind::Fail | Kind::Retry) => {
            cx.suppress(verdict, KNOWN_FAILURE);
            Ok(())
        }
        (Expect::Fail, Err(verdict)) => Err(verdict),
    }
}

/// Runs the test with logs in the debug directory and, if it may take the network down, with network warnings
/// disabled.
fn run_with_logs(cx: &mut TestContext, test: &mut dyn Phases) -> Step {
    guarded(cx, Region::Around, |cx| cx.host.tee_logs())?;
    let destabilizing = cx.def.meta.network_destabilizing;
    if destabilizing {
        network_warnings(cx, "disable", "disabling");
    }
    let result = exec(cx, test);
    cx.host.restore_logs();
    if destabilizing {
        network_warnings(cx, "enable", "enabling");
    }
    result
}

fn network_warnings(cx: &mut TestContext, field: &str, doing: &str) {
    let mut record = StatusRecord::message(Code::Info, format!("{doing} NETWORK warnings"));
    record.fields = vec![(format!("warnings.{field}"), "NETWORK".to_owned())];
    cx.send(Event::Status(record));
}

/// Writes the test's keyval, validates its arguments and runs its phases. Then runs `cleanup`, whatever
/// happened since the beginning of `initialize`.
fn exec(cx: &mut TestContext, test: &mut dyn Phases) -> Step {
    keyvals::write(cx)?;
    let known = cx.settings.known_params;
    params::check(cx.def, &cx.args, known)
        .map_err(|unknown| Verdict::new(Kind::Error, unknown.to_string()))?;
    guarded(cx, Region::Around, |cx| cx.host.open_to_others())?;
    let result = phases(cx, test);
    if let Err(verdict) = &result {
        log::warn!("The test failed with the following error: {verdict}");
        verdict
            .backtrace
            .iter()
            .for_each(|trace| log::debug!("{trace}"));
    }
    if !runs_cleanup(&cx.args, &cx.settings) {
        return result;
    }
    cx.announce(Phase::Cleanup);
    let cleanup = call(cx, test, Phase::Cleanup);
    first(cx, result, cleanup, "cleanup")
}

fn phases(cx: &mut TestContext, test: &mut dyn Phases) -> Step {
    // A `cleanup` after an abnormal end needs these events.
    let is_followed = cx.def.phases.contains(Phase::Cleanup);
    if is_followed || cx.def.phases.contains(Phase::Initialize) {
        cx.send(Event::Phase(Phase::Initialize));
    }
    call(cx, test, Phase::Initialize)?;
    setup::update_version(cx, test)?;
    guarded(cx, Region::Around, |cx| cx.host.enter_outputdir())?;
    cx.announce(Phase::Warmup);
    call(cx, test, Phase::Warmup)?;
    if is_followed || cx.def.phases.contains(Phase::Execute) {
        cx.send(Event::Phase(Phase::Execute));
    }
    if cx.def.phases.contains(Phase::Execute) {
        return call(cx, test, Phase::Execute);
    }
    let args = ExecuteArgs::of(cx).map_err(|failure| failure.classify(true))?;
    execute(cx, test, &args)
}

impl TestContext {
    /// Sends the event of a phase that is about to run, if the test has it.
    fn announce(&mut self, phase: Phase) {
        if self.def.phases.contains(phase) {
            self.send(Event::Phase(phase));
        }
    }
}
