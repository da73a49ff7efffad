//! `--sysinfo`: what the target tells before, between and after tests: files, the output of commands, new lines of
//! logs, packages.
//!
//! A process of its own, the collector, reads it, so that nothing of this can hold up the supervisor, and what a
//! test does to its own process loses nothing. The supervisor passes it [`Ask`]s in the order of the job, and it
//! answers those of a test, which waits. What may be read later is read while the next test runs, by a child of the
//! collector ([`server`]).
//!
//! No trouble of the collector decides a verdict: it is a [`Told::Note`].

mod boot;
mod client;
mod collecting;
mod command;
mod file;
mod journal;
mod kernel_log;
mod keyvals;
mod log;
mod packages;
mod place;
mod protocol;
mod pstore;
mod rows;
mod server;
mod test_run;

pub(super) use client::{Collector, Start, mark};
pub(super) use protocol::{Ask, Note, Told};
pub(crate) use pstore::KernelRecords;
pub(crate) use server::{is_collector, serve};

use std::fmt;

use autotest_core::status::Code;
use autotest_core::{Event, StatusRecord, SysinfoStep};

/// Has a step of a run collected, and returns once the test may continue.
pub(crate) struct Collect(Box<dyn FnMut(SysinfoStep)>);

impl Collect {
    pub(super) fn new(collect: impl FnMut(SysinfoStep) + 'static) -> Collect {
        Collect(Box::new(collect))
    }

    /// The function itself.
    pub(super) fn into_function(self) -> Box<dyn FnMut(SysinfoStep)> {
        self.0
    }
}

impl fmt::Debug for Collect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collect")
    }
}

/// The line of the status log for a note about a run that has ended, or about the job. It may only be written when
/// no run and no group is open: the original's parser takes a line that is not indented far enough for the end of
/// what is open.
pub(super) fn entry(note: &Note) -> Event {
    let subdir = Some(note.subdir.clone()).filter(|subdir| !subdir.is_empty());
    let operation = note.subdir.rsplit('/').next().map(str::to_owned);
    Event::Status(StatusRecord {
        operation: operation.filter(|_| subdir.is_some()),
        subdir,
        ..StatusRecord::message(Code::Info, format!("sysinfo: {}", note.text))
    })
}
