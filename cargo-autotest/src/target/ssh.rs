//! Machines with an SSH server, through the system's `ssh`. All commands share one connection.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::kept::kept;
use super::{ConnectError, Transport};

/// The interval at which the socket of a new connection is looked for.
const POLL: Duration = Duration::from_millis(5);

/// Messages of `ssh` after which another attempt is useless.
const FINAL: &[&str] = &[
    "Permission denied",
    "Host key verification failed",
    "Could not resolve hostname",
    "Bad configuration option",
    "Bad port",
    "no such identity",
    "UNPROTECTED PRIVATE KEY",
];

/// Runs commands by `ssh`.
#[derive(Debug)]
pub(super) struct Ssh {
    destination: String,
    port: Option<u16>,
    options: Vec<String>,
    master: Option<Master>,
}

/// The process that holds the connection. It ends with this process.
#[derive(Debug)]
struct Master {
    process: Child,
    /// The directory with the socket through which other processes use the connection.
    home: TempDir,
}

impl Drop for Master {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

impl Master {
    fn socket(&self) -> PathBuf {
        self.home.path().join("s")
    }
}

impl Ssh {
    pub(super) fn new(destination: &str, port: Option<u16>, options: &[String]) -> Ssh {
        Ssh {
            destination: destination.to_owned(),
            port,
            options: options.to_vec(),
            master: None,
        }
    }

    fn ssh(&self, socket: PathBuf) -> Command {
        let mut command = Command::new("ssh");
        command.args(&self.options);
        if let Some(port) = self.port {
            command.args(["-p", &port.to_string()]);
        }
        command.arg("-S").arg(socket);
        // `^C` must not reach it.
        command.process_group(0);
        command
    }

    fn start(&self) -> io::Result<Master> {
        // A short path, since that of a socket may have only about 100 bytes.
        let home = tempfile::Builder::new().prefix("autotest-").tempdir()?;
        let mut command = self.ssh(home.path().join("s"));
        command.args(["-M", "-N", "-T"]);
        // No password prompt: as a background process, it would be stopped by the terminal.
        command.args(["-o", "BatchMode=yes"]);
        command.args(["-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5"]);
        command.args(["-o", "ServerAliveCountMax=3", "-o", "ControlPersist=no"]);
        command.args(["-o", "ClearAllForwardings=yes", "--", &self.destination]);
        // A file, since it would block on a pipe that nobody reads.
        let said = fs_err::File::create(home.path().join("said"))?;
        let mut command = kept(&command, Some(home.path()), None);
        // `^C` must not reach it.
        command.process_group(0);
        command.stdout(Stdio::null()).stderr(said.into_parts().0);
        let process = command.spawn()?;
        Ok(Master { process, home })
    }
}

impl Transport for Ssh {
    fn connect(&mut self) -> Result<(), ConnectError> {
        self.master = None;
        let failed = |error: io::Error| ConnectError {
            reason: format!("failed to start `ssh`: {error}; is it installed?"),
            is_final: true,
        };
        let mut master = self.start().map_err(failed)?;
        loop {
            if master.socket().exists() {
                self.master = Some(master);
                return Ok(());
            }
            if master.process.try_wait().map_err(failed)?.is_some() {
                return Err(refused(&master));
            }
            std::thread::sleep(POLL);
        }
    }

    fn command(&self, line: &str) -> Command {
        let socket = self.master.as_ref().map(Master::socket);
        let mut command = self.ssh(socket.unwrap_or_else(|| PathBuf::from("none")));
        // Otherwise `ssh` would make its own connection if the socket is missing, and ask for a password again.
        command.args(["-o", "ControlMaster=no", "-o", "ProxyCommand=false", "-T"]);
        command.args(["--", &self.destination, line]);
        command
    }
}

/// The error after `ssh` has ended.
fn refused(master: &Master) -> ConnectError {
    let said = fs_err::read(master.home.path().join("said")).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let is_final = FINAL.iter().any(|text| said.contains(text));
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let last: Vec<&str> = said.collect();
    ConnectError {
        reason: match last.as_slice() {
            [] => "`ssh` ended without a word".to_owned(),
            [.., last] => (*last).to_owned(),
        },
        is_final,
    }
}
