//! Creates a new job: its plan, directory, journal and reports.

use std::ffi::OsString;
use std::path::PathBuf;

use autotest_core::{Event, JobStart, JournalVersion};
use autotest_report::Tree;

use super::control::ControlJob;
use super::opened::{Opened, planned, sync};
use super::{MainError, control, notes, params, reports};
use crate::cli::{Options, UsageError};
use crate::data_files::DataDirs;
use crate::engine::{self, Variables};
#[cfg(feature = "sysinfo")]
use crate::exec::KernelRecords;
use crate::exec::{Streams, Work};
use crate::hub::Hub;
use crate::identity;
use crate::journal::Journal;
use crate::plan::Plan;
use crate::registry::{self, Registry};
use crate::results::{Member, Place, ResultsTree};

/// Plans the job, then creates its directory. All mistakes in the command line are found before that.
pub(super) fn open(
    registry: &'static Registry,
    mut options: Options,
    args: &[OsString],
    streams: Streams,
) -> Result<Opened, MainError> {
    params::complete(registry, &mut options, Variables::of_process())?;
    #[cfg(feature = "packages")]
    crate::packages::check_given(
        &options.plan.selection.packages,
        &options.plan.settings.repositories,
    )
    .map_err(MainError::Package)?;
    let control = control::open(registry, &mut options, None)?;
    let plan = match &control {
        Some(_) => Plan::without_runs(&options.plan),
        None => Plan::new(registry, &options.plan)?,
    };
    let new = New {
        plan,
        control,
        args,
        rerun_of: None,
    };
    create(registry, options, new, streams)
}

/// The parts of a new job.
pub(super) struct New<'a> {
    pub(super) plan: Plan,
    pub(super) control: Option<ControlJob>,
    /// The command line to record.
    pub(super) args: &'a [OsString],
    /// The job whose runs it repeats, if any.
    pub(super) rerun_of: Option<&'a JobStart>,
}

/// Creates the directory of a planned job, after everything else has been checked.
pub(super) fn create(
    registry: &'static Registry,
    options: Options,
    new: New<'_>,
    streams: Streams,
) -> Result<Opened, MainError> {
    let New {
        plan,
        control,
        args,
        rerun_of,
    } = new;
    if control.is_none() && plan.runs.is_empty() && options.no_tests_fail {
        return Err(MainError::NoTests);
    }
    registry::check_hooks(&options.plan.settings.hooks).map_err(MainError::NoSuchHook)?;
    #[cfg(feature = "profilers")]
    check_profilers(&options, &plan)?;
    notes::print(registry, &options, Variables::of_process());
    notes::print_case_conflicts(plan.runs.tests(), options.plan.given.tag.as_deref());
    check_data(registry, &plan, control.as_ref())?;
    options
        .engine
        .create_marker_files()
        .map_err(UsageError::from)?;
    let place = place(registry, &options, &plan);
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
    if let Some(earlier) = rerun_of {
        start.rerun_of.clone_from(&earlier.id);
        start.label.clone_from(&earlier.label);
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

/// Refuses unknown profilers of the job.
#[cfg(feature = "profilers")]
pub(super) fn check_profilers_of_job(options: &Options) -> Result<(), MainError> {
    let of_job = &options.plan.settings.profilers;
    if !of_job.is_empty() && options.isolation == crate::exec::Isolation::None {
        let reason = "a profiler needs a process of its own: leave out `--isolation none`";
        return Err(MainError::NoSuchProfiler(reason.to_owned()));
    }
    registry::check_profilers(of_job).map_err(MainError::NoSuchProfiler)
}

/// Refuses unknown profilers of the job and of its tests.
#[cfg(feature = "profilers")]
fn check_profilers(options: &Options, plan: &Plan) -> Result<(), MainError> {
    check_profilers_of_job(options)?;
    let tests = plan.runs.tests().iter();
    let errors: Vec<String> = tests
        .filter_map(|test| registry::check_profilers_of(test).err())
        .collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(MainError::NoSuchProfiler(errors.join("\n"))),
    }
}

/// Refuses a job if data files are missing: those of its tests, or of any test if a control function chooses.
fn check_data(
    registry: &Registry,
    plan: &Plan,
    control: Option<&ControlJob>,
) -> Result<(), MainError> {
    let data = DataDirs::of_process();
    let missing = match control {
        None => data.missing(plan.runs.tests().iter().copied()),
        Some(job) if job.start.file.is_some() => {
            let named = job.plan.iter().filter_map(|run| registry.get(&run.test));
            data.missing(named)
        }
        Some(_) => data.missing(registry.tests().iter()),
    };
    missing.map_or(Ok(()), |missing| Err(MainError::MissingData(missing)))
}

/// The place of the job's results. If nextest started this process for one test, that is beside the other tests of
/// nextest's run.
fn place(registry: &Registry, options: &Options, plan: &Plan) -> Place {
    let engine = &options.engine;
    let only = plan.runs.iter().next().filter(|_| plan.runs.len() == 1);
    let member = engine.nextest.as_ref().zip(only).map(|(nextest, run)| {
        let group = format!("nextest-{}", nextest.run_id);
        Member::new(group, &run.name.subdir, nextest.attempt)
    });
    Place {
        member,
        suite: registry.main().suite,
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
    let uname = rustix::system::uname();
    JobStart {
        version: JournalVersion::CURRENT,
        id: identity::job_id(),
        label: place.binary(),
        argv: params::recorded(registry, args),
        options: params::recorded(registry, &options.preset),
        environment: options.plan.given.environment.without_secrets(),
        user: identity::user(),
        hostname: identity::hostname(),
        kernel: uname.release().to_string_lossy().into_owned(),
        machine: uname.machine().to_string_lossy().into_owned(),
        cpu_count: identity::cpu_count(),
        pid: std::process::id(),
        build_id: identity::build_id(),
        commit: engine::commit(Variables::of_process()),
        boot_id: identity::boot_id(),
        pid_namespace: identity::pid_namespace(),
        #[cfg(feature = "sysinfo")]
        kernel_records: KernelRecords::of_target().ids(),
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
        rerun_of: String::new(),
        merged: Vec::new(),
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
