//! A job that is ready to run, new or resumed.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use autotest_core::{PlannedTest, Settings};
use autotest_report::Tree;

use super::{MainError, reports};
use crate::cli::Options;
use crate::data_files::DataDirs;
use crate::engine;
use crate::exec::{
    Executor, Forking, InPlace, Isolation, Job, Streams, Work, leave_group_of, shell,
};
use crate::exit::Exit;
use crate::hub::Hub;
use crate::journal::Sync;
use crate::needs::Unmet;
use crate::plan::Runs;
use crate::registry::Registry;
use crate::results::{ResultsTree, is_under_cargo};

/// A job whose directory, journal and reports exist.
pub(super) struct Opened {
    pub(super) options: Options,
    pub(super) settings: Settings,
    pub(super) work: Work,
    pub(super) results: ResultsTree,
    /// The parent of temporary directories; absolute, since tests change the current directory.
    pub(super) tmp: PathBuf,
    pub(super) tree: Tree,
    pub(super) hub: Hub,
    pub(super) id: String,
    pub(super) streams: Streams,
}

impl Opened {
    /// Executes the runs and completes the reports. Returns the exit code.
    pub(super) fn execute(self, registry: &'static Registry) -> Result<Exit, MainError> {
        let hub = Rc::new(RefCell::new(self.hub));
        let tree = self.tree.clone();
        let job = Job {
            registry,
            settings: self.settings,
            options: self.options.exec,
            tree: self.tree,
            id: self.id.clone(),
            results: self.results,
            tmp: self.tmp,
            hub: Rc::clone(&hub),
            is_setup_locked: Rc::default(),
            are_caches_told: Cell::default(),
            data: DataDirs::of_process(),
            unmet: Unmet::of(registry),
        };
        let isolation = self.options.isolation;
        let mut executor: Box<dyn Executor> = match isolation {
            Isolation::None => Box::new(InPlace::new(job)),
            Isolation::Fork | Isolation::Exec => {
                Box::new(Forking::new(job, isolation, self.streams.clone())?)
            }
        };
        let conclusion = executor.execute(self.work);
        hub.borrow_mut().send(0, conclusion.job_end());
        // Some reports read the journal again, so it must be complete.
        let missing = hub.borrow_mut().finish_journal().err();
        let failures = hub.borrow_mut().finish();
        let mut failures = reports::repair(&hub.borrow(), &tree, &self.options, failures);
        failures.extend(missing);
        let is_written = !super::print_failures(&failures);
        // From here on, a signal may end this process.
        drop(executor);
        self.streams.stdout.drain();
        self.streams.stderr.drain();
        let exit = conclusion.exit(is_written);
        let call = |command: &Option<String>| match command {
            Some(command) => {
                leave_group_of(&self.id);
                call(command)
            }
            None => Ok(()),
        };
        match exit {
            Exit::Reboot => call(&self.options.reboot_command).map_err(MainError::NotRebooted)?,
            // The job may be resumed.
            Exit::Interrupted(_) => {}
            _ => call(&self.options.end_command).map_err(MainError::EndCommand)?,
        }
        Ok(exit)
    }
}

/// Runs a command that may take the target down, possibly some time after it has returned.
fn call(command: &str) -> Result<(), String> {
    rustix::fs::sync();
    match shell(command) {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{command}`: {status}")),
        Err(error) => Err(format!("`{command}`: {error}")),
    }
}

/// The runs, in the form in which the journal has them.
pub(super) fn planned(runs: &Runs) -> impl Iterator<Item = PlannedTest> {
    runs.iter().map(|run| PlannedTest {
        test: run.name.test,
        operation: run.name.tagged_testname,
        args: run.args.without_secrets(),
    })
}

/// When the journal is synced to disk. The default is `none` while tests are developed, and `test` on a target, which
/// may lose power.
pub(super) fn sync(options: &Options) -> Sync {
    options
        .sync
        .unwrap_or(match is_under_cargo() || engine::is_under_nextest() {
            true => Sync::None,
            false => Sync::Test,
        })
}
