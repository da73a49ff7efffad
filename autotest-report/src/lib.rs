//! The reports of a job: everything that is made from its records, while the job runs or later, by the test
//! binary or by a host tool.
//!
//! A [`Record`] is an event of a job with its number, run and time; the [`journal`] is the file of all
//! records. Each report is a fold over records and implements [`Report`]. [`Replay`] returns the records of a
//! finished or interrupted job, so that a report can be made at any time.
//!
//! This crate must not run a test, and must not know the supervisor, the command line or the registry.
//!
//! # Example
//!
//! The TAP report of the job in a directory, on standard output:
//!
//! ```no_run
//! use autotest_report::{Replay, Report, Tap, journal};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let journal = journal::read("autotest-results/disk/latest".as_ref())?;
//! let mut tap = Tap::new(std::io::stdout(), None);
//! for record in Replay::new(journal)? {
//!     tap.record(&record)?;
//! }
//! tap.finish()?;
//! # Ok(())
//! # }
//! ```

#![warn(clippy::unwrap_used)]

pub mod json;
mod record;
mod report;

pub mod journal;
mod replay;
pub mod wire;

pub mod digest;
#[cfg(feature = "html")]
pub mod html;

mod branches;
mod completion;
#[cfg(feature = "packages")]
mod packages;
mod plan;
mod runs;
mod tree;

mod job_files;
mod job_result;
mod json_events;
mod junit;
mod keyval;
mod ktap;
mod lava;
mod libtest_json;
mod logfile;
mod perf;
mod status_log;
mod tap;
mod tap_files;
mod terminal;
mod test_points;

mod formats;

mod captured;
mod folder;
mod localtime;
mod outlet;
mod prose;
pub mod sanitize;
mod write_whole;

pub use completion::Completion;
pub use digest::Digest;
pub use formats::{FORMATS, Format, results_files};
#[cfg(feature = "html")]
pub use html::Html;
pub use job_files::JobFiles;
pub use job_result::JobResult;
pub use journal::JournalError;
pub use json_events::JsonEvents;
pub use junit::{Junit, JunitPlace};
pub use keyval::KeyvalFiles;
pub use ktap::{Ktap, Ktap1};
pub use lava::Lava;
pub use libtest_json::LibtestJson;
pub use localtime::LocalTime;
pub use logfile::Logfile;
#[cfg(feature = "packages")]
pub use packages::is_package;
pub use perf::PerfFiles;
pub use record::{Record, event_from_json, write_event};
pub use replay::{Amendments, Earlier, Open, Replay, Requests, StartedProcess, Summary, identity};
pub use report::{Report, ReportError, Reports};
pub use runs::Grade;
pub use status_log::StatusLog;
pub use tap::{Tap, TapVersion};
pub use tap_files::TapFiles;
pub use terminal::{ShowOptions, Style, Terminal};
pub use test_points::{Dialect, Point, PointEnd, TestPoints};
pub use tree::{AppendFile, STAGED, Tree, is_linked};
pub use write_whole::write_whole;
