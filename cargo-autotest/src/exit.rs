//! The exit codes. `--help` lists them.

use std::io;
use std::process::ExitCode;

use crate::Failure;
use crate::build::{BuildError, CompileError, DataError, TargetError};
use crate::calibrate::CalibrateError;
use crate::check::CheckError;
use crate::config::ConfigError;
use crate::describe::DescribeError;
use crate::inspect::InspectError;
use crate::list::ListError;
use crate::report::{ReportError, TreeError};
use crate::run::{PayloadError, RunError, StateError};
use crate::target::ChooseError;

/// The result of a command, which determines the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    /// A file or a program failed, or the result of a build is not complete.
    Failed,
    /// The command line is wrong; clap's own exit code is the same.
    Usage,
    /// The configuration of the suites is wrong.
    Configuration,
    /// A job file has mistakes.
    Mistakes,
    /// A test failed; Cargo's own exit code is the same.
    TestsFailed,
    /// Cargo could not read or build the workspace; Cargo's own exit code is the same.
    Cargo,
    /// The exit code of a suite's binary.
    Suite(u8),
}

impl Exit {
    /// The result for a failure.
    pub(crate) fn of(failure: &Failure) -> Exit {
        match failure {
            Failure::New(error) if error.is_usage() => Exit::Usage,
            Failure::New(_) | Failure::Stdout(_) => Exit::Failed,
            Failure::Db(error) if error.is_usage() => Exit::Usage,
            Failure::Db(_) => Exit::Failed,
            Failure::Build(error) => Exit::of_build(error),
            Failure::Run(error) => Exit::of_run(error),
            Failure::Calibrate(error) => match error {
                CalibrateError::Find(error) if error.is_usage() => Exit::Usage,
                CalibrateError::NoJobs(_) => Exit::Usage,
                CalibrateError::Find(_)
                | CalibrateError::Journal(_)
                | CalibrateError::Unreadable(..) => Exit::Failed,
            },
            Failure::Check(error) => match error {
                CheckError::Unreadable(..) => Exit::Usage,
                CheckError::Inspect(error) => Exit::of_inspect(error),
                CheckError::Mistaken(_) => Exit::Mistakes,
            },
            Failure::Describe(DescribeError::NoSuchTest(..)) => Exit::Usage,
            Failure::Describe(DescribeError::Inspect(error)) => Exit::of_inspect(error),
            Failure::Report(error) => Exit::of_report(error),
            Failure::List(error) => match error {
                ListError::Config(error) => Exit::of_config(error),
                ListError::Workspace(_) => Exit::Cargo,
                ListError::Inspect(error) => Exit::of_inspect(error),
            },
        }
    }

    fn of_build(error: &BuildError) -> Exit {
        match error {
            BuildError::Config(error) => Exit::of_config(error),
            BuildError::Compile(
                CompileError::Dynamic(_) | CompileError::Unreadable(_) | CompileError::Directory(_),
            ) => Exit::Failed,
            BuildError::Workspace(_) | BuildError::Compile(_) => Exit::Cargo,
            BuildError::Target(TargetError::Unknown(..)) => Exit::Usage,
            BuildError::Data(DataError::Config(error)) => Exit::of_config(error),
            BuildError::Target(_)
            | BuildError::MainCrate(_)
            | BuildError::Lock(_)
            | BuildError::Declared(_)
            | BuildError::Data(_)
            | BuildError::Licenses(_)
            | BuildError::Pack(_) => Exit::Failed,
        }
    }

    fn of_run(error: &RunError) -> Exit {
        match error {
            RunError::Choose(ChooseError::Config(_)) | RunError::TargetGone(_) => {
                Exit::Configuration
            }
            RunError::Choose(_) | RunError::Reserved(..) | RunError::OneShard => Exit::Usage,
            RunError::WhatRan(_) | RunError::NoJob(_) => Exit::Usage,
            RunError::Build(error) => Exit::of_build(error),
            RunError::Payload(PayloadError::Unreadable(_, error))
                if error.kind() == io::ErrorKind::NotFound =>
            {
                Exit::Usage
            }
            RunError::Tree(TreeError::NotEmpty(_) | TreeError::IsFile(_)) => Exit::Usage,
            RunError::State(StateError::NoRun(_)) => Exit::Usage,
            RunError::Payload(_)
            | RunError::Target(..)
            | RunError::State(_)
            | RunError::Tree(_)
            | RunError::Report(_)
            | RunError::Io(_) => Exit::Failed,
        }
    }

    /// The result for the exit code of a suite.
    pub(crate) fn of_suite(code: i32) -> Exit {
        match u8::try_from(code) {
            Ok(0) => Exit::Done,
            Ok(101) => Exit::TestsFailed,
            Ok(code) => Exit::Suite(code),
            Err(_) => Exit::Failed,
        }
    }

    /// The worse of two. A failure outside the tests is worse than a failed test.
    pub(crate) fn worse(self, other: Exit) -> Exit {
        let rank = |exit: Exit| match exit {
            Exit::Done => 0,
            Exit::TestsFailed => 1,
            Exit::Suite(_) => 2,
            _ => 3,
        };
        if rank(other) > rank(self) {
            other
        } else {
            self
        }
    }

    fn of_inspect(error: &InspectError) -> Exit {
        match error {
            InspectError::File(_) | InspectError::NoTests => Exit::Usage,
            InspectError::Config(error) => Exit::of_config(error),
            InspectError::Workspace(_) | InspectError::Cargo(_) => Exit::Cargo,
        }
    }

    fn of_report(error: &ReportError) -> Exit {
        match error {
            ReportError::Find(error) if error.is_usage() => Exit::Usage,
            ReportError::Db(error) if error.is_usage() => Exit::Usage,
            ReportError::Tree(TreeError::NotEmpty(_) | TreeError::IsFile(_)) => Exit::Usage,
            ReportError::Find(_)
            | ReportError::Sources(_)
            | ReportError::NoJob(_)
            | ReportError::Tree(_)
            | ReportError::Merge(_)
            | ReportError::Db(_)
            | ReportError::Write(..)
            | ReportError::Io(_) => Exit::Failed,
        }
    }

    fn of_config(error: &ConfigError) -> Exit {
        match error.is_usage() {
            true => Exit::Usage,
            false => Exit::Configuration,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Configuration => 3,
            Exit::Mistakes => 4,
            Exit::TestsFailed | Exit::Cargo => 101,
            Exit::Suite(code) => code,
        })
    }
}
