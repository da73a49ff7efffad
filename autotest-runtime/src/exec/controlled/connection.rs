//! The control function's side of its channel. Several threads may ask at the same time.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use autotest_core::{Answer, CallId, Request, Verdict};
use autotest_report::json;

use super::muted::Muted;
use crate::control::Ask;
use crate::exec::unix;
use crate::exec::wire::{
    ControlMessage, ControlReply, MAX_LINE_BYTES, MAX_REQUEST_DEPTH, is_deeper,
};

/// The channel to the supervisor.
#[derive(Debug)]
pub(super) struct Connection {
    /// The process that may ask. One that it forks must not ask in its name.
    pid: u32,
    socket: OwnedFd,
    replies: Mutex<Replies>,
    changed: Condvar,
}

/// The replies that have arrived and are not taken yet.
#[derive(Debug)]
struct Replies {
    by_call: HashMap<CallId, Answer>,
    /// The reader of the socket; `None` while a thread reads.
    reader: Option<BufReader<UnixStream>>,
    is_lost: bool,
    /// Set until the first reply that is not from the record.
    muted: Option<Muted>,
}

impl Connection {
    pub(super) fn new(socket: OwnedFd, muted: Option<Muted>) -> Connection {
        let reader = socket.try_clone().map(UnixStream::from).map(BufReader::new);
        Connection {
            pid: std::process::id(),
            socket,
            replies: Mutex::new(Replies {
                by_call: HashMap::new(),
                is_lost: reader.is_err(),
                reader: reader.ok(),
                muted,
            }),
            changed: Condvar::new(),
        }
    }

    /// Sends how the function ended. Does nothing if the supervisor has ended.
    pub(super) fn send_outcome(&self, outcome: Option<Verdict>) {
        if std::process::id() == self.pid {
            let _ = self.send(&ControlMessage::Outcome(outcome).line());
        }
    }

    /// One thread at a time, so that lines do not mix.
    fn send(&self, line: &[u8]) -> io::Result<()> {
        let _replies = self.lock();
        unix::send_all(self.socket.as_fd(), line)
    }

    fn lock(&self) -> MutexGuard<'_, Replies> {
        self.replies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the answer to a call: reads the socket, unless another thread does.
    fn answer(&self, call: &CallId) -> Result<Answer, String> {
        let mut replies = self.lock();
        loop {
            if let Some(answer) = replies.by_call.remove(call) {
                return Ok(answer);
            }
            if replies.is_lost {
                return Err("the supervisor did not answer".to_owned());
            }
            replies = match replies.reader.take() {
                Some(mut reader) => {
                    drop(replies);
                    let reply = read(&mut reader);
                    let mut replies = self.lock();
                    replies.reader = Some(reader);
                    replies.add(reply);
                    self.changed.notify_all();
                    replies
                }
                None => {
                    let waited = self.changed.wait(replies);
                    waited.unwrap_or_else(PoisonError::into_inner)
                }
            };
        }
    }
}

impl Replies {
    fn add(&mut self, reply: Option<ControlReply>) {
        match reply {
            Some(reply) => {
                if let Some(muted) = self.muted.take_if(|_| reply.is_new) {
                    muted.end();
                }
                self.by_call.insert(reply.call, reply.answer);
            }
            None => self.is_lost = true,
        }
    }
}

fn read(reader: &mut BufReader<UnixStream>) -> Option<ControlReply> {
    let mut line = Vec::new();
    reader.read_until(b'\n', &mut line).ok()?;
    json::from_slice(&line).ok()
}

impl Ask for Connection {
    fn ask(&self, call: &CallId, request: Request) -> Result<Answer, String> {
        if std::process::id() != self.pid {
            return Err("only the process of the control function can ask".to_owned());
        }
        let message = ControlMessage::Request {
            call: call.clone(),
            request,
        };
        let line = message.line();
        let length = line.len();
        if length > MAX_LINE_BYTES {
            return Err(format!(
                "request {call} has {length} bytes: the limit is {MAX_LINE_BYTES} bytes"
            ));
        }
        if is_deeper(&line, MAX_REQUEST_DEPTH) {
            return Err(format!(
                "request {call} is nested deeper than {MAX_REQUEST_DEPTH} levels"
            ));
        }
        let sent = self.send(&line);
        sent.map_err(|error| format!("failed to ask the supervisor: {error}"))?;
        self.answer(call)
    }
}
