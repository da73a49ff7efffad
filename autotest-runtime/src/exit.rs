//! The exit codes of a test binary.

use std::process::ExitCode;

/// The exit codes, in order of precedence. Those up to `NoTests` end the binary before the first run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The command line is invalid.
    Usage,
    /// A test's name is illegal, or two tests collide.
    Registration,
    /// No test is selected, with `--no-tests fail`.
    NoTests,
    /// A signal ended the job.
    Interrupted(i32),
    /// The target must reboot; then the job is to be resumed.
    Reboot,
    /// Results could not be written.
    Results,
    /// With `--follow`: the job is interrupted.
    Unfinished,
    /// A test did not pass: FAIL, ERROR or ABORT.
    Failed,
    /// All tests passed, WARN and TEST_NA included.
    Passed,
}

impl Exit {
    /// The exit status of the process.
    pub(crate) fn code(self) -> u8 {
        match self {
            Exit::Usage => 2,
            Exit::Registration => 3,
            Exit::NoTests => 4,
            Exit::Interrupted(signal) => 128 + (signal & 0x7f) as u8,
            Exit::Reboot => 75,
            Exit::Results => 5,
            Exit::Unfinished => 6,
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
