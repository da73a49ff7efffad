//! Virtual machines that boot a disk image. QEMU runs them on this machine. Their SSH servers are reached through a
//! port of 127.0.0.1; apart from that, they are like any machine with an SSH server.
//!
//! The image is never changed: a machine writes to its own disk, beside the run's results.

mod disk;
mod hardware;
mod process;

use std::io::{self, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::ssh::Ssh;
use super::{ConnectError, Parting, Transport};
use crate::config::ConfiguredTarget;
use hardware::Hardware;
use process::Process;

/// The directory for the files of machines, within that of the results. A run keeps files whose names begin with this
/// prefix.
const MACHINES: &str = ".autotest-run.machines";

/// The file with the output of the machine's serial console.
const CONSOLE: &str = "console";

/// The time limit of one attempt to reconnect to a machine that has answered before. The caller repeats the attempt.
const AGAIN_PATIENCE: Duration = Duration::from_secs(10);

/// The time for which a server may refuse the user after its first answer, since the machine may still be adding keys.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(20);

/// The interval between attempts to reach a server, and the time limit for its greeting.
const POLL: Duration = Duration::from_millis(300);
const GREETING: Duration = Duration::from_secs(3);

/// The number of times that QEMU is started if another program has taken its port meanwhile, or KVM does not work.
const STARTS: u32 = 3;

/// The number of lines of the console that an error shows.
const SHOWN_LINES: usize = 3;

/// Options of `ssh`. They follow the user's own, since the first one counts. Each boot may make another host key, and
/// an emulated machine is slow.
const SSH_OPTIONS: &[&str] = &[
    "-oStrictHostKeyChecking=no",
    "-oUserKnownHostsFile=/dev/null",
    "-oLogLevel=ERROR",
    "-oConnectTimeout=60",
    "-oServerAliveCountMax=6",
];

/// The place of the files of machines.
#[derive(Clone, Debug)]
pub(crate) enum Home {
    /// In a new directory below this one, until there are results.
    Below(PathBuf),
    /// In these results.
    Results(PathBuf),
}

/// Runs commands by `ssh` in a virtual machine.
#[derive(Debug)]
pub(super) struct Qemu {
    user: String,
    image: PathBuf,
    configured: ConfiguredTarget,
    patience: Duration,
    has_answered: bool,
    /// `false` once QEMU has failed with KVM.
    may_use_kvm: bool,
    ssh: Option<Ssh>,
    process: Option<Process>,
    home: Home,
    /// The directory of the machine's files until there are results. It is removed when this is dropped.
    temporary: Option<TempDir>,
}

impl Qemu {
    pub(super) fn new(
        user: &str,
        image: PathBuf,
        configured: &ConfiguredTarget,
        home: Home,
        patience: Duration,
    ) -> Qemu {
        Qemu {
            user: user.to_owned(),
            image,
            configured: configured.clone(),
            patience,
            has_answered: false,
            may_use_kvm: !configured.qemu_options.iter().any(|it| it == "-accel"),
            ssh: None,
            process: None,
            home,
            temporary: None,
        }
    }

    /// The directory of the machine's files, which is created if it does not exist.
    fn files(&mut self) -> io::Result<PathBuf> {
        let dir = match (&self.home, &self.temporary) {
            (Home::Results(results), _) => results.join(MACHINES).join(&self.configured.name),
            (Home::Below(_), Some(temporary)) => temporary.path().to_owned(),
            (Home::Below(parent), None) => {
                fs_err::create_dir_all(parent)?;
                let mut builder = tempfile::Builder::new();
                let made = builder.prefix(".machine-").tempdir_in(parent)?;
                self.temporary.insert(made).path().to_owned()
            }
        };
        fs_err::create_dir_all(&dir)?;
        fs_err::canonicalize(dir)
    }

    /// Starts the machine unless it is running. Returns the port of its SSH server. `starts` counts the starts.
    fn switch_on(&mut self, starts: &mut u32) -> Result<u16, ConnectError> {
        let no_files = |error| ConnectError {
            reason: format!("failed to make a directory for the machine: {error}"),
            is_final: true,
        };
        let files = self.files().map_err(no_files)?;
        if self.process.is_none() {
            self.process = Process::find(&files);
        }
        if let Some(process) = &mut self.process {
            let is_stuck = process.is_stuck(&files);
            if process.is_running() && !is_stuck {
                return Ok(process.port());
            }
            let error = process.ended(&files);
            self.process = None;
            let is_port_taken = error.reason.contains("host forwarding rule");
            let names_kvm = error.reason.to_lowercase().contains("kvm");
            let is_kvm_broken = is_stuck || self.may_use_kvm && names_kvm;
            self.may_use_kvm &= !is_kvm_broken;
            if *starts > 0 && !((is_port_taken || is_kvm_broken) && *starts < STARTS) {
                return Err(error);
            }
        }
        *starts += 1;
        // Ending a machine removes its temporary directory.
        let files = self.files().map_err(no_files)?;
        let hardware = Hardware::of(self.configured.triple.as_deref())?;
        disk::make(&self.image, &files)?;
        let is_temporary = self.temporary.is_some();
        let mut args = hardware.args(self.may_use_kvm);
        args.extend(self.configured.qemu_options.iter().cloned());
        let process = Process::start(&hardware.program(), &files, is_temporary, &args)?;
        Ok(self.process.insert(process).port())
    }

    fn reach(&self, port: u16) -> Result<Ssh, ConnectError> {
        greeting(port).map_err(|error| ConnectError {
            reason: error.to_string(),
            is_final: false,
        })?;
        let mut options = self.configured.ssh_options.clone();
        options.extend(SSH_OPTIONS.iter().map(|&option| option.to_owned()));
        let destination = format!("{}@127.0.0.1", self.user);
        let mut ssh = Ssh::new(&destination, Some(port), &options);
        ssh.connect()?;
        Ok(ssh)
    }

    /// The error about a machine that cannot be reached.
    fn silent(&mut self, patience: Duration, error: &ConnectError) -> ConnectError {
        let console = self.files().ok().map(|files| files.join(CONSOLE));
        let console = console.and_then(|path| fs_err::read(path).ok());
        let console = last_lines(&String::from_utf8_lossy(&console.unwrap_or_default()));
        ConnectError {
            reason: format!(
                "the machine has no SSH server that answers within {} s ({}); its console {}",
                patience.as_secs(),
                error.reason,
                match console.as_str() {
                    "" => "is empty".to_owned(),
                    console => format!("ends with:\n{console}"),
                }
            ),
            is_final: false,
        }
    }
}

impl Transport for Qemu {
    fn connect(&mut self) -> Result<(), ConnectError> {
        self.ssh = None;
        let patience = match self.has_answered {
            true => self.patience.min(AGAIN_PATIENCE),
            false => self.patience,
        };
        let (start, mut refused_since, mut starts) = (Instant::now(), None, 0);
        loop {
            let port = self.switch_on(&mut starts)?;
            let error = match self.reach(port) {
                Ok(ssh) => {
                    (self.ssh, self.has_answered) = (Some(ssh), true);
                    return Ok(());
                }
                Err(error) => error,
            };
            if error.is_final {
                let since = *refused_since.get_or_insert_with(Instant::now);
                if since.elapsed() >= REFUSAL_PATIENCE {
                    return Err(error);
                }
            }
            if start.elapsed() >= patience {
                return Err(self.silent(patience, &error));
            }
            thread::sleep(POLL);
        }
    }

    fn command(&self, line: &str) -> Command {
        match &self.ssh {
            Some(ssh) => ssh.command(line),
            // It fails, as over a broken connection.
            None => Command::new("false"),
        }
    }

    fn settle(&mut self, results: &Path) -> io::Result<()> {
        if let Some(temporary) = self.temporary.take() {
            let machines = results.join(MACHINES);
            fs_err::create_dir_all(&machines)?;
            fs_err::rename(temporary.path(), machines.join(&self.configured.name))?;
            let _ = temporary.keep();
            self.home = Home::Results(results.to_owned());
        }
        Ok(())
    }

    fn switch_off(&mut self) -> bool {
        if self.ssh.is_some() {
            let mut sync = self.command("sync");
            let _ = sync.stdin(Stdio::null()).output();
        }
        (self.ssh, self.process) = (None, None);
        true
    }

    fn part(&mut self, parting: Parting) {
        self.ssh = None;
        let process = self.process.take();
        match parting {
            Parting::Leave => process.into_iter().for_each(Process::leave),
            Parting::Discard => {
                drop(process);
                if let Ok(files) = self.files() {
                    disk::remove(&files);
                    process::remove(&files);
                }
            }
        }
    }
}

/// Waits for the greeting of an SSH server. A connection alone proves nothing, since QEMU itself accepts it.
fn greeting(port: u16) -> io::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, GREETING)?;
    stream.set_read_timeout(Some(GREETING))?;
    let mut greeting = [0; 4];
    match stream.read_exact(&mut greeting) {
        Ok(()) if &greeting == b"SSH-" => Ok(()),
        Ok(()) => Err(io::Error::other("port 22 has another server")),
        Err(_) => Err(io::Error::other("nothing answers at port 22")),
    }
}

/// The last non-empty lines of a text.
fn last_lines(text: &str) -> String {
    let lines = text.lines().map(str::trim_end);
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(SHOWN_LINES)..].join("\n")
}
