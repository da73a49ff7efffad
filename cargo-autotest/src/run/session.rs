//! One target's part of a run: from the first connection until the results are home, however often the connection
//! breaks and the target restarts.

mod away;
mod ending;
mod follow;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use autotest_core::Event;
use autotest_report::Record;

use super::TargetError;
use super::copy::{Copy, CopyError};
use super::facts::Facts;
use super::job::{Exited, Started};
use super::order::{Order, Orders};
use super::payload::Payload;
use super::state::RemoteJob;
use super::store::Store;
use crate::target::{Parting, Shell, Target};

/// The wait before a failed operation is tried again.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The time that the supervisor of a started job may take to write its first record.
const START_PATIENCE: Duration = Duration::from_secs(10);

/// The user's options for a job.
#[derive(Clone, Debug)]
pub(super) struct Wishes {
    /// The flags of the suite's first start.
    pub(super) args: Vec<String>,
    /// The journal of an earlier job, of which some tests run again.
    pub(super) earlier: Option<PathBuf>,
    pub(super) environment: Vec<(String, String)>,
    /// Flags of each further start.
    pub(super) resume_args: Vec<String>,
    /// The time limit for waiting for an unreachable target.
    pub(super) patience: Duration,
    /// Whether to keep the job's files on the target.
    pub(super) keep: bool,
    /// Whether to leave the job running once it has begun.
    pub(super) detach: bool,
}

/// A message from a session about its progress.
#[derive(Debug)]
pub(super) enum Update {
    /// A line for the user.
    Note(String),
    /// An operation that takes a while.
    Doing(String),
    Record(Box<Record>),
    /// The earlier records are void, since the results are copied again.
    Again,
    /// The number of times that the job was resumed.
    Life(u32),
}

/// The outcome of a session.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The job ended, with the exit code of its binary.
    Ended(i32),
    /// The binary had nothing to do, and printed this.
    Nothing(String),
    /// The binary ended without a job.
    NotBegun(Exited),
    /// The user ended the job before it had begun, or while it was interrupted.
    Stopped,
    /// The user left the job running without this process.
    LeftRunning,
}

/// A target with its job.
pub(super) struct Session<'a> {
    pub(super) target: &'a Target,
    pub(super) shell: Shell,
    pub(super) facts: Facts,
    /// `None` if another process began the job, and copied the suite.
    pub(super) payload: Option<&'a Payload>,
    pub(super) job: RemoteJob,
    pub(super) jobdir: PathBuf,
    pub(super) wishes: Wishes,
    pub(super) orders: Arc<Orders>,
    pub(super) tell: Box<dyn FnMut(Update) + Send + 'a>,
    /// Whether this process has asked for the end of the job.
    pub(super) is_ending: bool,
}

/// The state of following a job.
struct Course {
    supervisor: Option<Supervisor>,
    /// The time at which this process resumed the job last.
    resumed: Option<Instant>,
    /// The number of consecutive times that the job was resumed without any new record.
    idle_lives: u32,
    /// The time since which all attempts to follow the job have failed.
    failing_since: Option<Instant>,
}

/// The process that writes the journal, or wrote it in an earlier boot of the target.
#[derive(Clone, Debug)]
struct Supervisor {
    /// `None` if it is not known, since no record of it has come.
    pid: Option<u32>,
    boot_id: String,
}

/// The result of following a job once.
enum Followed {
    Ended,
    Interrupted,
    /// The binary ended without a job.
    NotBegun(Exited),
    Ordered(Order),
}

impl Session<'_> {
    /// Takes the job to its end. The target is connected.
    ///
    /// # Errors
    /// If the job cannot be started or resumed, or the target stays away.
    pub(super) fn run(mut self) -> Result<Outcome, TargetError> {
        let outcome = self.take_to_its_end();
        match &outcome {
            Ok(Outcome::LeftRunning) => self.shell.part(Parting::Leave),
            Ok(Outcome::Ended(_) | Outcome::Nothing(_) | Outcome::NotBegun(_))
                if !self.wishes.keep =>
            {
                self.shell.part(Parting::Discard);
            }
            _ => {}
        }
        outcome
    }

    fn take_to_its_end(&mut self) -> Result<Outcome, TargetError> {
        fs_err::create_dir_all(&self.jobdir)
            .map_err(|error| CopyError::Write(self.jobdir.clone(), error))?;
        let mut copy = Copy::open(&self.jobdir)?;
        let mut course = Course {
            supervisor: None,
            resumed: None,
            idle_lives: 0,
            failing_since: None,
        };
        self.tell_what_is_here(&copy, &mut course);
        let completion = copy.completion();
        if completion.has_ended() && !completion.was_interrupted() {
            return Ok(self.conclude(&copy));
        }
        let mut outcome = self.begin(&copy)?;
        while outcome.is_none() {
            outcome = self.step(&mut copy, &mut course)?;
        }
        Ok(outcome.unwrap_or(Outcome::LeftRunning))
    }

    /// Sends the records that an earlier process received.
    fn tell_what_is_here(&mut self, copy: &Copy, course: &mut Course) {
        let Ok(records) = copy.records() else {
            return;
        };
        for record in records {
            course.note(&record);
            (self.tell)(Update::Record(Box::new(record)));
        }
    }

    /// Follows the job once, and decides what comes next. Returns `None` if the session is to call it again.
    fn step(
        &mut self,
        copy: &mut Copy,
        course: &mut Course,
    ) -> Result<Option<Outcome>, TargetError> {
        let records_before = copy.count();
        let followed = self.follow(copy, course);
        let has_news = copy.count() > records_before;
        if has_news || followed.is_ok() {
            course.failing_since = None;
        }
        match followed {
            Ok(Followed::Ended) => {
                let goes_on = copy.completion().was_interrupted() && self.restarts(course)?;
                if !goes_on {
                    return Ok(Some(self.conclude(copy)));
                }
                course.idle_lives = 0;
                self.go_on(course)
            }
            Ok(Followed::NotBegun(exited)) => Ok(Some(self.not_begun(exited))),
            Ok(Followed::Ordered(Order::Leave)) => Ok(Some(Outcome::LeftRunning)),
            Ok(Followed::Ordered(Order::End)) => {
                self.end(course)?;
                Ok(self.left())
            }
            Ok(Followed::Ordered(Order::None)) => Ok(None),
            Ok(Followed::Interrupted) => {
                course.idle_lives = if has_news { 0 } else { course.idle_lives + 1 };
                self.go_on(course)
            }
            Err(TargetError::Results(CopyError::Diverged)) => {
                // The target lost power, and with it records that it had already sent.
                self.note("the target's journal was cut; its results are copied again");
                copy.begin_again()?;
                (self.tell)(Update::Again);
                Ok(None)
            }
            Err(error) => self.try_again(error, copy, course),
        }
    }

    /// Resumes the job, unless the user wants it to end.
    fn go_on(&mut self, course: &mut Course) -> Result<Option<Outcome>, TargetError> {
        if self.orders.get() == Order::End && course.is_starting() {
            return Ok(None);
        }
        if self.is_ending || self.orders.get() == Order::End {
            return Ok(Some(Outcome::Stopped));
        }
        if let Err(error) = self.resume(course) {
            self.recover(error)?;
        }
        Ok(self.left())
    }

    /// Connects again after an error. It gives up after the user's time limit, since the error may have another cause
    /// than the connection.
    fn try_again(
        &mut self,
        error: TargetError,
        copy: &Copy,
        course: &mut Course,
    ) -> Result<Option<Outcome>, TargetError> {
        let since = *course.failing_since.get_or_insert_with(Instant::now);
        if since.elapsed() > self.wishes.patience {
            return Err(TargetError::Away(error.to_string()));
        }
        self.recover(error)?;
        self.pause(FIRST_PAUSE);
        match self.left() {
            None => self.begin(copy),
            left => Ok(left),
        }
    }

    fn left(&self) -> Option<Outcome> {
        (self.orders.get() == Order::Leave).then_some(Outcome::LeftRunning)
    }

    fn note(&mut self, text: &str) {
        (self.tell)(Update::Note(text.to_owned()));
    }

    /// Starts the job unless it has begun, however often the connection breaks.
    fn begin(&mut self, copy: &Copy) -> Result<Option<Outcome>, TargetError> {
        if self.job.life > 0 || !copy.is_empty() {
            return Ok(None);
        }
        loop {
            match self.start() {
                Ok(()) => return Ok(None),
                Err(TargetError::Stopped) => return Ok(Some(Outcome::Stopped)),
                Err(error) => self.recover(error)?,
            }
            if let Some(left) = self.left() {
                return Ok(Some(left));
            }
        }
    }

    fn start(&mut self) -> Result<(), TargetError> {
        if self.orders.get() == Order::End {
            // It may have been started already, even if the answer was lost.
            return match self.job.is_started(&self.shell)? {
                true => Ok(()),
                false => Err(TargetError::Stopped),
            };
        }
        if let Some(earlier) = &self.wishes.earlier {
            self.job.send_earlier(&self.shell, earlier)?;
        }
        let args = self.wishes.args.clone();
        self.launch(&args)
    }

    /// Starts this life of the job, unless it has been started. Copies the suite first if the target lacks it.
    fn launch(&mut self, args: &[String]) -> Result<(), TargetError> {
        for _ in 0..2 {
            let environment = &self.wishes.environment;
            match self.job.start(&self.shell, args, environment)? {
                Started::Yes => return Ok(()),
                Started::NoSuite => self.provide()?,
            }
        }
        let why = "the files of the suite disappear";
        Err(TargetError::Failed(why.to_owned()))
    }

    fn provide(&mut self) -> Result<(), TargetError> {
        let Some(payload) = self.payload else {
            return Err(TargetError::SuiteGone);
        };
        let what = format!("copying {} to {}", payload.label, self.target.name());
        (self.tell)(Update::Doing(what));
        let (shell, facts, orders) = (&self.shell, &self.facts, &self.orders);
        let is_stopped = || orders.get() == Order::End;
        let copied = Store { shell, facts }.provide(payload, is_stopped)?;
        if copied.files > 0 {
            let s = if copied.files == 1 { "" } else { "s" };
            let (files, bytes) = (copied.files, copied.bytes);
            self.note(&format!("copied {files} file{s}, {bytes} bytes"));
        }
        Ok(())
    }
}

impl Course {
    fn note(&mut self, record: &Record) {
        let (pid, boot_id) = match &record.event {
            Event::JobStart(job) => (job.pid, &job.boot_id),
            Event::JobResume(job) => (job.pid, &job.boot_id),
            _ => return,
        };
        self.supervisor = Some(Supervisor {
            pid: Some(pid),
            boot_id: boot_id.clone(),
        });
    }

    /// The process that can end the job, if it is known.
    fn supervisor_pid(&self) -> Option<u32> {
        self.supervisor.as_ref()?.pid
    }

    /// Whether the job was just resumed, so that its new supervisor may not have written anything yet.
    fn is_starting(&self) -> bool {
        let is_recent = |resumed: Instant| resumed.elapsed() < START_PATIENCE;
        self.supervisor_pid().is_none() && self.resumed.is_some_and(is_recent)
    }
}
