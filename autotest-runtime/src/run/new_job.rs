//! Creates a new job: its plan, directory, journal and reports.

use std::ffi::OsString;
use std::path::PathBuf;

use autotest_core::{Event, JobStart};
use autotest_report::Tree;

use super::opened::{Opened, planned, sync};
use super::{MainError, control, notes, params, reports};
use crate::cli::{Options, UsageError};
use crate::engine::Variables;
use crate::exec::{Streams, Work};
use crate::hub::Hub;
use crate::identity;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::registry::{self, Registry};
use crate::results::{Member, Place, ResultsTree};

/// Plans the job, then creates its directory. Every mistake in the command line is found before that.
pub(super) fn open(
    registry: &'static Registry,
    mut options: Options,
    args: &[OsString],
    streams: Streams,
) -> Result<Opened, MainError> {
    params::complete(registry, &mut options, Variables::of_process())?;
    let control = control::open(registry, &mut options, None)?;
    let plan = match &control {
        Some(_) => Plan::without_runs(&options.plan),
        None => Plan::new(registry, &options.plan)?,
    };
    if control.is_none() && plan.runs.is_empty() && options.no_tests_fail {
        return Err(MainError::NoTests);
    }
    registry::check_hooks(&options.plan.settings.hooks).map_err(MainError::NoSuchHook)?;
    notes::print(registry, &options, Variables::of_process());
    notes::print_case_conflicts(plan.runs.tests(), options.plan.given.tag.as_deref());
    options
        .engine
        .create_marker_files()
        .map_err(UsageError::from)?;
    let place = place(&options, &plan);
    let logfile = reports::logfile(&options)?;
    let results = place.create()?;
    let mut hub = Hub::new(Journal::create(&results.jobdir, sync(&options))?, 0);
    let tree = Tree::open(&results.jobdir)?;
    let journal = hub.journal_file()?;
    let (out, jobdir) = (streams.stdout.clone(), &results.jobdir);
    hub.attach(reports::in_files(&tree, jobdir, &journal, &options)?);
    hub.attach(vec![reports::on_stdout(out, jobdir, &journal, &options)?]);
    hub.attach(logfile.into_iter().collect());
    let mut start = job_start(registry, &plan, &place, &results, &options, args);
    if let Some(control) = &control {
        start.control = Some(control.start.clone());
        start.plan.clone_from(&control.plan);
        start.label = control.label.clone().unwrap_or(start.label);
    }
    let (id, tmp) = (start.id.clone(), start.tmp.clone());
    hub.send(0, Event::JobStart(Box::new(start)));
    Ok(Opened {
        options,
        settings: plan.settings,
        work: Work {
            control: control.map(|control| control.work),
            ..Work::new(plan.runs)
        },
        results,
        tmp,
        tree,
        hub,
        id,
        streams,
    })
}

/// The place for the job's results. If nextest started this process for one test, it is beside the other
/// tests of nextest's run.
fn place(options: &Options, plan: &Plan) -> Place {
    let engine = &options.engine;
    let only = plan.runs.iter().next().filter(|_| plan.runs.len() == 1);
    let member = engine.nextest.as_ref().zip(only).map(|(nextest, run)| {
        let group = format!("nextest-{}", nextest.run_id);
        Member::new(group, &run.name.subdir, nextest.attempt)
    });
    Place {
        member,
        outputs: engine.outputs.clone(),
        tmp: engine.tmp.clone(),
        ..Place::from_env(options.results.clone())
    }
}

fn job_start(
    registry: &Registry,
    plan: &Plan,
    place: &Place,
    results: &ResultsTree,
    options: &Options,
    args: &[OsString],
) -> JobStart {
    let ignored = plan.ignored.iter();
    let ignored = ignored.map(|test| {
        let reason = test.def.meta.ignore.unwrap_or("");
        (test.id.to_owned(), reason.to_owned())
    });
    JobStart {
        id: identity::job_id(),
        label: place.binary(),
        argv: params::recorded(registry, args),
        options: params::recorded(registry, &options.preset),
        environment: options.plan.given.environment.without_secrets(),
        user: identity::user(),
        hostname: identity::hostname(),
        pid: std::process::id(),
        build_id: identity::build_id(),
        boot_id: identity::boot_id(),
        pid_namespace: identity::pid_namespace(),
        plan: planned(&plan.runs).collect(),
        control: None,
        ignored: ignored.collect(),
        filtered_out: plan.filtered_out,
        shuffle_seed: options.plan.shuffle_seed,
        shard: options.plan.selection.shard.map(|shard| shard.to_string()),
        is_strict: options.exec.is_strict,
        installed: results.installed.clone(),
        tmp: tmp(options),
        is_parallel: options.exec.slots.get() > 1,
    }
}

/// The parent of temporary directories; absolute, since tests change the current directory.
fn tmp(options: &Options) -> PathBuf {
    let tmp = options
        .engine
        .tmp
        .clone()
        .unwrap_or_else(std::env::temp_dir);
    std::path::absolute(&tmp).unwrap_or(tmp)
}
