//! `cargo autotest`: the host side of autotest. A target never needs it.

mod build;
mod calibrate;
mod cargo;
mod check;
mod cli;
mod config;
mod db;
mod describe;
mod exit;
mod inspect;
mod job_file;
mod journals;
mod list;
mod new;
mod progress;
mod report;
mod run;
mod safe;
mod stats;
mod target;
mod verdict;
mod workspace;
mod write_private;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use cli::{Cli, Command};
use exit::Exit;

/// An error of a command.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    New(#[from] new::NewError),
    #[error(transparent)]
    List(#[from] list::ListError),
    #[error(transparent)]
    Describe(#[from] describe::DescribeError),
    #[error(transparent)]
    Check(#[from] check::CheckError),
    #[error(transparent)]
    Build(#[from] build::BuildError),
    #[error(transparent)]
    Run(#[from] run::RunError),
    #[error(transparent)]
    Report(#[from] report::ReportError),
    #[error(transparent)]
    Db(#[from] db::DbError),
    #[error(transparent)]
    Calibrate(#[from] calibrate::CalibrateError),
    #[error("failed to write to stdout: {0}")]
    Stdout(io::Error),
}

fn main() -> ExitCode {
    if let Some(code) = build::as_wrapper() {
        return code;
    }
    // Cargo calls `cargo-autotest autotest schema`; a direct call lacks the first argument.
    let mut args: Vec<_> = std::env::args_os().collect();
    if args.get(1).is_some_and(|arg| arg == "autotest") {
        args.remove(1);
    }
    match run(Cli::parse_from(args).command) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            // The message may contain text from a target, or names of files.
            let said = safe::safe(&failure.to_string());
            let _ = writeln!(io::stderr(), "error: {said}");
            Exit::of(&failure).into()
        }
    }
}

fn run(command: Command) -> Result<Exit, Failure> {
    match command {
        Command::New(args) => print(&new::run(&args)?)?,
        Command::List(args) => print(&list::run(&args)?)?,
        Command::Describe(args) => print(&describe::run(&args)?)?,
        Command::Build(args) => print(&build::run(&args)?)?,
        Command::Run(args) => return Ok(run::run(&args)?),
        Command::Rerun(args) => return Ok(run::rerun(&args)?),
        Command::Attach(args) => return Ok(run::attach(&args)?),
        Command::Report(args) => return Ok(report::run(&args)?),
        Command::Db(args) => {
            let (text, exit) = db::run(&args)?;
            print(&text)?;
            return Ok(exit);
        }
        Command::Calibrate(args) => print(&calibrate::run(&args)?)?,
        Command::Schema => print(&schema())?,
        Command::Completions { shell } => print(&completions(shell))?,
        Command::Check(args) => print(&check::run(&args)?)?,
    }
    Ok(Exit::Done)
}

/// Writes to standard output. It is no error if the reader has gone away (`list | head`).
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Stdout(error)),
        _ => Ok(()),
    }
}

fn schema() -> String {
    let schema = serde_json::to_string_pretty(&job_file::schema());
    schema.unwrap_or_default() + "\n"
}

/// The completion script. It is for `cargo-autotest`, since shells complete `cargo` themselves.
fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    let mut command = Cli::command().bin_name("cargo-autotest");
    clap_complete::generate(shell, &mut command, "cargo-autotest", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
