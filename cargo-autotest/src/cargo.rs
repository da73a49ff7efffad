//! Runs Cargo. Its progress and its messages go to standard error as they come.

use std::io::{self, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use cargo_metadata::{Artifact, Message};

/// An error when running Cargo.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CargoError {
    #[error("failed to run cargo: {0}")]
    NotStarted(io::Error),
    #[error("failed to read what cargo prints: {0}")]
    Unreadable(io::Error),
    #[error("cargo could not build it; its messages are above")]
    Failed,
}

/// The Cargo that called this program, or the one in `PATH`.
pub(crate) fn command() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Cargo's home directory, which has the user's configuration and the sources of downloaded packages.
pub(crate) fn home() -> Option<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(std::env::home_dir()?.join(".cargo")))
}

/// Runs `cargo build …`. Returns its artifacts, including those that were up to date.
///
/// # Errors
/// If Cargo cannot be run or fails.
pub(crate) fn artifacts(command: &mut Command) -> Result<Vec<Artifact>, CargoError> {
    command.arg("--message-format=json-render-diagnostics");
    let mut cargo = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(CargoError::NotStarted)?;
    let mut artifacts = Vec::new();
    if let Some(stdout) = cargo.stdout.take() {
        for message in Message::parse_stream(BufReader::new(stdout)) {
            if let Message::CompilerArtifact(artifact) = message.map_err(CargoError::Unreadable)? {
                artifacts.push(artifact);
            }
        }
    }
    match cargo.wait().map_err(CargoError::NotStarted)?.success() {
        true => Ok(artifacts),
        false => Err(CargoError::Failed),
    }
}
