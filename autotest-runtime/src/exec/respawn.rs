//! A run in this binary, executed again for it: where a fork is not possible, or not wanted.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;

use autotest_core::{Kind, Verdict};
use rustix::fs::MemfdFlags;
use serde::{Deserialize, Serialize};

use super::child::{self, Changed, Theirs};
use super::leaks::RUN_VARIABLE;
use super::run_spec::RunSpec;
use super::unix::{self, Gate, Program};
use super::wire::{Channel, Up};
use crate::registry::Registry;

/// The one argument of a process that is to be a run and not a job; no flag of a user's.
const SUPERVISED: &str = "--autotest-supervised-run";

/// What the new process reads: which test, and all else.
#[derive(Serialize, Deserialize)]
struct Brief<T, L> {
    test: T,
    spec: L,
}

/// A process to become.
pub(super) struct Respawn {
    program: Program,
    brief: OwnedFd,
}

impl Respawn {
    /// # Errors
    /// If there is no memory for it.
    pub(super) fn new(test: &str, spec: &RunSpec, mark: &str) -> io::Result<Respawn> {
        let memory = rustix::fs::memfd_create(c"autotest-run", MemfdFlags::CLOEXEC)?;
        let mut brief = File::from(memory);
        brief.write_all(&serde_json::to_vec(&Brief { test, spec })?)?;
        brief.rewind()?;
        let args = [OsStr::new(SUPERVISED)];
        Ok(Respawn {
            program: Program::this(&args, (RUN_VARIABLE, mark)),
            brief: brief.into(),
        })
    }

    /// In a forked process: becomes the test's, in a new image. Returns only if that fails.
    pub(super) fn become_it(
        self,
        theirs: Theirs<'_>,
        gate: Gate,
        changed: Changed<'_>,
    ) -> io::Result<i32> {
        let Theirs { ends, channel } = theirs;
        let kept = [channel, self.brief, gate.into()];
        let [channel, _brief, gate] = child::become_test(ends, kept, changed)?;
        Gate::from(gate).pass()?;
        let error = self.program.become_it();
        let reason = format!("failed to execute this binary again: {error}");
        let verdict = Verdict::new(Kind::Error, reason);
        Channel::new(channel).say(&Up::Outcome(Some(verdict)));
        Ok(0)
    }
}

/// Whether this process is to be one run.
pub(crate) fn is_supervised(args: &[OsString]) -> bool {
    args == [SUPERVISED]
}

/// Is that run. Returns the exit status.
///
/// # Errors
/// If no supervisor has started this process.
pub(crate) fn be_supervised(registry: &'static Registry) -> io::Result<i32> {
    let no_supervisor = |error| {
        let reason = format!("{SUPERVISED} is for the supervisor alone: {error}");
        io::Error::other(reason)
    };
    let [channel, brief] = unix::inherited().map_err(no_supervisor)?;
    let mut json = Vec::new();
    File::from(brief)
        .read_to_end(&mut json)
        .map_err(no_supervisor)?;
    let brief: Brief<String, RunSpec> = serde_json::from_slice(&json)?;
    let test = registry.get(&brief.test);
    let test = test.ok_or_else(|| io::Error::other("the supervisor is another binary"))?;
    Ok(child::be_test(Channel::new(channel), test.def, brief.spec))
}
