//! The process of a control function, between the fork and its end.

mod connection;
mod muted;

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use autotest_core::{Args, Settings};
use autotest_report::json;
use serde::{Deserialize, Serialize};

use super::unix;
use crate::control::Job;
use crate::job_file;
use crate::panics;
use crate::registry::ControlFunction;
use connection::Connection;
use muted::Muted;

/// Everything that is needed to call a control function.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ControlSpec {
    #[serde(with = "json::shared")]
    pub(super) args: Args,
    /// The values of the secret arguments, which are not serialised with the others.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub(super) secrets: Args,
    #[serde(with = "json::shared")]
    pub(super) settings: Settings,
    pub(super) jobdir: PathBuf,
    /// Whether the function has been called before: what it prints is dropped until it makes a request that
    /// is not on record.
    pub(super) is_repeated: bool,
    /// The text of a job file; `None` for a control function.
    pub(super) file: Option<String>,
}

/// Calls the function, or executes the job file, and sends the outcome. Returns the exit status.
pub(super) fn execute(
    channel: OwnedFd,
    function: Option<&ControlFunction>,
    spec: ControlSpec,
) -> i32 {
    let muted = Muted::new(&spec.jobdir, spec.is_repeated);
    let connection = Arc::new(Connection::new(channel, muted));
    let text = spec.file.unwrap_or_default();
    let mut job = Job::new(Arc::clone(&connection) as _, spec.settings, spec.jobdir);
    let args = spec.args.with_secrets(&spec.secrets);
    let result = panics::watched(|| match function {
        Some(function) => (function.control.run)(&mut job, &args),
        None => job_file::execute(&mut job, &text),
    });
    let failure = result.and_then(|result| result).err();
    let verdict = failure.map(|failure| failure.classify(false));
    unix::flush_c_streams();
    let _ = io::stdout().flush();
    connection.send_outcome(verdict);
    0
}
