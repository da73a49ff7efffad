//! The folds over a job's records: files of the results tree, and what a terminal shows.

mod inert;
mod job_files;
mod keyval;
mod perf;
mod printed;
mod prose;
mod runs;
mod status_log;
mod terminal;
mod tree;

pub use job_files::JobFiles;
pub use keyval::KeyvalFiles;
pub use perf::PerfFiles;
pub use status_log::StatusLog;
pub use terminal::{ShowOptions, Style, Terminal};
pub use tree::{AppendFile, Tree};
