//! A job from its options to its exit code.

use std::cell::RefCell;
use std::ffi::OsString;
use std::path::PathBuf;
use std::rc::Rc;

use autotest_core::{Event, JobStart, PlannedTest, Settings};

use super::{MainError, notes, reports, resume};
use crate::cli::{Options, UsageError};
use crate::exec::{Executor, Forking, InPlace, Isolation, Job, Shown, Work};
use crate::exit::Exit;
use crate::hub::Hub;
use crate::identity;
use crate::journal::{Journal, Sync};
use crate::logging;
use crate::plan::{Plan, Runs};
use crate::registry::Registry;
use crate::report::Tree;
use crate::results::{self, Member, Place, ResultsTree};
use crate::screen::Stream;

/// A job whose directory and journal are there, and whose tests may begin.
pub(super) struct Opened {
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) work: Work,
    pub(super) results: ResultsTree,
    /// Where temporary directories are made; absolute, since tests change the current directory.
    pub(super) tmp: PathBuf,
    pub(super) tree: Tree,
    pub(super) hub: Hub,
    pub(super) id: String,
    pub(super) shown: Shown,
}

pub(super) fn run(
    registry: &'static Registry,
    options: Options,
    args: &[OsString],
) -> Result<Exit, MainError> {
    logging::install();
    let shown = Shown {
        stdout: Stream::stdout()?,
        stderr: Stream::stderr()?,
    };
    let engine = options.engine.clone();
    let open = || match options.resume.clone() {
        Some(dir) => resume::open(registry, options, args, &results::of_job(&dir), shown),
        None => open(registry, options, args, shown),
    };
    let exit = open().and_then(|opened| opened.execute(registry));
    engine.sign_off();
    exit
}

/// A new job.
fn open(
    registry: &'static Registry,
    options: Options,
    args: &[OsString],
    shown: Shown,
) -> Result<Opened, MainError> {
    let plan = Plan::new(registry, &options)?;
    if plan.runs.is_empty() && options.no_tests_fail {
        return Err(MainError::NoTests);
    }
    notes::tell(registry, &options);
    notes::tell_alike(plan.runs.tests(), options.tag.as_deref());
    options.engine.sign_on().map_err(UsageError::from)?;
    let place = place(&options, &plan);
    let logfile = reports::logfile(&options)?;
    let results = place.create()?;
    let sync = options.sync.unwrap_or_else(Sync::from_env);
    let mut hub = Hub::new(Journal::create(&results.jobdir, sync)?, 0);
    let tree = Tree::open(&results.jobdir)?;
    let journal = hub.journal_file()?;
    let (out, jobdir) = (shown.stdout.clone(), &results.jobdir);
    hub.attach(reports::in_files(&tree, jobdir, &journal, &options)?);
    hub.attach(vec![reports::shown(out, jobdir, &journal, &options)?]);
    hub.attach(logfile.into_iter().collect());
    let start = job_start(&plan, &place, &results, &options, args);
    let (id, tmp) = (start.id.clone(), start.tmp.clone());
    hub.send(0, Event::JobStart(Box::new(start)));
    Ok(Opened {
        options,
        settings: plan.settings,
        work: Work::new(plan.runs),
        results,
        tmp,
        tree,
        hub,
        id,
        shown,
    })
}

impl Opened {
    /// Runs what is to be run, writes all reports, and says how it ended.
    fn execute(self, registry: &'static Registry) -> Result<Exit, MainError> {
        let hub = Rc::new(RefCell::new(self.hub));
        let tree = self.tree.clone();
        let job = Job {
            registry,
            settings: self.settings,
            options: self.options.exec,
            tree: self.tree,
            id: self.id,
            results: self.results,
            tmp: self.tmp,
            hub: Rc::clone(&hub),
            is_setup_locked: Rc::default(),
        };
        let isolation = self.options.isolation;
        let mut executor: Box<dyn Executor> = match isolation {
            Isolation::None => Box::new(InPlace::new(job)),
            Isolation::Fork | Isolation::Exec => {
                Box::new(Forking::new(job, isolation, self.shown.clone())?)
            }
        };
        let conclusion = executor.execute(self.work);
        hub.borrow_mut().send(0, conclusion.job_end());
        // Reports that read the journal again want all of it.
        let missing = hub.borrow_mut().finish_journal().err();
        let failures = hub.borrow_mut().finish();
        let mut failures = reports::repair(&hub.borrow(), &tree, &self.options, failures);
        failures.extend(missing);
        let is_written = !super::tell_failures(&failures);
        // A signal may end us from here on.
        drop(executor);
        self.shown.stdout.drain();
        self.shown.stderr.drain();
        Ok(conclusion.exit(is_written))
    }
}

/// Where the job's results go. A process that nextest started for one test has its place beside those
/// of the run's other tests.
fn place(options: &Options, plan: &Plan) -> Place {
    let engine = &options.engine;
    let only = plan.runs.iter().next().filter(|_| plan.runs.len() == 1);
    let member = engine.nextest.as_ref().zip(only).map(|(nextest, run)| {
        let group = format!("nextest-{}", nextest.run_id);
        Member::new(group, &run.name.subdir, nextest.attempt)
    });
    Place {
        member,
        kept: engine.outputs.clone(),
        tmp: engine.tmp.clone(),
        ..Place::from_env(options.results.clone())
    }
}

fn job_start(
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
    let args = args.iter().map(|arg| arg.to_string_lossy().into_owned());
    JobStart {
        id: identity::job_id(),
        label: place.binary(),
        argv: args.collect(),
        user: identity::user(),
        hostname: identity::hostname(),
        pid: std::process::id(),
        build_id: identity::build_id(),
        boot_id: identity::boot_id(),
        plan: planned(&plan.runs).collect(),
        ignored: ignored.collect(),
        filtered_out: plan.filtered_out,
        shuffle_seed: options.shuffle_seed,
        shard: options.shard.map(|shard| shard.to_string()),
        is_strict: options.exec.is_strict,
        installed: results.installed.clone(),
        tmp: tmp(options),
        is_parallel: options.exec.slots.get() > 1,
    }
}

/// The runs as the journal has them.
pub(super) fn planned(runs: &Runs) -> impl Iterator<Item = PlannedTest> {
    runs.iter().map(|run| PlannedTest {
        test: run.name.test,
        operation: run.name.tagged_testname,
        args: run.args,
    })
}

/// Where temporary directories are made; absolute, since tests change the current directory.
fn tmp(options: &Options) -> PathBuf {
    let tmp = options
        .engine
        .tmp
        .clone()
        .unwrap_or_else(std::env::temp_dir);
    std::path::absolute(&tmp).unwrap_or(tmp)
}
