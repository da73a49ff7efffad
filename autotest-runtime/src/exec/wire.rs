//! The protocol between a test's process and the supervisor: JSON lines over a socket.

mod control;
#[cfg(feature = "profilers")]
mod profiler;

use std::io::{BufRead, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use autotest_core::{
    Args, Event, Kind, Phase, RunResult, Sink, Status, Subtest, TestError, Verdict,
};
use autotest_report::{event_from_json, json, write_event};
use serde::{Deserialize, Serialize};

use super::run_spec::RunSpec;
use super::unix;
pub(super) use control::{ControlMessage, ControlReply};
#[cfg(feature = "profilers")]
pub(super) use profiler::{ProfilerMessage, ProfilerRequest};

/// A message from a test's process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum TestMessage {
    /// An event of the test, in the format of the journal.
    #[serde(skip)]
    Event(Event),
    /// Requests a reply once all previous messages are in the journal; the test waits for it.
    Barrier,
    /// The outcome of the run: the last message.
    Outcome(Option<Verdict>),
    /// Requests that sysinfo is collected at this step; the test waits for the reply.
    #[cfg(feature = "sysinfo")]
    Sysinfo(autotest_core::SysinfoStep),
    /// Requests a subtest; the test waits for the reply.
    Subtest {
        /// The subtest.
        subtest: Subtest,
        /// The values of secret arguments, which are not serialised with the others.
        #[serde(default, skip_serializing_if = "Args::is_empty")]
        secrets: Args,
        /// `true` if the test is in its own `setup`, and thus holds the setup lock.
        in_setup: bool,
    },
    /// Requests a step of the run's profilers; the test waits for the reply.
    #[cfg(feature = "profilers")]
    Profile {
        /// The step.
        step: autotest_core::ProfilerStep,
        /// The number of the profiled iteration.
        iteration: u64,
    },
}

/// A reply from the supervisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// All previous messages are in the journal.
    Recorded,
    /// The subtest ended.
    Ended(#[serde(with = "json::shared")] RunResult),
    /// The subtest cannot run, with the reason.
    Refused(String),
    /// The profilers have performed the step, or failed.
    #[cfg(feature = "profilers")]
    Profiled {
        /// `true` if they are active now.
        are_active: bool,
    },
}

/// The parts of a line around an event.
const EVENT_PREFIX: &[u8] = b"{\"event\":";
const EVENT_SUFFIX: u8 = b'}';

/// The size of a typical line, which then needs no second allocation.
const USUAL_LINE_BYTES: usize = 128;

/// The longest line that the supervisor accepts; a longer one is dropped.
pub(super) const MAX_LINE_BYTES: usize = 64 << 10;

impl TestMessage {
    /// The line of this message. If it would be too long, the texts of a verdict are cut, and an event is replaced by a
    /// record that it is missing.
    pub(super) fn line(&self) -> Vec<u8> {
        let line = self.json();
        let is_too_long = line.len() > MAX_LINE_BYTES;
        match self {
            TestMessage::Outcome(Some(verdict)) if is_too_long => {
                TestMessage::Outcome(Some(shortened(verdict))).json()
            }
            TestMessage::Event(_) | TestMessage::Subtest { .. } if is_too_long => {
                TestMessage::Event(not_recorded(format!(
                    "of {} bytes was not recorded: the limit is {MAX_LINE_BYTES} bytes",
                    line.len()
                )))
                .json()
            }
            TestMessage::Event(_) if is_deeper(&line, MAX_DEPTH) => {
                TestMessage::Event(not_recorded(format!(
                    "was not recorded: it is nested deeper than {MAX_DEPTH} levels"
                )))
                .json()
            }
            TestMessage::Outcome(_)
            | TestMessage::Event(_)
            | TestMessage::Barrier
            | TestMessage::Subtest { .. } => line,
            #[cfg(feature = "sysinfo")]
            TestMessage::Sysinfo(_) => line,
            #[cfg(feature = "profilers")]
            TestMessage::Profile { .. } => line,
        }
    }

    fn json(&self) -> Vec<u8> {
        let mut line = Vec::with_capacity(USUAL_LINE_BYTES);
        let written = match self {
            TestMessage::Event(event) => {
                line.extend_from_slice(EVENT_PREFIX);
                let written = write_event(event, &mut line);
                line.push(EVENT_SUFFIX);
                written
            }
            other => serde_json::to_writer(&mut line, other),
        };
        if written.is_err() {
            line.clear();
        }
        line.push(b'\n');
        line
    }

    /// Parses a line, with or without its newline.
    ///
    /// # Errors
    /// If it is not a message.
    pub(super) fn from_line(line: &[u8]) -> serde_json::Result<TestMessage> {
        let line = line.trim_ascii_end();
        let event = line.strip_prefix(EVENT_PREFIX);
        match event.and_then(|event| event.strip_suffix(&[EVENT_SUFFIX])) {
            Some(event) => event_from_json(event).map(TestMessage::Event),
            None => json::from_slice(line),
        }
    }
}

/// Serialises a value as a line of JSON.
fn line_of(value: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line
}

/// The run for a process that was forked before the run was known.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AssignedRun {
    /// The id of the test.
    pub(super) test: String,
    /// The value of the environment variable that marks the run's processes.
    pub(super) mark: String,
    /// The run.
    pub(super) spec: RunSpec,
}

impl AssignedRun {
    /// The line to send.
    pub(super) fn line(&self) -> Vec<u8> {
        line_of(self)
    }
}

/// Cuts the texts of a verdict.
fn shortened(verdict: &Verdict) -> Verdict {
    Verdict {
        reason: shortened_text(&verdict.reason),
        backtrace: verdict.backtrace.as_deref().map(shortened_text),
        ..verdict.clone()
    }
}

/// The beginning of a text that is too long for a line.
fn shortened_text(text: &str) -> String {
    const KEPT_CHARS: usize = 2000;
    match text.char_indices().nth(KEPT_CHARS) {
        Some((end, _)) => format!("{} [cut: {} bytes in all]", &text[..end], text.len()),
        None => text.to_owned(),
    }
}

/// The limit on the nesting of a line, with the levels around a value: that of the supervisor's parser.
const MAX_DEPTH: usize = 127;

/// The limit for a control function's requests, which are a level deeper in the journal.
pub(super) const MAX_REQUEST_DEPTH: usize = MAX_DEPTH - 1;

/// `true` if a line is nested deeper than this many levels.
pub(super) fn is_deeper(line: &[u8], most: usize) -> bool {
    let opening = line.iter().filter(|byte| matches!(byte, b'[' | b'{'));
    opening.count() > most && depth(line) > most
}

/// How deeply the lists and objects of a line of JSON are nested.
fn depth(line: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_in_text, mut is_escaped) = (false, false);
    for byte in line {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => is_in_text = !is_in_text,
            _ if is_in_text => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn not_recorded(why: String) -> Event {
    let reason = format!("an event {why}; write such data to a file in the output directory");
    Event::Suppressed {
        verdict: Verdict::new(Kind::Error, reason),
        origin: "event".to_owned(),
    }
}

/// The test's side of the channel.
#[derive(Debug)]
pub(super) struct Channel {
    /// The id of the process that may send. Processes that the test forks must not send in its name.
    pid: u32,
    /// The socket, from which replies are read.
    replies: BufReader<UnixStream>,
}

/// The size of the read buffer: most replies are short.
const REPLY_BYTES: usize = 256;

impl Channel {
    pub(super) fn new(fd: OwnedFd) -> Channel {
        Channel {
            pid: std::process::id(),
            replies: BufReader::with_capacity(REPLY_BYTES, UnixStream::from(fd)),
        }
    }

    /// Receives the run of this process. `None` if the supervisor has ended.
    pub(super) fn assigned(&mut self) -> Option<AssignedRun> {
        let mut line = Vec::new();
        self.replies.read_until(b'\n', &mut line).ok()?;
        json::from_slice(&line).ok()
    }

    /// Sends a message. Does nothing if the supervisor has ended.
    pub(super) fn send(&self, message: &TestMessage) {
        if std::process::id() == self.pid {
            let _ = unix::send_all(self.replies.get_ref().as_fd(), &message.line());
        }
    }

    /// Waits until all messages are in the journal, or the supervisor has ended.
    fn wait_for_record(&mut self) {
        if std::process::id() == self.pid {
            self.send(&TestMessage::Barrier);
            let _ = self.replies.read_line(&mut String::new());
        }
    }

    /// Waits until sysinfo has been collected at this step, or the supervisor has ended.
    #[cfg(feature = "sysinfo")]
    pub(super) fn collect_sysinfo(&mut self, step: autotest_core::SysinfoStep) {
        if std::process::id() == self.pid {
            self.send(&TestMessage::Sysinfo(step));
            let _ = self.replies.read_line(&mut String::new());
        }
    }

    /// Requests a subtest and waits until it ends.
    pub(super) fn run_subtest(
        &mut self,
        subtest: Subtest,
        in_setup: bool,
    ) -> Result<RunResult, TestError> {
        let name = subtest.name.clone();
        let request = TestMessage::Subtest {
            secrets: subtest.args.secrets(),
            subtest,
            in_setup,
        };
        let line = request.json();
        if line.len() > MAX_LINE_BYTES {
            let reason = format!("{name}: its arguments are longer than {MAX_LINE_BYTES} bytes");
            return Err(TestError::error(reason));
        }
        if is_deeper(&line, MAX_DEPTH) {
            let reason = format!("{name}: an argument is nested deeper than {MAX_DEPTH} levels");
            return Err(TestError::error(reason));
        }
        self.send(&request);
        let mut line = String::new();
        let lost = || TestError::error("the supervisor did not answer");
        self.replies.read_line(&mut line).map_err(|_| lost())?;
        match json::from_slice(line.as_bytes()).map_err(|_| lost())? {
            Reply::Recorded => Err(lost()),
            #[cfg(feature = "profilers")]
            Reply::Profiled { .. } => Err(lost()),
            Reply::Ended(result) if result.status == Status::Abort => {
                Err(TestError::abort_job(format!("{name} ended the job")))
            }
            Reply::Ended(result) => Ok(result),
            Reply::Refused(reason) => Err(TestError::error(reason)),
        }
    }
}

#[cfg(feature = "profilers")]
impl Channel {
    /// Requests a step of the run's profilers, and waits until it is complete. Returns `true` if they are active
    /// afterwards.
    pub(super) fn profile(
        &mut self,
        step: autotest_core::ProfilerStep,
        iteration: u64,
    ) -> Result<bool, TestError> {
        let lost = || TestError::error("the supervisor did not answer");
        if std::process::id() != self.pid {
            let reason = "only the process of the test can ask for its profilers";
            return Err(TestError::error(reason));
        }
        self.send(&TestMessage::Profile { step, iteration });
        let mut line = String::new();
        self.replies.read_line(&mut line).map_err(|_| lost())?;
        match json::from_slice(line.as_bytes()).map_err(|_| lost())? {
            Reply::Profiled { are_active } => Ok(are_active),
            Reply::Recorded | Reply::Ended(_) | Reply::Refused(_) => Err(lost()),
        }
    }
}

/// Sends a test's events to the supervisor.
pub(super) struct ChannelSink(pub(super) std::rc::Rc<std::cell::RefCell<Channel>>);

impl Sink for ChannelSink {
    /// Sends an event. Those that decide whether `cleanup` must be run, and with which state, must be in the journal
    /// before the test continues, since the supervisor may be killed.
    fn accept(&mut self, event: Event) {
        let is_for_cleanup = matches!(
            event,
            Event::Phase(Phase::Initialize | Phase::Cleanup)
                | Event::Saved { .. }
                | Event::ChangedFile {
                    original: Some(_),
                    ..
                }
        );
        let mut channel = self.0.borrow_mut();
        channel.send(&TestMessage::Event(event));
        if is_for_cleanup {
            channel.wait_for_record();
        }
    }
}
