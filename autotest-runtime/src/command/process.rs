//! The process of a command. It leads a process group of its own.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, pidfd_open,
    waitid,
};

use super::capture::{Capture, Stream};
use super::error::ended;
use super::pipes::Pipes;
use crate::waiting::Limit;

/// How long a program may take to end after SIGTERM.
pub(super) const GRACE: Duration = Duration::from_secs(2);
/// How long SIGKILL may take, for example where a process hangs in the kernel.
const KILL_GRACE: Duration = Duration::from_secs(1);
/// How often to look for the end of a program on kernels that cannot wait for it (before Linux 5.3).
const INTERVAL: Duration = Duration::from_millis(10);

/// A program that was started.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// Becomes readable when the process ends; `None` on old kernels.
    pidfd: Option<OwnedFd>,
    started: Instant,
}

/// How waiting for a program ended.
#[derive(Debug)]
pub(super) enum End {
    /// The program ended.
    Exited(ExitStatus),
    /// Its time was over, and it was ended.
    TimedOut {
        /// How long it had run.
        after: Duration,
        /// `None` if not even SIGKILL ended it.
        status: Option<ExitStatus>,
    },
    /// Somebody else took its exit status.
    Lost(io::Error),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Exited(status) => f.write_str(&ended(*status)),
            End::TimedOut {
                status: Some(status),
                ..
            } => write!(f, "was ended: {}", ended(*status)),
            End::TimedOut { status: None, .. } => f.write_str("cannot be ended"),
            End::Lost(error) => write!(f, "ended: {error}"),
        }
    }
}

impl Process {
    /// # Errors
    /// If the program cannot be started.
    pub(super) fn start(command: &mut Command) -> io::Result<(Process, Pipes)> {
        let started = Instant::now();
        let mut child = command.process_group(0).spawn()?;
        let pidfd = pidfd_open(Pid::from_child(&child), PidfdFlags::empty()).ok();
        let stdout = child
            .stdout
            .take()
            .map(|pipe| (Stream::Stdout, pipe.into()));
        let stderr = child
            .stderr
            .take()
            .map(|pipe| (Stream::Stderr, pipe.into()));
        let pipes = Pipes::new(stdout.into_iter().chain(stderr));
        let mut process = Process {
            child,
            pidfd,
            started,
        };
        match pipes {
            Ok(pipes) => Ok((process, pipes)),
            Err(error) => {
                process.end(Duration::ZERO, |_| ());
                Err(error)
            }
        }
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Waits for the end, and ends the process group if the time is over.
    pub(super) fn wait(&mut self, limit: Limit, mut pipes: Pipes, capture: &mut Capture) -> End {
        let mut pump = |pidfd: Option<&OwnedFd>, timeout| {
            pipes.wait(pidfd.map(AsFd::as_fd), timeout);
            pipes.read(capture);
        };
        loop {
            match self.child.try_wait() {
                Ok(None) => {}
                Ok(Some(status)) => {
                    pump(None, Some(Duration::ZERO));
                    return End::Exited(status);
                }
                Err(error) => return End::Lost(error),
            }
            if limit.is_over() {
                let after = self.elapsed();
                let pidfd = self.pidfd.take();
                let status = self.end(limit.grace(GRACE), |timeout| pump(pidfd.as_ref(), timeout));
                return End::TimedOut { after, status };
            }
            let timeout = self.look_again_in(limit.left());
            pump(self.pidfd.as_ref(), timeout);
        }
    }

    /// How it ended; `None` as long as it runs.
    pub(super) fn status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    fn look_again_in(&self, left: Option<Duration>) -> Option<Duration> {
        match self.pidfd {
            Some(_) => left,
            None => Some(left.map_or(INTERVAL, |left| left.min(INTERVAL))),
        }
    }

    /// Ends the process group: SIGTERM, and after `grace` SIGKILL. `wait` waits for an event, at most for the
    /// given time. Returns `None` if that does not end the process.
    pub(super) fn end(
        &mut self,
        grace: Duration,
        mut wait: impl FnMut(Option<Duration>),
    ) -> Option<ExitStatus> {
        // A stopped process ends by SIGTERM only once it continues.
        self.signal(Signal::TERM);
        self.signal(Signal::CONT);
        self.wait_until_over(Instant::now() + grace, &mut wait);
        // Also if the process has ended: not yet reaped, it keeps the number of its group, in which others may be.
        self.signal(Signal::KILL);
        self.wait_until_over(Instant::now() + KILL_GRACE, &mut wait);
        let status = self.child.try_wait().ok()?;
        wait(Some(Duration::ZERO));
        status
    }

    fn wait_until_over(&self, until: Instant, wait: &mut impl FnMut(Option<Duration>)) {
        while !self.is_over() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            wait(Some(left.min(INTERVAL)));
        }
    }

    /// Whether the process has ended. It is not reaped.
    fn is_over(&self) -> bool {
        !matches!(self.peek(), Ok(None))
    }

    /// Sends a signal to the process group, unless the process was reaped: then its number may be another
    /// one's.
    pub(super) fn signal(&self, signal: Signal) {
        if self.peek().is_ok() {
            let _ = kill_process_group(Pid::from_child(&self.child), signal);
        }
    }

    /// # Errors
    /// If the process was reaped.
    fn peek(&self) -> rustix::io::Result<Option<WaitIdStatus>> {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_child(&self.child)), options)
    }
}
