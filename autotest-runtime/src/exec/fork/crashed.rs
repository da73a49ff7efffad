//! `--crash-handler`: examines crashed processes before the verdict of their run.

use std::time::Duration;

use autotest_core::{Crash, Event, Kind, Verdict};

use super::Forking;
use crate::exec::Isolation;
use crate::exec::crash::{self, CoreFiles, Examination, Registration};
use crate::exec::mark;
use crate::exec::process::Process;
use crate::exec::respawn::Respawn;
use crate::exec::slot::{ActiveRun, EndedProcess, Slot, Task};
use crate::exec::unix::Change;

/// The time limit for examining the crashes of a run.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The same in an interrupted job.
const INTERRUPTED_TIMEOUT: Duration = Duration::from_secs(4);

/// The destination of the core dumps of the job's tests.
#[derive(Debug)]
pub(super) struct Crashes {
    /// The handler, if it is installed for this job.
    registration: Option<Registration>,
    is_tried: bool,
    /// The location of core files without the handler.
    files: Option<CoreFiles>,
}

impl Crashes {
    pub(super) fn new() -> Crashes {
        Crashes {
            registration: None,
            is_tried: false,
            files: CoreFiles::of_target(),
        }
    }

    /// Restores the kernel's previous handling of core dumps.
    pub(super) fn end(&mut self) {
        self.registration = None;
    }
}

impl Forking {
    /// Installs the handler before the first run that asks for it. The error is the reason.
    pub(super) fn install_crash_handler(&mut self, active: &ActiveRun) -> Result<(), String> {
        if self.crashes.is_tried || !self.job.has_crash_handler(&active.run) {
            return Ok(());
        }
        self.crashes.is_tried = true;
        let registration = Registration::new(&self.job.id, &self.job.tree.jobdir())?;
        self.crashes.registration = Some(registration);
        Ok(())
    }

    /// Records with a run why the handler is not installed.
    pub(super) fn tell_of_handler(&self, active: &ActiveRun, installed: Result<(), String>) {
        if let Err(why) = installed {
            let reason = format!("the crash handler is not installed: {why}");
            let verdict = Verdict::new(Kind::Warn, reason);
            self.suppress(active.number, verdict, "crash handler");
        }
    }

    /// Starts a process that examines the kept crashes, if there are any; the run is concluded after that, or else now.
    pub(super) fn examine_or_conclude(
        &mut self,
        mut slot: Slot,
        change: Change,
        left: Vec<String>,
    ) {
        if let Some(ended) = slot.ended.take() {
            return self.conclude_examined(*ended);
        }
        let outputdir = self.job.tree.jobdir().join(&slot.active.run.name.subdir);
        let found = match (&self.crashes.registration, &self.crashes.files) {
            (None, Some(files)) => {
                let elapsed = slot.active.started.elapsed();
                files.of_run(&outputdir, slot.process.pid.get(), elapsed)
            }
            _ => Vec::new(),
        };
        if found.is_empty() && !crash::has_unexamined(&outputdir) {
            return self.conclude(slot, change, &left);
        }
        let known = crash::names(&outputdir)
            .into_iter()
            .filter(|name| crash::is_examined(&outputdir, name));
        let known = known.collect();
        let examination = Examination { outputdir, found };
        let launched = self.launch_examination(&slot.active, examination);
        let (active, directories) = (slot.active.clone(), slot.directories.clone());
        let ended = EndedProcess {
            slot,
            change,
            left,
            known,
        };
        match launched {
            Ok(process) => {
                let mut slot = Slot::new(active, directories, process);
                slot.task = Task::Examine;
                slot.ended = Some(Box::new(ended));
                self.slots.push(slot);
            }
            Err(_) => self.conclude_examined(ended),
        }
    }

    fn launch_examination(
        &mut self,
        active: &ActiveRun,
        examination: Examination,
    ) -> std::io::Result<Process> {
        let mark = mark::run_mark(&self.job.id, active.number);
        let again = match self.isolation == Isolation::Exec {
            true => {
                let hidden = self.job.registry.hidden_variables();
                Some(Respawn::examination(&examination, &mark, &hidden)?)
            }
            false => None,
        };
        let waiting = self.fork_process(Some(active.number), &mark, again, |_| {
            crash::examine(&examination)
        })?;
        let timeout = match self.conclusion.is_interrupted() {
            false => TIMEOUT,
            true => INTERRUPTED_TIMEOUT,
        };
        self.begin(waiting, active, Some(timeout), None)
    }

    /// Records the crashes, and concludes the run.
    fn conclude_examined(&mut self, ended: EndedProcess) {
        let EndedProcess {
            mut slot,
            change,
            left,
            known,
        } = ended;
        let outputdir = self.job.tree.jobdir().join(&slot.active.run.name.subdir);
        let mut names = crash::names(&outputdir);
        names.retain(|name| !known.contains(name));
        for (dir, kept) in names
            .iter()
            .filter_map(|name| crash::kept(&outputdir, name))
        {
            let is_test = kept.pid == slot.process.pid.get();
            if is_test {
                slot.place.clone_from(&kept.place);
            }
            let crash = Crash {
                name: kept.name,
                pid: kept.pid,
                is_test,
                signal: kept.signal,
                place: kept.place,
                dir,
                problems: kept.problems,
            };
            self.job
                .record(slot.active.number, Event::Crash(Box::new(crash)));
        }
        self.conclude(slot, change, &left);
    }
}
