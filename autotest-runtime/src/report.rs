//! The folds over a job's records: files of the results tree, and what a terminal shows.

mod inert;
mod job_files;
mod json_events;
mod junit;
mod keyval;
mod ktap;
mod lava;
mod libtest_json;
mod logfile;
mod outlet;
mod perf;
mod points;
mod printed;
mod prose;
mod runs;
mod status_log;
mod tap;
mod tap_files;
mod terminal;
mod tree;

pub use job_files::JobFiles;
pub use json_events::JsonEvents;
pub use junit::{Junit, JunitPlace};
pub use keyval::KeyvalFiles;
pub use ktap::{Ktap, Ktap1};
pub use lava::Lava;
pub use libtest_json::LibtestJson;
pub use logfile::Logfile;
pub use perf::PerfFiles;
pub use points::{Dialect, Point, PointEnd, Points};
pub use status_log::StatusLog;
pub use tap::{Tap, Tap14};
pub use tap_files::TapFiles;
pub use terminal::{ShowOptions, Style, Terminal};
pub(crate) use tree::is_linked;
pub use tree::{AppendFile, Tree};
