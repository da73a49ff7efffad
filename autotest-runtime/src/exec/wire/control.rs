//! The protocol between a control function's process and the supervisor: JSON lines over a socket.

use autotest_core::{Answer, CallId, Request, Verdict};
use autotest_report::json;
use serde::{Deserialize, Serialize};

use super::{MAX_LINE_BYTES, shortened, shortened_text};

/// A message from the process of a control function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::exec) enum ControlMessage {
    /// A request; the thread that sent it waits for the answer.
    Request {
        /// Its identity.
        call: CallId,
        /// The request.
        #[serde(with = "json::shared")]
        request: Request,
    },
    /// How the function ended, the last message; `None` if it returned `Ok`.
    Outcome(Option<Verdict>),
}

/// The supervisor's reply to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) struct ControlReply {
    /// The identity of the request.
    pub(in crate::exec) call: CallId,
    /// The answer.
    #[serde(with = "json::shared")]
    pub(in crate::exec) answer: Answer,
    /// Whether the request was not on record.
    pub(in crate::exec) is_new: bool,
}

impl ControlMessage {
    /// The line of this message. If it would be too long, the texts of an outcome and the error of a group are cut.
    pub(in crate::exec) fn line(&self) -> Vec<u8> {
        let line = super::line_of(self);
        match self {
            _ if line.len() <= MAX_LINE_BYTES => line,
            ControlMessage::Outcome(Some(verdict)) => {
                super::line_of(&ControlMessage::Outcome(Some(shortened(verdict))))
            }
            ControlMessage::Request {
                call,
                request: Request::EndGroup { error: Some(error) },
            } => super::line_of(&ControlMessage::Request {
                call: call.clone(),
                request: Request::EndGroup {
                    error: Some(shortened_text(error)),
                },
            }),
            ControlMessage::Outcome(None) | ControlMessage::Request { .. } => line,
        }
    }

    /// Parses a line, without its newline.
    ///
    /// # Errors
    /// If it is not a message.
    pub(in crate::exec) fn from_line(line: &[u8]) -> serde_json::Result<ControlMessage> {
        json::from_slice(line)
    }
}

impl ControlReply {
    /// The line of this reply.
    pub(in crate::exec) fn line(&self) -> Vec<u8> {
        super::line_of(self)
    }
}
