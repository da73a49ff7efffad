//! `--sysinfo`: data of the target collected before, between and after tests: files, the output of commands, new lines
//! of logs, packages.
//!
//! A separate process, the collector, collects it, so that it can neither hold up the supervisor nor be affected by
//! what a test does to its own process. The supervisor sends it [`Ask`]s in the order of the job; it answers those of a
//! test, which waits. What can be read later is read while the next test runs, by a child of the collector
//! ([`server`]).
//!
//! Failures of the collector never change a verdict: they are [`Told::Note`]s.

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

/// Has the collector perform a step of a run, and returns once the test may continue.
pub(crate) struct Collect(Box<dyn FnMut(SysinfoStep)>);

impl Collect {
    pub(super) fn new(collect: impl FnMut(SysinfoStep) + 'static) -> Collect {
        Collect(Box::new(collect))
    }

    /// Unwraps the function.
    pub(super) fn into_function(self) -> Box<dyn FnMut(SysinfoStep)> {
        self.0
    }
}

impl fmt::Debug for Collect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collect")
    }
}

/// The status log line for a note about the job or a run that has ended. It must be written only while no run and no
/// group is open: the original's parser takes a line with too little indentation for the end of an open one.
pub(super) fn entry(note: &Note) -> Event {
    let subdir = Some(note.subdir.clone()).filter(|subdir| !subdir.is_empty());
    let operation = note.subdir.rsplit('/').next().map(str::to_owned);
    Event::Status(StatusRecord {
        operation: operation.filter(|_| subdir.is_some()),
        subdir,
        ..StatusRecord::message(Code::Info, format!("sysinfo: {}", note.text))
    })
}
