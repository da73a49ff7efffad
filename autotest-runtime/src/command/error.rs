//! Why a command failed.

use std::error::Error;
use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use autotest_core::{TestError, excerpt_ends};

use super::{Command, Output, shown};
use crate::exec::signal_name;
use crate::waiting::{Limit, seconds};

/// How many lines of a program's standard error are in the reason, and how long each may be.
const LINES: usize = 10;

/// The failure of a command: FAIL in the body of a test, ERROR around it.
///
/// The reason has the command line, how the program ended, and the last lines of its standard error.
#[derive(Debug)]
pub struct CommandError {
    /// The reason; its source decides the status.
    error: TestError,
    cause: Cause,
    output: Option<Box<Output>>,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Missing,
    NotStarted,
    Status,
    Timeout,
    Waiting,
    Lost,
    Unreadable,
}

impl CommandError {
    /// What the program wrote, if it was started and has ended.
    pub fn output(&self) -> Option<&Output> {
        self.output.as_deref()
    }

    /// Whether the program does not exist.
    pub fn is_missing(&self) -> bool {
        self.cause == Cause::Missing
    }

    /// Whether the program did not end in time.
    pub fn is_timeout(&self) -> bool {
        self.cause == Cause::Timeout
    }

    #[track_caller]
    fn new(cause: Cause, reason: String) -> CommandError {
        CommandError {
            error: TestError::unclassified(reason),
            cause,
            output: None,
        }
    }

    /// A value that the command cannot have.
    #[track_caller]
    pub(super) fn mistake(command: &Command, mistake: &str) -> CommandError {
        let reason = format!("`{}`: {mistake}", line(command));
        CommandError::new(Cause::NotStarted, reason)
    }

    #[track_caller]
    pub(super) fn not_started(command: &Command, error: &io::Error) -> CommandError {
        let shown = line(command);
        if error.kind() == io::ErrorKind::NotFound {
            if let Some(dir) = command.dir.as_ref().filter(|dir| !dir.is_dir()) {
                let reason = format!("`{shown}`: there is no directory `{}`", dir.display());
                return CommandError::new(Cause::NotStarted, reason);
            }
            return CommandError::missing(command);
        }
        let reason = format!("failed to start `{shown}`: {error}");
        CommandError::new(Cause::NotStarted, reason)
    }

    #[track_caller]
    fn missing(command: &Command) -> CommandError {
        let program = command.program.to_string_lossy();
        let reason = if !program.contains('/') {
            format!("`{program}` is not installed: it is not in PATH")
        } else if std::path::Path::new(&command.program).exists() {
            format!("`{program}` cannot be executed: its interpreter does not exist")
        } else {
            format!("`{program}` does not exist")
        };
        match command.skips {
            false => CommandError::new(Cause::Missing, reason),
            true => CommandError {
                error: TestError::not_applicable(reason),
                cause: Cause::Missing,
                output: None,
            },
        }
    }

    #[track_caller]
    pub(super) fn status(command: &Command, output: Output) -> CommandError {
        let reason = format!("`{}` {}", line(command), ended(output.status));
        let reason = reason + &last_lines(&output.stderr);
        CommandError {
            output: Some(Box::new(output)),
            ..CommandError::new(Cause::Status, reason)
        }
    }

    /// Standard output that is not the expected JSON.
    #[track_caller]
    pub(super) fn unreadable(
        command: &Command,
        error: &serde_json::Error,
        output: Output,
    ) -> CommandError {
        let reason = format!(
            "`{}` did not print the expected JSON: {error}",
            line(command)
        );
        let written = match output.stdout.is_empty() {
            true => &output.stderr,
            false => &output.stdout,
        };
        let reason = reason + &last_lines(written);
        CommandError {
            output: Some(Box::new(output)),
            ..CommandError::new(Cause::Unreadable, reason)
        }
    }

    #[track_caller]
    pub(super) fn lost(command: &Command, error: &io::Error) -> CommandError {
        let reason = format!("the exit status of `{}` is lost: {error}", line(command));
        CommandError::new(Cause::Lost, reason)
    }

    /// A program that did not end within the time `after`. `status` is `None` if not even SIGKILL ended it.
    #[track_caller]
    pub(super) fn timeout(
        command: &Command,
        (after, limit): (Duration, Limit),
        status: Option<ExitStatus>,
        output: Output,
    ) -> CommandError {
        let left = match status {
            Some(_) => "",
            None => ", and SIGKILL does not end it",
        };
        let (shown, time, end) = (line(command), seconds(after), limit.end());
        let reason = format!("`{shown}` did not end within {time}{end}{left}");
        let reason = reason + &last_lines(&output.stderr);
        CommandError {
            output: Some(Box::new(output)),
            ..CommandError::new(Cause::Timeout, reason)
        }
    }

    /// The error of a wait for something of a program. `how` completes "the program".
    #[track_caller]
    pub(super) fn waiting(command: &Command, how: &str, lines: &[&str]) -> CommandError {
        let reason = format!("`{}` {how}", line(command));
        CommandError::new(Cause::Waiting, reason + &indented(lines.iter().copied()))
    }
}

/// The command line, shortened.
fn line(command: &Command) -> String {
    excerpt_ends(&shown::command_line(command)).into_owned()
}

/// How a program ended, behind its name.
pub(super) fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exited with {code}"),
        (None, Some(signal)) => format!("was killed by {}", signal_name(signal)),
        (None, None) => format!("ended: {status}"),
    }
}

/// The last lines of a text, each on a line of its own.
fn last_lines(text: &str) -> String {
    let lines: Vec<_> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    indented(lines[lines.len().saturating_sub(LINES)..].iter().copied())
}

fn indented<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines
        .map(|line| format!("\n  {}", excerpt_ends(line)))
        .collect()
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.error.reason())
    }
}

impl Error for CommandError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
