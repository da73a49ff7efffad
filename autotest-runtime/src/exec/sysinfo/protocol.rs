//! The protocol between the supervisor and the collector: JSON lines over a socket.

use std::path::PathBuf;

use autotest_core::{SysinfoRow, SysinfoStep};
use serde::{Deserialize, Serialize};

/// A request to the collector, which handles one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::exec) enum Ask {
    /// The first request: collect the data of the job and of this boot.
    Job {
        /// The job's directory.
        jobdir: PathBuf,
        /// The job's own rows.
        rows: Vec<SysinfoRow>,
    },
    /// A test begins, and waits for the answer.
    Begin {
        /// The number of the run.
        run: u32,
        /// The output directory of the run, relative to the job's.
        subdir: String,
        /// The rows of the job and of the test.
        rows: Vec<SysinfoRow>,
    },
    /// A test is before or after an iteration, and waits for the answer.
    Iteration {
        /// The number of the run.
        run: u32,
        /// The position in the test.
        step: SysinfoStep,
    },
    /// A test ended. Nobody waits for an answer.
    End {
        /// The number of the run.
        run: u32,
        /// Whether it failed.
        is_failed: bool,
    },
}

/// A message of the collector.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) enum Told {
    /// Everything urgent has been read; the test may continue.
    Ready {
        /// The number of the run.
        run: u32,
        /// Keyvals to add to the test.
        keyvals: Vec<(String, String)>,
    },
    /// Something was not collected, or not completely.
    Note(Note),
}

/// A report that something was not collected, or not completely.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) struct Note {
    /// The number of the run; 0 for the job.
    pub(in crate::exec) run: u32,
    /// The output directory of the run, relative to the job's; empty for the job.
    pub(in crate::exec) subdir: String,
    /// What happened.
    pub(in crate::exec) text: String,
    /// `true` if the same text is to be recorded only once per job.
    pub(in crate::exec) is_told_once: bool,
}

impl Note {
    /// The note that the collector has ended, during this run.
    pub(in crate::exec) fn of_loss(run: u32, what: &str) -> Note {
        Note {
            run,
            subdir: String::new(),
            text: format!("{what}; nothing more is collected"),
            is_told_once: true,
        }
    }
}

/// Serialises a value as a line.
pub(super) fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).unwrap_or_default();
    line.push(b'\n');
    line
}
