//! The status log: its codes, one record of it, and the lines that spell a record.
//!
//! The grammar is the original's (formats §2); its results parser reads every line written here.
//! This module must not know files, clocks or time zones: the caller gives the time and its text.

mod code;
mod entry;
mod line;

pub use code::{Code, Status};
pub(crate) use entry::is_legal_name;
pub use entry::{StatusEntry, StatusError};
pub use line::{parse, parse_log};
