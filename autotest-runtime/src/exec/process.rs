//! A process of the supervisor: its channel, its output, and ending it.

use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use super::capture::Capture;
use super::lines::Lines;
use super::procfs;
use super::unix::{self, ChildPid, Counts, Gate};
use super::verdict::Cause;

/// How long a process may take to exit after SIGTERM.
const GRACE: Duration = Duration::from_secs(3);

/// The same in an interrupted job.
const INTERRUPTED_GRACE: Duration = Duration::from_secs(1);

/// The same for the process of a package, whose job has its own grace period and then a `cleanup`.
#[cfg(feature = "packages")]
const GRACE_OF_A_JOB: Duration = Duration::from_secs(7);

/// How often to check whether a debugger still traces a process.
const TRACED: Duration = Duration::from_secs(1);

/// How many ancestors to follow: a chain of processes may change while it is read.
const MAX_ANCESTORS: usize = 1000;

/// A process and the connection to it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: ChildPid,
    /// The gate at which it waited before the run.
    gate: Gate,
    is_preforked: bool,
    /// `None` once the process has closed its end.
    channel: Option<OwnedFd>,
    lines: Lines,
    /// Replies that could not be sent yet.
    outgoing: Vec<u8>,
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    /// When the deadline was suspended, and the deadline.
    #[cfg(any(feature = "profilers", feature = "sysinfo"))]
    held: Option<(Instant, Option<Instant>)>,
    pub(super) cause: Option<Cause>,
    /// `true` for a package, whose tests get time for their `cleanup`.
    #[cfg(feature = "packages")]
    pub(super) has_job: bool,
    /// In an instrumented binary, its coverage counters, saved before it was killed.
    pub(super) counts: Option<Counts>,
}

impl Process {
    pub(super) fn new(
        pid: ChildPid,
        gate: Gate,
        channel: OwnedFd,
        stdout: Capture,
        stderr: Capture,
        timeout: Option<Duration>,
    ) -> Process {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let lines = Lines::default();
        let (channel, cause) = (Some(channel), None);
        Process {
            pid,
            gate,
            is_preforked: false,
            channel,
            lines,
            outgoing: Vec::new(),
            stdout,
            stderr,
            timeout,
            deadline,
            #[cfg(any(feature = "profilers", feature = "sysinfo"))]
            held: None,
            cause,
            #[cfg(feature = "packages")]
            has_job: false,
            counts: None,
        }
    }

    /// Marks the process as forked before its run began.
    pub(super) fn preforked(self) -> Process {
        Process {
            is_preforked: true,
            ..self
        }
    }

    /// `true` if this preforked process was killed or stopped by someone else before its test began.
    pub(super) fn is_lost(&self) -> bool {
        let is_asked_to_end = match self.cause {
            None | Some(Cause::Stopped(_)) => false,
            Some(
                Cause::Timeout(_)
                | Cause::JobTimeout(_)
                | Cause::Interrupted(_)
                | Cause::Parent
                | Cause::Control,
            ) => true,
        };
        self.is_preforked && !is_asked_to_end && !self.gate.is_passed()
    }

    /// The descriptors to poll.
    pub(super) fn fds(&self) -> impl Iterator<Item = RawFd> {
        [self.channel_fd(), self.stdout.fd(), self.stderr.fd()]
            .into_iter()
            .flatten()
    }

    /// The channel's descriptor; `None` once it is closed.
    pub(super) fn channel_fd(&self) -> Option<RawFd> {
        self.channel.as_ref().map(AsRawFd::as_raw_fd)
    }

    /// When [`on_deadline`](Process::on_deadline) must be called.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Sends a reply, or queues it if the process does not read.
    pub(super) fn answer(&mut self, line: &[u8]) {
        self.outgoing.extend_from_slice(line);
        self.send_outgoing();
    }

    /// Sends replies that could not be sent yet.
    pub(super) fn send_outgoing(&mut self) {
        if let Some(channel) = self.channel.as_ref().filter(|_| !self.outgoing.is_empty())
            && unix::send_now(channel.as_fd(), &mut self.outgoing).is_err()
        {
            self.outgoing.clear();
        }
    }

    /// The descriptor to poll until a reply can be sent; `None` if there is none to send.
    pub(super) fn waits_to_send(&self) -> Option<RawFd> {
        self.channel_fd().filter(|_| !self.outgoing.is_empty())
    }

    /// Reads lines from the channel, at most one buffer. Returns the number of bytes.
    pub(super) fn read_lines(&mut self, buffer: &mut [u8], f: impl FnMut(&[u8])) -> usize {
        let Some(channel) = &self.channel else {
            return 0;
        };
        match unix::receive(channel.as_fd(), buffer) {
            Ok(Some(0)) | Err(_) => self.channel = None,
            Ok(None) => {}
            Ok(Some(count)) => {
                self.lines.push(&buffer[..count], f);
                return count;
            }
        }
        0
    }

    /// Reads all remaining lines after the end of the process. Returns the number of lines that were too long or
    /// incomplete.
    pub(super) fn drain_lines(&mut self, buffer: &mut [u8], mut f: impl FnMut(&[u8])) -> u64 {
        let channel = self.channel.as_ref();
        let mut there = channel.map_or(0, |fd| unix::readable_bytes(fd.as_fd()));
        while there > 0 {
            let most = buffer.len().min(there);
            match self.read_lines(&mut buffer[..most], &mut f) {
                0 => break,
                count => there -= count,
            }
        }
        self.lines.dropped + u64::from(self.lines.is_cut())
    }

    /// Asks the process group to end: SIGTERM, then SIGCONT in case it is stopped.
    pub(super) fn end(&mut self, cause: Cause) {
        if self.cause.is_none() {
            self.cause = Some(cause);
            self.counts = Counts::of(self.pid);
            self.signal(libc::SIGTERM);
            self.signal(libc::SIGCONT);
            self.deadline = Instant::now().checked_add(self.grace(cause));
        }
    }

    /// How long it may take to exit.
    fn grace(&self, cause: Cause) -> Duration {
        #[cfg(feature = "packages")]
        if self.has_job {
            return GRACE_OF_A_JOB;
        }
        match cause {
            Cause::Interrupted(_) => INTERRUPTED_GRACE,
            Cause::Timeout(_)
            | Cause::JobTimeout(_)
            | Cause::Stopped(_)
            | Cause::Parent
            | Cause::Control => GRACE,
        }
    }

    /// Handles a deadline: the first one asks the process group to end, the second one kills it.
    pub(super) fn on_deadline(&mut self) {
        match (self.cause, self.timeout) {
            (None, Some(_)) if is_traced(self.pid) => {
                self.deadline = Instant::now().checked_add(TRACED);
            }
            (None, Some(timeout)) => self.end(Cause::Timeout(timeout)),
            _ => self.kill(),
        }
    }

    pub(super) fn kill(&mut self) {
        self.counts = Counts::of(self.pid).or(self.counts.take());
        self.signal(libc::SIGKILL);
        // The end of a traced process is only reported to us after its tracer has ended.
        let tracer = tracer_of(self.pid).filter(|tracer| is_below_us(*tracer));
        if let Some(tracer) = tracer.filter(|tracer| tracer.get() != own_pid()) {
            unix::signal_process(tracer, libc::SIGKILL);
        }
        self.deadline = None;
    }

    /// Signals the group, and the leader separately in case it left the group.
    fn signal(&self, signal: i32) {
        unix::signal_group(self.pid, signal);
        unix::signal_process(self.pid, signal);
    }

    /// Suspends the deadline while the test waits for others.
    #[cfg(any(feature = "profilers", feature = "sysinfo"))]
    pub(super) fn hold_deadline(&mut self) {
        if self.cause.is_none() && self.held.is_none() {
            self.held = Some((Instant::now(), self.deadline.take()));
        }
    }

    /// Resumes the deadline.
    #[cfg(any(feature = "profilers", feature = "sysinfo"))]
    pub(super) fn release_deadline(&mut self) {
        if let Some((since, deadline)) = self.held.take().filter(|_| self.cause.is_none()) {
            self.deadline = deadline.and_then(|at| at.checked_add(since.elapsed()));
        }
    }

    /// Sets the time limit after which it is asked to end.
    #[cfg(feature = "profilers")]
    pub(super) fn limit(&mut self, time: Duration) {
        if self.cause.is_none() {
            self.timeout = Some(time);
            self.deadline = Instant::now().checked_add(time);
        }
    }

    /// Removes the time limit, unless the process is being ended.
    #[cfg(feature = "profilers")]
    pub(super) fn unlimited(&mut self) {
        if self.cause.is_none() {
            (self.timeout, self.deadline) = (None, None);
        }
    }

    /// Closes the channel: no more requests follow.
    #[cfg(feature = "profilers")]
    pub(super) fn close(&mut self) {
        self.channel = None;
    }

    /// Postpones the deadline, after the supervisor itself was stopped.
    pub(super) fn postpone(&mut self, by: Duration) {
        self.deadline = self.deadline.and_then(|deadline| deadline.checked_add(by));
    }
}

/// `true` if a debugger traces the process; timeouts are suspended then. The supervisor and its descendants do not
/// count as debuggers, since a test could evade its timeout with one.
fn is_traced(pid: ChildPid) -> bool {
    tracer_of(pid).is_some_and(|tracer| !is_below_us(tracer))
}

fn tracer_of(pid: ChildPid) -> Option<ChildPid> {
    ChildPid::new(status_field(pid, "TracerPid:")?)
}

/// `true` for this process and its descendants. Orphans are our children, too.
fn is_below_us(pid: ChildPid) -> bool {
    let parent = |pid: &ChildPid| ChildPid::new(status_field(*pid, "PPid:")?);
    std::iter::successors(Some(pid), parent)
        .take(MAX_ANCESTORS)
        .any(|pid| pid.get() == own_pid())
}

fn own_pid() -> i32 {
    std::process::id().cast_signed()
}

/// Reads a number from `/proc/PID/status`.
fn status_field(pid: ChildPid, name: &str) -> Option<i32> {
    let status = procfs::text(procfs::of(pid)?.join("status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().parse().ok()
}
