//! The ends of a job: resumes it after an interruption, ends it by order, or concludes it.

use std::time::Instant;

use super::super::TargetError;
use super::super::copy::Copy;
use super::super::job::Exited;
use super::super::order::Order;
use super::{Course, FIRST_PAUSE, Outcome, START_PATIENCE, Session, Supervisor, Update};

/// The exit codes of a binary whose job is not finished (`BINARY --help`).
const UNFINISHED: i32 = 6;
const WANTS_REBOOT: i32 = 75;

/// The number of times that a job is resumed without any new record.
const IDLE_LIVES: u32 = 5;

impl Session<'_> {
    /// Resumes the job, none of whose supervisors is left.
    pub(super) fn resume(&mut self, course: &mut Course) -> Result<(), TargetError> {
        let is_idle = course.idle_lives > 0;
        let supervisor = course.supervisor.as_ref();
        let is_of_this_boot = supervisor.is_none_or(|it| it.boot_id == self.facts.boot_id);
        // A supervisor that has just been started may not have opened the journal yet.
        let exited = match is_idle && is_of_this_boot {
            true => self.wait_for_exit()?,
            false => self.job.exited(&self.shell)?,
        };
        if self.orders.get() != Order::None {
            return Ok(());
        }
        if let Some(exited) = &exited
            && is_idle
            && !goes_on(exited.code)
        {
            return Err(TargetError::NotResumed(exited.clone()));
        }
        if course.idle_lives > IDLE_LIVES {
            return Err(TargetError::Stuck(IDLE_LIVES));
        }
        if exited.is_some_and(|exited| exited.code == WANTS_REBOOT) {
            self.reboot()?;
        }
        self.job.life += 1;
        (self.tell)(Update::Life(self.job.life));
        self.note("the job was interrupted; it goes on");
        course.resumed = Some(Instant::now());
        course.supervisor = Some(Supervisor {
            pid: None,
            boot_id: self.facts.boot_id.clone(),
        });
        let mut args = vec!["--resume".to_owned(), "results".to_owned()];
        args.extend(self.wishes.resume_args.iter().cloned());
        self.launch(&args)
    }

    /// Waits for the end of this life of the job; `None` if it does not come within [`START_PATIENCE`].
    fn wait_for_exit(&self) -> Result<Option<Exited>, TargetError> {
        let start = Instant::now();
        loop {
            let exited = self.job.exited(&self.shell)?;
            let is_over = start.elapsed() > START_PATIENCE || self.orders.get() != Order::None;
            if exited.is_some() || is_over {
                return Ok(exited);
            }
            std::thread::sleep(FIRST_PAUSE);
        }
    }

    /// Asks the supervisor to end the job. Its results then come as usual. If it is gone, the order remains: either the
    /// job has ended, or the next record names a new supervisor.
    ///
    /// # Errors
    /// If the target does not answer.
    pub(super) fn end(&mut self, course: &mut Course) -> Result<(), TargetError> {
        let Some(pid) = course.supervisor_pid() else {
            return Ok(());
        };
        self.note("ending the job");
        let is_asked = loop {
            match self.job.end(&self.shell, pid) {
                Ok(is_asked) => break is_asked,
                Err(error) => self.recover(error)?,
            }
            if self.orders.get() == Order::Leave {
                return Ok(());
            }
        };
        if is_asked {
            self.is_ending = true;
            self.orders.obeyed();
        } else if let Some(supervisor) = &mut course.supervisor {
            supervisor.pid = None;
        }
        Ok(())
    }

    /// Concludes a session whose binary ended without a job.
    pub(super) fn not_begun(&mut self, exited: Exited) -> Outcome {
        self.remove();
        match exited.code {
            0 => Outcome::Nothing(exited.output),
            _ => Outcome::NotBegun(exited),
        }
    }

    /// Concludes a job whose results are here. It does no harm if the target goes away now.
    pub(super) fn conclude(&mut self, copy: &Copy) -> Outcome {
        for left_out in copy.left_out() {
            self.note(&format!("not copied: {left_out}"));
        }
        let is_here = copy.left_out().is_empty() && copy.sync().is_ok();
        if !is_here {
            let (directory, id) = (&self.job.directory, &self.job.id);
            self.note(&format!(
                "all results stay on the target, in {directory}/jobs/{id}"
            ));
        }
        let keep = self.wishes.keep || !is_here;
        let code = self
            .job
            .conclude(&self.shell, keep)
            .unwrap_or_else(|error| {
                self.note(&format!(
                    "what the job left on the target stays there: {error}"
                ));
                None
            });
        Outcome::Ended(code.unwrap_or_else(|| of_journal(copy)))
    }

    /// Removes the job's files from the target, unless the user keeps them.
    fn remove(&mut self) {
        if !self.wishes.keep
            && let Err(error) = self.job.remove(&self.shell)
        {
            self.note(&format!(
                "what the job left on the target stays there: {error}"
            ));
        }
    }
}

/// Whether a job whose binary exited with this code is to be resumed: the code says that it is unfinished or waits for
/// a reboot, or a signal ended it.
fn goes_on(code: i32) -> bool {
    matches!(code, UNFINISHED | WANTS_REBOOT | 129..=192)
}

/// The exit code that follows from the records.
fn of_journal(copy: &Copy) -> i32 {
    let mut result = autotest_report::JobResult::default();
    if let Ok(records) = copy.records() {
        records.for_each(|record| result.record(&record));
    }
    if result.has_failed() { 101 } else { 0 }
}
