//! The status log: codes, records, and their lines.
//!
//! The grammar is the original's (formats §2), whose results parser reads every line that is written here.
//! This module must not know files, clocks or time zones: the caller passes the time and its text.

mod code;
mod entry;
mod line;

pub use code::{Code, Status};
pub(crate) use entry::is_legal_name;
pub use entry::{StatusEntry, StatusError};
pub use line::{parse, parse_log};
