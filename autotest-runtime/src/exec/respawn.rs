//! Executes this binary again for a run, where forking is not possible or not wanted.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::OwnedFd;

use autotest_core::{Kind, Verdict};
use autotest_report::json;
use rustix::fs::MemfdFlags;
use serde::{Deserialize, Serialize};

use super::child::{self, ChangedState, TestSide};
use super::controlled::{self, ControlSpec};
use super::mark::RUN_VARIABLE;
use super::run_spec::RunSpec;
use super::unix::{self, Gate, Program};
use super::wire::{Channel, TestMessage};
use crate::registry::Registry;

/// The only argument of a process that executes one run or control function instead of a job. It is not a flag for
/// users.
const SUPERVISED: &str = "--autotest-supervised-run";

/// The input of the new process.
#[derive(Serialize, Deserialize)]
enum Input<N, R, C> {
    /// A test, given by its id.
    Test(N, R),
    /// A control function, given by its id, or a job file.
    Control(N, C),
    /// The examination of a run's crashes.
    #[cfg(feature = "crash-handler")]
    Crashes(super::crash::Examination),
    /// A profiler.
    #[cfg(feature = "profilers")]
    Profiler(Box<super::profiled::ProfilerSpec>),
}

/// A prepared execution of this binary.
pub(super) struct Respawn {
    program: Program,
    input: OwnedFd,
}

impl Respawn {
    /// Prepares the run of a test, in an environment with its `mark` and without the `hidden` variables.
    ///
    /// # Errors
    /// If the memory file cannot be created or written.
    pub(super) fn test(
        test: &str,
        spec: &RunSpec,
        mark: &str,
        hidden: &[String],
    ) -> io::Result<Respawn> {
        Respawn::new(&Input::<_, _, ()>::Test(test, spec), mark, hidden)
    }

    /// Prepares the call of a control function.
    ///
    /// # Errors
    /// If the memory file cannot be created or written.
    pub(super) fn control(
        id: &str,
        spec: &ControlSpec,
        mark: &str,
        hidden: &[String],
    ) -> io::Result<Respawn> {
        Respawn::new(&Input::<_, (), _>::Control(id, spec), mark, hidden)
    }

    /// Prepares the examination of a run's crashes.
    ///
    /// # Errors
    /// If the memory file cannot be created or written.
    #[cfg(feature = "crash-handler")]
    pub(super) fn examination(
        examination: &super::crash::Examination,
        mark: &str,
        hidden: &[String],
    ) -> io::Result<Respawn> {
        let examination = examination.clone();
        Respawn::new(&Input::<(), (), ()>::Crashes(examination), mark, hidden)
    }

    /// Prepares the process of a profiler.
    ///
    /// # Errors
    /// If the memory file cannot be created or written.
    #[cfg(feature = "profilers")]
    pub(super) fn profiler(
        spec: &super::profiled::ProfilerSpec,
        mark: &str,
        hidden: &[String],
    ) -> io::Result<Respawn> {
        let spec = Box::new(spec.clone());
        Respawn::new(&Input::<(), (), ()>::Profiler(spec), mark, hidden)
    }

    fn new(of: &impl Serialize, mark: &str, hidden: &[String]) -> io::Result<Respawn> {
        let memory = rustix::fs::memfd_create(c"autotest-run", MemfdFlags::CLOEXEC)?;
        let mut input = File::from(memory);
        input.write_all(&serde_json::to_vec(of)?)?;
        input.rewind()?;
        let args = [OsStr::new(SUPERVISED)];
        Ok(Respawn {
            program: Program::current(&args, (RUN_VARIABLE, mark), hidden),
            input: input.into(),
        })
    }

    /// Sets up the forked process, waits at the gate and executes this binary. Returns only if that fails.
    pub(super) fn exec(
        self,
        theirs: TestSide<'_>,
        gate: Gate,
        changed: ChangedState<'_>,
    ) -> io::Result<i32> {
        let TestSide { stdio, channel } = theirs;
        let kept = [channel, self.input, gate.into()];
        let [channel, _input, gate] = child::become_test(stdio, kept, changed)?;
        Gate::from(gate).pass()?;
        let error = self.program.exec();
        let reason = format!("failed to execute this binary again: {error}");
        let verdict = Verdict::new(Kind::Error, reason);
        Channel::new(channel).send(&TestMessage::Outcome(Some(verdict)));
        Ok(0)
    }
}

/// `true` if this process must execute one run.
pub(crate) fn is_supervised(args: &[OsString]) -> bool {
    args == [SUPERVISED]
}

/// Executes one run. Returns the exit status.
///
/// # Errors
/// If this process was not started by a supervisor, or by one with another binary.
pub(crate) fn run_supervised(registry: &'static Registry) -> io::Result<i32> {
    let no_supervisor = |error| {
        let reason = format!("{SUPERVISED} is only for the supervisor: {error}");
        io::Error::other(reason)
    };
    let [channel, input] = unix::inherited().map_err(no_supervisor)?;
    let mut json = Vec::new();
    File::from(input)
        .read_to_end(&mut json)
        .map_err(no_supervisor)?;
    let is_other = || io::Error::other("the supervisor is a different binary");
    match json::from_slice(&json)? {
        Input::<String, RunSpec, ControlSpec>::Test(id, spec) => {
            let test = registry.get(&id).ok_or_else(is_other)?;
            Ok(child::execute_test(Channel::new(channel), test.def, spec))
        }
        #[cfg(feature = "crash-handler")]
        Input::Crashes(examination) => Ok(super::crash::examine(&examination)),
        Input::Control(id, spec) => {
            let function = match &spec.file {
                Some(_) => None,
                None => {
                    let controls = registry.controls().map_err(io::Error::other)?;
                    Some(controls.get(&id).ok_or_else(is_other)?)
                }
            };
            Ok(controlled::execute(channel, function, spec))
        }
        #[cfg(feature = "profilers")]
        Input::Profiler(spec) => {
            let profiler = crate::registry::profiler(&spec.used.name);
            let profiler = profiler.map_err(|_| is_other())?;
            Ok(super::profiled::execute(channel, profiler, *spec))
        }
    }
}
