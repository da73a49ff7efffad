//! How a test binary ends.

use std::process::ExitCode;

/// The exit codes, in order of precedence: usage errors end a binary before the first run, then the
/// first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command line is wrong.
    Usage,
    /// A test cannot have its name, or two tests collide.
    Registration,
    /// No test is selected, and the command line says that this is wrong.
    NoTests,
    /// A signal ended the job.
    Interrupted(i32),
    /// Results could not be written.
    Results,
    /// A test did not pass: FAIL, ERROR or ABORT.
    Failed,
    /// All tests passed; WARN and TEST_NA count as that.
    Passed,
}

impl Exit {
    /// The number that the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Usage => 2,
            Exit::Registration => 3,
            Exit::NoTests => 4,
            Exit::Interrupted(signal) => 128 + (signal & 0x7f) as u8,
            Exit::Results => 5,
            Exit::Failed => 101,
            Exit::Passed => 0,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}
