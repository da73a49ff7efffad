//! The wire: a job as a stream of bytes, from the target on which it runs to the host that keeps its results.
//!
//! It has the lines of the journal, verbatim, and between them frames, each a line of JSON: files, directories and
//! links of the results, omissions, keep-alives, and last the way the stream ended. The content of a file follows its
//! frame. [`FrameWriter`] writes a stream, [`FrameReader`] reads one and trusts nothing in it.
//!
//! This module knows neither which files belong to a run nor where they are written.

mod contents;
mod data;
mod line;
mod reader;
mod writer;

use std::path::PathBuf;

use autotest_core::path_in_json;
use serde::{Deserialize, Serialize};

pub use contents::Contents;
pub use reader::{Cut, FrameReader, Item, WireError};
pub use writer::FrameWriter;

/// The most bytes of a file that are sent, without its holes.
pub const MAX_FILE_BYTES: u64 = 1 << 30;

/// The longest path, in bytes.
pub const MAX_PATH_BYTES: usize = 4096;

/// The keep-alive line.
const ALIVE: &[u8] = b"{\"alive\":{}}\n";

/// A line of the wire that does not belong to the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Frame {
    File(FileFrame),
    Dir {
        #[serde(with = "path_in_json")]
        path: PathBuf,
        mode: u32,
    },
    Link {
        #[serde(with = "path_in_json")]
        path: PathBuf,
        #[serde(with = "path_in_json")]
        to: PathBuf,
    },
    LeftOut {
        #[serde(with = "path_in_json")]
        path: PathBuf,
        reason: String,
    },
    End(End),
}

/// A regular file of the results. After its line follow the bytes of its data and a newline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileFrame {
    /// The path, relative to the job's directory.
    #[serde(with = "path_in_json")]
    pub path: PathBuf,
    /// The length of the file, in bytes.
    pub size: u64,
    /// The permissions, with the bits for set-user-ID, set-group-ID and sticky.
    pub mode: u32,
    /// The parts of a sparse file that follow: offset and length, in order. All others are holes. `None`: the
    /// whole file follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Vec<(u64, u64)>>,
}

/// How a stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// The job ended.
    Ended,
    /// No supervisor writes the journal, and the job has not ended: it can be resumed.
    Interrupted,
}

impl FileFrame {
    /// The number of bytes that follow the line of the frame, without the newline.
    fn data_bytes(&self) -> u64 {
        match &self.data {
            None => self.size,
            Some(data) => data.iter().map(|(_, length)| length).sum(),
        }
    }
}
