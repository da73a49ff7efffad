//! Commands of a test: programs that it runs, and programs that run beside it.
//!
//! [`Commands`] gives every [`TestContext`] `command` and `shell`. A command is logged line by line to the debug
//! directory, never outlives the test, and never hangs it: its output is bounded in memory, its time by its own
//! timeout and the test's, and what it leaves behind does not keep its pipes open.

mod capture;
mod error;
mod listening;
mod output;
mod pipes;
mod process;
mod shown;
mod spawned;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command as StdCommand, Stdio};
use std::time::Duration;

use autotest_core::TestContext;
use rustix::fs::MemfdFlags;
use serde::de::DeserializeOwned;

use crate::length::Length;
use crate::waiting::Limit;
use capture::Capture;
pub use error::CommandError;
pub use output::Output;
use pipes::Pipes;
use process::{End, Process};
pub use spawned::Spawned;

/// Commands, for tests. In the prelude.
pub trait Commands {
    /// A command: a program, which is looked up in `PATH`, without a shell.
    ///
    /// ```no_run
    /// use autotest::prelude::*;
    ///
    /// #[autotest]
    /// fn writes_are_fast(cx: &mut TestContext) -> TestResult {
    ///     let fio = cx.command("fio").or_skip().args(["--name=w", "--rw=write", "--size=64M"]);
    ///     let output = fio.timeout("1m").run()?;
    ///     ensure!(!output.stdout.contains("error"));
    ///     Ok(())
    /// }
    /// # autotest::main!();
    /// # mod hidden {}
    /// ```
    fn command(&mut self, program: impl AsRef<OsStr>) -> Command;

    /// A script for `sh`. Pass values to it with [`Command::arg`], as `"$1"` and so on, or with [`Command::env`],
    /// instead of writing them into the script.
    ///
    /// ```no_run
    /// # use autotest::prelude::*;
    /// # fn test(cx: &mut TestContext, device: &str) -> TestResult {
    /// let rate = cx.shell("dd if=\"$1\" of=/dev/null count=99 2>&1 | tail -n 1").arg(device).read()?;
    /// # Ok(())
    /// # }
    /// ```
    fn shell(&mut self, script: impl AsRef<OsStr>) -> Command;
}

impl Commands for TestContext {
    fn command(&mut self, program: impl AsRef<OsStr>) -> Command {
        Command::new(program.as_ref().to_owned(), Limit::of_test(self))
    }

    fn shell(&mut self, script: impl AsRef<OsStr>) -> Command {
        let command = Command::new("sh".into(), Limit::of_test(self));
        let command = command.arg("-c").arg(script).arg("sh");
        Command {
            hidden_args: command.args.len(),
            ..command
        }
    }
}

/// A command that a test is about to run. It is made by [`Commands`].
#[derive(Debug)]
#[must_use = "a command does nothing until `run`, `read` or `spawn`"]
pub struct Command {
    program: OsString,
    args: Vec<OsString>,
    /// How many of the first arguments are the call of a shell; the second of them is the script.
    hidden_args: usize,
    env: Vec<(OsString, Option<OsString>)>,
    is_env_clear: bool,
    dir: Option<PathBuf>,
    stdin: Option<Vec<u8>>,
    stdout: Option<PathBuf>,
    ok_codes: Vec<i32>,
    ignores_status: bool,
    skips: bool,
    timeout: Option<Duration>,
    /// The end of the test.
    limit: Limit,
    /// The first mistake in the values that were given.
    mistake: Option<String>,
}

impl Command {
    fn new(program: OsString, limit: Limit) -> Command {
        Command {
            program,
            args: Vec::new(),
            hidden_args: 0,
            env: Vec::new(),
            is_env_clear: false,
            dir: None,
            stdin: None,
            stdout: None,
            ok_codes: vec![0],
            ignores_status: false,
            skips: false,
            timeout: None,
            limit,
            mistake: None,
        }
    }

    /// Adds an argument.
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Command {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds arguments.
    pub fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets an environment variable. The others are those of the test.
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Command {
        let value = value.as_ref().to_owned();
        self.env.push((name.as_ref().to_owned(), Some(value)));
        self
    }

    /// Removes an environment variable.
    pub fn env_remove(mut self, name: impl AsRef<OsStr>) -> Command {
        self.env.push((name.as_ref().to_owned(), None));
        self
    }

    /// Removes all environment variables of the test; those that `env` sets stay.
    pub fn env_clear(mut self) -> Command {
        self.is_env_clear = true;
        self
    }

    /// Sets the current directory. Otherwise it is the test's, the output directory.
    pub fn current_dir(mut self, dir: impl AsRef<Path>) -> Command {
        self.dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Sets what the program reads from its standard input. Otherwise, it is `/dev/null`.
    pub fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Command {
        self.stdin = Some(bytes.into());
        self
    }

    /// Writes the standard output to a file, which is created or replaced. It is then neither logged nor in the
    /// [`Output`]. A relative path begins at the current directory of the test.
    pub fn stdout_to(mut self, path: impl AsRef<Path>) -> Command {
        self.stdout = Some(path.as_ref().to_owned());
        self
    }

    /// The exit codes that count as success; by default, only 0 does.
    pub fn ok_codes(mut self, codes: impl IntoIterator<Item = i32>) -> Command {
        self.ok_codes = codes.into_iter().collect();
        self
    }

    /// Accepts every exit code, and an end by a signal.
    pub fn ignore_status(mut self) -> Command {
        self.ignores_status = true;
        self
    }

    /// If the program does not exist, the test is TEST_NA with that reason, instead of a failure.
    pub fn or_skip(mut self) -> Command {
        self.skips = true;
        self
    }

    /// How long the program may run, such as `"10s"`: then its process group gets SIGTERM, and SIGKILL two
    /// seconds later. Without it, and if it would be later, the program may run until shortly before the test's
    /// own timeout.
    pub fn timeout(mut self, timeout: impl Length) -> Command {
        match timeout.length() {
            Ok(timeout) => self.timeout = Some(timeout),
            Err(mistake) => drop(self.mistake.get_or_insert(mistake)),
        }
        self
    }

    /// Runs the program and waits for its end.
    ///
    /// A process that the program leaves behind is not waited for: the output is what has been written until the
    /// program's own end. Of each stream, the first 4 MiB and the last 64 KiB are kept.
    ///
    /// # Errors
    /// If the program cannot be started, ends with another exit code than the permitted ones or by a signal, or
    /// does not end in time. In the body of a test that is FAIL, elsewhere ERROR.
    #[track_caller]
    pub fn run(self) -> Result<Output, CommandError> {
        self.completed()
    }

    /// Runs the program and returns its standard output as a text, without white space at its ends.
    ///
    /// # Errors
    /// Those of [`run`](Command::run).
    #[track_caller]
    pub fn read(self) -> Result<String, CommandError> {
        let output = self.completed()?;
        Ok(output.stdout.trim().to_owned())
    }

    /// Runs the program and parses its standard output, which must be one JSON value.
    ///
    /// ```no_run
    /// # use autotest::prelude::*;
    /// #[derive(serde::Deserialize)]
    /// struct Link {
    ///     mtu: u32,
    /// }
    ///
    /// # fn test(cx: &mut TestContext) -> TestResult {
    /// let links: Vec<Link> = cx.command("ip").args(["-json", "link", "show", "eth0"]).read_json()?;
    /// ensure_eq!(links[0].mtu, 1500);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Those of [`run`](Command::run), and if the output is not a `T`; that error has the line and the column.
    #[track_caller]
    pub fn read_json<T: DeserializeOwned>(self) -> Result<T, CommandError> {
        let output = self.completed()?;
        match serde_json::from_slice(output.stdout_bytes()) {
            Ok(value) => Ok(value),
            Err(error) => Err(CommandError::unreadable(&self, &error, output)),
        }
    }

    #[track_caller]
    fn completed(&self) -> Result<Output, CommandError> {
        let limit = self.limit.within(self.timeout);
        let mut capture = Capture::new(self.name());
        let (mut process, pipes) = self.start()?;
        let end = process.wait(limit, pipes, &mut capture);
        let output = capture.into_output(process.elapsed());
        self.checked(limit, end, output)
    }

    /// Starts the program and does not wait for its end. It runs until the [`Spawned`] is dropped, at the
    /// latest.
    ///
    /// # Errors
    /// If the program cannot be started.
    #[track_caller]
    pub fn spawn(self) -> Result<Spawned, CommandError> {
        let (process, pipes) = self.start()?;
        Spawned::new(self, process, pipes)
    }

    /// The program without its directory, for log lines.
    fn name(&self) -> String {
        let path = Path::new(&self.program);
        let name = path.file_name().unwrap_or(&self.program);
        name.to_string_lossy().into_owned()
    }

    #[track_caller]
    fn start(&self) -> Result<(Process, Pipes), CommandError> {
        if let Some(mistake) = &self.mistake {
            return Err(CommandError::mistake(self, mistake));
        }
        log::info!("running {}", shown::command_line(self));
        let started = self
            .std()
            .and_then(|mut command| Process::start(&mut command));
        match started {
            Ok(started) => Ok(started),
            Err(error) => Err(CommandError::not_started(self, &error)),
        }
    }

    fn std(&self) -> io::Result<StdCommand> {
        let mut command = StdCommand::new(&self.program);
        command.args(&self.args);
        if self.is_env_clear {
            command.env_clear();
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        if let Some(dir) = &self.dir {
            command.current_dir(dir);
        }
        command.stdin(match &self.stdin {
            Some(bytes) => input(bytes)?.into(),
            None => Stdio::null(),
        });
        command.stdout(match &self.stdout {
            Some(path) => crate::fs::File::create(path)?.into_file().into(),
            None => Stdio::piped(),
        });
        command.stderr(Stdio::piped());
        Ok(command)
    }

    /// The result of a program that ended, or that was ended.
    #[track_caller]
    fn checked(&self, limit: Limit, end: End, mut output: Output) -> Result<Output, CommandError> {
        log::info!("{} {}", self.name(), end);
        match end {
            End::Exited(status) => {
                output.status = status;
                let is_ok = status
                    .code()
                    .is_some_and(|code| self.ok_codes.contains(&code));
                match is_ok || self.ignores_status {
                    true => Ok(output),
                    false => Err(CommandError::status(self, output)),
                }
            }
            End::TimedOut { after, status } => {
                output.status = status.unwrap_or_default();
                let limit = (after, limit);
                Err(CommandError::timeout(self, limit, status, output))
            }
            End::Lost(error) => Err(CommandError::lost(self, &error)),
        }
    }
}

/// A file in memory: no thread has to write, and no program that does not read can block us.
fn input(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(rustix::fs::memfd_create("stdin", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    io::Seek::rewind(&mut file)?;
    Ok(file)
}
