//! The protocol between the supervisor and the collector: JSON lines over a socket.

use std::path::PathBuf;

use autotest_core::{SysinfoRow, SysinfoStep};
use serde::{Deserialize, Serialize};

/// A request to the collector. Requests are handled one after the other.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::exec) enum Ask {
    /// Collect what belongs to the job and to this boot. The first request.
    Job {
        /// The job's directory.
        jobdir: PathBuf,
        /// The job's own rows.
        rows: Vec<SysinfoRow>,
    },
    /// A test begins. It waits for the answer.
    Begin {
        /// The number of its run.
        run: u32,
        /// Its output directory, relative to the job's.
        subdir: String,
        /// The rows of the job and of the test.
        rows: Vec<SysinfoRow>,
    },
    /// A test is before or after an iteration. It waits for the answer.
    Iteration {
        /// The number of its run.
        run: u32,
        /// Where it is.
        step: SysinfoStep,
    },
    /// A test ended. Nobody waits.
    End {
        /// The number of its run.
        run: u32,
        /// Whether it failed.
        is_failed: bool,
    },
}

/// What the collector tells.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) enum Told {
    /// What had to be read has been read; the test may continue.
    Ready {
        /// The number of its run.
        run: u32,
        /// Keyvals of the test.
        keyvals: Vec<(String, String)>,
    },
    /// What was not collected, or not completely.
    Note(Note),
}

/// What was not collected, or not completely.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::exec) struct Note {
    /// The number of the run; 0 for the job.
    pub(in crate::exec) run: u32,
    /// Its output directory; empty for the job.
    pub(in crate::exec) subdir: String,
    /// What happened.
    pub(in crate::exec) text: String,
    /// Whether the same text needs to be told only once in a job.
    pub(in crate::exec) is_told_once: bool,
}

impl Note {
    /// That the collector has ended, beside this run.
    pub(in crate::exec) fn of_loss(run: u32, what: &str) -> Note {
        Note {
            run,
            subdir: String::new(),
            text: format!("{what}; nothing more is collected"),
            is_told_once: true,
        }
    }
}

/// A value as a line.
pub(super) fn line(of: &impl Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(of).unwrap_or_default();
    line.push(b'\n');
    line
}
