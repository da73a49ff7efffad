//! The state of a run in progress in the supervisor.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use autotest_core::{Directories, Event, Kind, Phase, Subtest, Verdict};

use super::capture::Capture;
use super::lines::Lines;
use super::procfs;
use super::source::Requester;
use super::unix::{self, ChildPid, Counts, Gate};
use super::verdict::Cause;
use super::wire::TestMessage;
use crate::plan::PlannedRun;

/// How long a process may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(3);

/// The same for an interrupted job.
const INTERRUPTED_GRACE: Duration = Duration::from_secs(1);

/// How often to check whether a debugger still traces a process.
const TRACED: Duration = Duration::from_secs(1);

/// How many ancestors to follow: a chain of processes may change while it is read.
const MAX_ANCESTORS: usize = 1000;

/// A run in progress.
#[derive(Clone, Debug)]
pub(super) struct ActiveRun {
    pub(super) number: u32,
    pub(super) run: PlannedRun,
    pub(super) requester: Requester,
    /// Whether it was interrupted with its job and only its `cleanup` runs.
    pub(super) is_cut_off: bool,
    pub(super) started: Instant,
}

/// A run and its process.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) active: ActiveRun,
    pub(super) directories: Directories,
    pub(super) process: Process,
    pub(super) received: Received,
    /// The verdict of the run, if this process only runs its `cleanup`.
    pub(super) decided: Option<Verdict>,
}

/// A process and the connection with it.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: ChildPid,
    /// The gate at which it waited before the run.
    gate: Gate,
    is_preforked: bool,
    /// `None` once the test's side is closed.
    channel: Option<OwnedFd>,
    lines: Lines,
    pub(super) stdout: Capture,
    pub(super) stderr: Capture,
    timeout: Option<Duration>,
    deadline: Option<Instant>,
    pub(super) cause: Option<Cause>,
    /// Its coverage counters before it was killed, in an instrumented binary.
    pub(super) counts: Option<Counts>,
}

/// The messages from a run's process.
#[derive(Debug, Default)]
pub(super) struct Received {
    pub(super) outcome: Option<Option<Verdict>>,
    /// The last phase that began.
    pub(super) phase: Option<Phase>,
    /// The number of lines that are not valid messages.
    pub(super) garbage: u64,
    pub(super) saved: BTreeMap<String, serde_json::Value>,
    /// The size of all lines.
    bytes: u64,
    /// The number of events beyond the limit.
    pub(super) dropped: u64,
}

/// The limit for the events of one run. A run that sends more has gone wrong and would fill the disk.
pub(super) const MAX_EVENT_BYTES: u64 = 256 << 20;

/// How much beyond that limit phases are still recorded.
const MAX_PHASE_BYTES: u64 = 1 << 20;

/// What the supervisor must do for a line.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    Event(Event),
    /// Reply once everything before it is in the journal.
    Barrier,
    Subtest {
        subtest: Subtest,
        in_setup: bool,
    },
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
            stdout,
            stderr,
            timeout,
            deadline,
            cause,
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

    /// Whether this preforked process was ended or stopped from outside before its test began.
    pub(super) fn is_lost(&self) -> bool {
        let is_asked_to_end = match self.cause {
            None | Some(Cause::Stopped(_)) => false,
            Some(
                Cause::Timeout(_) | Cause::JobTimeout(_) | Cause::Interrupted(_) | Cause::Parent,
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

    /// Sends a reply.
    pub(super) fn answer(&self, line: &[u8]) {
        if let Some(channel) = &self.channel {
            let _ = unix::send_now(channel.as_fd(), line);
        }
    }

    /// Asks the process group to end: SIGTERM, then SIGCONT in case it is stopped.
    pub(super) fn end(&mut self, cause: Cause) {
        if self.cause.is_none() {
            self.cause = Some(cause);
            self.counts = Counts::of(self.pid);
            self.signal(libc::SIGTERM);
            self.signal(libc::SIGCONT);
            let grace = match cause {
                Cause::Interrupted(_) => INTERRUPTED_GRACE,
                Cause::Timeout(_) | Cause::JobTimeout(_) | Cause::Stopped(_) | Cause::Parent => {
                    GRACE
                }
            };
            self.deadline = Instant::now().checked_add(grace);
        }
    }

    /// The first deadline asks the process group to end, the second kills it.
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
        // The end of a traced process is not reported to us until its tracer ends.
        let tracer = tracer_of(self.pid).filter(|tracer| is_below_us(*tracer));
        if let Some(tracer) = tracer.filter(|tracer| tracer.get() != own_pid()) {
            unix::signal_process(tracer, libc::SIGKILL);
        }
        self.deadline = None;
    }

    /// Signals the group, and the leader in case it left its group.
    fn signal(&self, signal: i32) {
        unix::signal_group(self.pid, signal);
        unix::signal_process(self.pid, signal);
    }

    /// Postpones the deadline, after the supervisor itself was stopped.
    pub(super) fn postpone(&mut self, by: Duration) {
        self.deadline = self.deadline.and_then(|deadline| deadline.checked_add(by));
    }
}

impl Slot {
    /// A run whose process has sent nothing yet.
    pub(super) fn new(active: ActiveRun, directories: Directories, process: Process) -> Slot {
        Slot {
            active,
            directories,
            process,
            received: Received::default(),
            decided: None,
        }
    }

    /// Reads messages, at most one buffer. Returns the number of bytes.
    pub(super) fn read_channel(
        &mut self,
        buffer: &mut [u8],
        incoming: &mut Vec<Incoming>,
    ) -> usize {
        let Some(channel) = &self.process.channel else {
            return 0;
        };
        match unix::receive(channel.as_fd(), buffer) {
            Ok(Some(0)) | Err(_) => self.process.channel = None,
            Ok(None) => {}
            Ok(Some(count)) => {
                let (received, lines) = (&mut self.received, &mut self.process.lines);
                lines.push(&buffer[..count], |line| received.take(line, incoming));
                return count;
            }
        }
        0
    }

    /// Called after the end of the process: reads all remaining messages.
    pub(super) fn drain_channel(&mut self, buffer: &mut [u8], incoming: &mut Vec<Incoming>) {
        let channel = self.process.channel.as_ref();
        let mut there = channel.map_or(0, |fd| unix::readable_bytes(fd.as_fd()));
        while there > 0 {
            let most = buffer.len().min(there);
            match self.read_channel(&mut buffer[..most], incoming) {
                0 => break,
                count => there -= count,
            }
        }
        self.received.garbage +=
            self.process.lines.dropped + u64::from(self.process.lines.is_cut());
    }
}

impl Received {
    fn take(&mut self, line: &[u8], incoming: &mut Vec<Incoming>) {
        self.bytes += line.len() as u64;
        match TestMessage::from_line(line) {
            Ok(TestMessage::Event(event)) if is_a_tests(&event) => {
                self.note(&event);
                let is_needed = matches!(event, Event::Phase(_));
                if self.bytes <= MAX_EVENT_BYTES
                    || (is_needed && self.bytes <= MAX_EVENT_BYTES + MAX_PHASE_BYTES)
                {
                    incoming.push(Incoming::Event(event));
                } else {
                    self.dropped += 1;
                }
            }
            Ok(TestMessage::Outcome(outcome)) if self.outcome.is_none() => {
                self.outcome = Some(outcome.map(as_a_tests));
            }
            Ok(TestMessage::Barrier) => incoming.push(Incoming::Barrier),
            Ok(TestMessage::Subtest { subtest, in_setup }) => {
                incoming.push(Incoming::Subtest { subtest, in_setup });
            }
            // A second outcome must come from another process.
            Ok(TestMessage::Outcome(_)) => self.outcome = Some(Some(two_outcomes())),
            Ok(TestMessage::Event(_)) | Err(_) => self.garbage += 1,
        }
    }

    fn note(&mut self, event: &Event) {
        match event {
            Event::Phase(phase) => self.phase = Some(*phase),
            Event::Saved { key, value } if self.bytes <= MAX_EVENT_BYTES => {
                self.saved.insert(key.clone(), value.clone());
            }
            _ => {}
        }
    }
}

/// Replaces a kind of verdict that only the supervisor may give.
fn as_a_tests(verdict: Verdict) -> Verdict {
    let kind = match verdict.kind {
        Kind::CutOff => Kind::Error,
        kind => kind,
    };
    Verdict { kind, ..verdict }
}

fn two_outcomes() -> Verdict {
    Verdict::new(Kind::Error, "sent more than one outcome")
}

/// Whether a test may send this event. Only the supervisor sends the others.
fn is_a_tests(event: &Event) -> bool {
    match event {
        Event::JobStart(_)
        | Event::JobEnd { .. }
        | Event::JobResume(_)
        | Event::TestStart(_)
        | Event::TestEnd { .. }
        | Event::Process { .. }
        | Event::Attempt { .. } => false,
        Event::Phase(_)
        | Event::Keyval(_)
        | Event::IterationKeyval { .. }
        | Event::Perf(_)
        | Event::Status(_)
        | Event::Suppressed { .. }
        | Event::Progress { .. }
        | Event::Artifact { .. }
        | Event::Saved { .. }
        | Event::HookTimer { .. } => true,
    }
}

/// Whether a debugger traces the process; if so, timeouts are suspended. The supervisor and its descendants
/// do not count as debuggers: a test could evade its timeout with one.
fn is_traced(pid: ChildPid) -> bool {
    tracer_of(pid).is_some_and(|tracer| !is_below_us(tracer))
}

fn tracer_of(pid: ChildPid) -> Option<ChildPid> {
    ChildPid::new(status_field(pid, "TracerPid:")?)
}

/// Whether a process is this one or a descendant. Orphans are our children, too.
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
    let status = std::fs::read_to_string(procfs::of(pid)?.join("status")).ok()?;
    let value = status.lines().find_map(|line| line.strip_prefix(name))?;
    value.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_phases_are_kept_and_the_rest_is_counted() {
        let mut received = Received {
            bytes: MAX_EVENT_BYTES,
            ..Received::default()
        };
        let mut incoming = Vec::new();
        for event in [
            Event::Phase(Phase::Cleanup),
            Event::Keyval(vec![("one".to_owned(), 1.into())]),
        ] {
            received.take(&TestMessage::Event(event).line(), &mut incoming);
        }
        assert_eq!(incoming, [Incoming::Event(Event::Phase(Phase::Cleanup))]);
        assert_eq!((received.dropped, received.garbage), (1, 0));
        received.take(&TestMessage::Outcome(None).line(), &mut incoming);
        assert_eq!(received.outcome, Some(None));
    }
}
