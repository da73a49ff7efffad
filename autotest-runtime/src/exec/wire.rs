//! What a test's process and the supervisor say to each other: JSON lines over one socket.

use std::io::{BufRead, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;

use autotest_core::{Event, Kind, Phase, Sink, Status, Subtest, TestError, Verdict};
use serde::{Deserialize, Serialize};

use super::unix;

/// From the test's process.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Up {
    /// Something happened.
    Event(Event),
    /// The test waits until all that it said is on record; an answer follows.
    Barrier,
    /// The last line: how the run ended.
    Outcome(Option<Verdict>),
    /// The test waits for a subtest; an answer follows.
    Subtest {
        /// Which.
        subtest: Subtest,
        /// Whether the test's own setup is on, and holds the lock of all setups.
        in_setup: bool,
    },
}

/// From the supervisor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Down {
    /// What was said is on record.
    Recorded,
    /// The subtest ended with this status.
    Ended(Status),
    /// There is no such subtest.
    Refused(String),
}

/// The longest line that the supervisor takes; a longer one is dropped.
pub(super) const MAX_LINE_BYTES: usize = 64 << 10;

impl Up {
    /// The line of this message, or what takes its place if it is too long to be taken: an outcome
    /// keeps its verdict, an event is told to be missing.
    pub(super) fn line(&self) -> Vec<u8> {
        let line = self.json();
        let is_too_long = line.len() > MAX_LINE_BYTES;
        match self {
            Up::Outcome(Some(verdict)) if is_too_long => {
                Up::Outcome(Some(shortened(verdict))).json()
            }
            Up::Event(_) | Up::Subtest { .. } if is_too_long => Up::Event(not_recorded(format!(
                "of {} bytes was not recorded: at most {MAX_LINE_BYTES} can be",
                line.len()
            )))
            .json(),
            Up::Event(_) if is_too_deep(&line) => Up::Event(not_recorded(format!(
                "was not recorded: its value is nested deeper than {MAX_DEPTH} levels"
            )))
            .json(),
            Up::Outcome(_) | Up::Event(_) | Up::Barrier | Up::Subtest { .. } => line,
        }
    }

    fn json(&self) -> Vec<u8> {
        let mut line = serde_json::to_vec(self).unwrap_or_default();
        line.push(b'\n');
        line
    }
}

/// A verdict whose texts are cut.
fn shortened(verdict: &Verdict) -> Verdict {
    const KEPT_CHARS: usize = 2000;
    let cut = |text: &str| {
        let kept: String = text.chars().take(KEPT_CHARS).collect();
        format!("{kept} [cut: {} bytes in all]", text.len())
    };
    Verdict {
        reason: cut(&verdict.reason),
        backtrace: verdict.backtrace.as_deref().map(cut),
        ..verdict.clone()
    }
}

/// How deep a value may nest: what the parser on the other side takes, with room for what is around it.
const MAX_DEPTH: usize = 100;

/// Whether the other side might not take the line because of its nesting.
fn is_too_deep(line: &[u8]) -> bool {
    let opening = line.iter().filter(|byte| matches!(byte, b'[' | b'{'));
    opening.count() > MAX_DEPTH && serde_json::from_slice::<serde::de::IgnoredAny>(line).is_err()
}

fn not_recorded(why: String) -> Event {
    let reason = format!("an event {why}; write more to a file of the output directory");
    Event::Suppressed {
        verdict: Verdict::new(Kind::Error, reason),
        origin: "event".to_owned(),
    }
}

/// The channel of a test's process.
#[derive(Debug)]
pub(super) struct Channel {
    /// The process that it is for. A copy of the test, forked by the test, does not speak for it.
    pid: u32,
    /// The socket; what is read from it are replies.
    replies: BufReader<UnixStream>,
}

/// A reply is short, but for one with a reason.
const REPLY_BYTES: usize = 256;

impl Channel {
    pub(super) fn new(fd: OwnedFd) -> Channel {
        Channel {
            pid: std::process::id(),
            replies: BufReader::with_capacity(REPLY_BYTES, UnixStream::from(fd)),
        }
    }

    /// Says something. A supervisor that is gone hears nothing, and needs nothing.
    pub(super) fn say(&self, message: &Up) {
        if std::process::id() == self.pid {
            let _ = unix::send_all(self.replies.get_ref().as_fd(), &message.line());
        }
    }

    /// Waits until all that was said is on record. A supervisor that is gone answers nothing.
    fn wait_for_record(&mut self) {
        if std::process::id() == self.pid {
            self.say(&Up::Barrier);
            let _ = self.replies.read_line(&mut String::new());
        }
    }

    /// Has a subtest run, and waits for its end.
    pub(super) fn run_subtest(
        &mut self,
        subtest: Subtest,
        in_setup: bool,
    ) -> Result<Status, TestError> {
        let name = subtest.name.clone();
        let request = Up::Subtest { subtest, in_setup };
        if request.json().len() > MAX_LINE_BYTES {
            let reason = format!("{name}: its arguments are longer than {MAX_LINE_BYTES} bytes");
            return Err(TestError::error(reason));
        }
        self.say(&request);
        let mut line = String::new();
        let lost = || TestError::error("the supervisor did not answer");
        self.replies.read_line(&mut line).map_err(|_| lost())?;
        match serde_json::from_slice(line.as_bytes()).map_err(|_| lost())? {
            Down::Recorded => Err(lost()),
            Down::Ended(Status::Abort) => {
                Err(TestError::abort_job(format!("{name} ended the job")))
            }
            Down::Ended(status) => Ok(status),
            Down::Refused(reason) => Err(TestError::error(reason)),
        }
    }
}

/// The way of a test's events out of its process.
pub(super) struct ChannelSink(pub(super) std::rc::Rc<std::cell::RefCell<Channel>>);

impl Sink for ChannelSink {
    /// What decides whether somebody cleans up, and with what, must not be on its way only when the
    /// supervisor is killed.
    fn accept(&mut self, event: Event) {
        let is_for_cleanup = matches!(
            event,
            Event::Phase(Phase::Initialize | Phase::Cleanup) | Event::Saved { .. }
        );
        let mut channel = self.0.borrow_mut();
        channel.say(&Up::Event(event));
        if is_for_cleanup {
            channel.wait_for_record();
        }
    }
}
