//! The process of a machine. It ends with this process, however that ends, unless it is left running.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::super::kept::{Notice, kept};
use super::disk::DISK;
use super::{CONSOLE, ConnectError};

/// The file with the process id and the port of a machine, by which another process finds it.
const RUNNING: &str = "running";

/// The file with QEMU's own messages.
const LOG: &str = "log";

/// A machine that was started.
#[derive(Debug)]
pub(super) struct Process {
    port: u16,
    owner: Owner,
}

#[derive(Debug)]
enum Owner {
    /// This process. The machine ends with it.
    Own(Child),
    /// Another process, which has left the machine running.
    Found { pid: u32, disk: PathBuf },
    /// Nobody, since it is left running.
    Nobody,
}

impl Process {
    /// Starts QEMU with the arguments `more`, in addition to those for disk, network and console.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn start(
        program: &str,
        files: &Path,
        is_temporary: bool,
        more: &[String],
    ) -> Result<Process, ConnectError> {
        check(program)?;
        let failed = |error: io::Error| ConnectError {
            reason: format!("failed to start `{program}`: {error}"),
            is_final: true,
        };
        let port = free_port().map_err(failed)?;
        let log = File::create(files.join(LOG)).map_err(failed)?;
        let mut qemu = Command::new(program);
        qemu.args(args(files, port)).args(more);
        let notice = Notice {
            file: &files.join(RUNNING),
            note: port.to_string(),
        };
        let mut command = kept(&qemu, is_temporary.then_some(files), Some(notice));
        command.process_group(0);
        command.stdout(Stdio::null()).stderr(log);
        let owner = Owner::Own(command.spawn().map_err(failed)?);
        Ok(Process { port, owner })
    }

    /// Finds the machine that another process has left running, if it still runs.
    pub(super) fn find(files: &Path) -> Option<Process> {
        let text = std::fs::read_to_string(files.join(RUNNING)).ok()?;
        let (pid, port) = text.trim().split_once(' ')?;
        let disk = files.join(DISK);
        let mut process = Process {
            port: port.parse().ok()?,
            owner: Owner::Found {
                pid: pid.parse().ok()?,
                disk,
            },
        };
        process.is_running().then_some(process)
    }

    /// The port of 127.0.0.1 that leads to the machine's SSH server.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn is_running(&mut self) -> bool {
        match &mut self.owner {
            Owner::Own(child) => matches!(child.try_wait(), Ok(None)),
            Owner::Found { pid, disk } => has_open(*pid, disk),
            Owner::Nobody => true,
        }
    }

    /// `true` if KVM could not execute one of the machine's instructions, as happens within other virtual machines. QEMU
    /// stops such a machine, but does not end.
    pub(super) fn is_stuck(&self, files: &Path) -> bool {
        let log = std::fs::read(files.join(LOG)).unwrap_or_default();
        String::from_utf8_lossy(&log).contains("KVM internal error")
    }

    /// The error about a machine that does not run any more.
    pub(super) fn ended(&self, files: &Path) -> ConnectError {
        let log = std::fs::read(files.join(LOG)).unwrap_or_default();
        let log = super::last_lines(&String::from_utf8_lossy(&log));
        ConnectError {
            is_final: !log.is_empty(),
            reason: match log.as_str() {
                "" => "the machine switched itself off".to_owned(),
                log => format!("QEMU ended:\n{log}"),
            },
        }
    }

    /// Lets the machine run on without this process.
    pub(super) fn leave(mut self) {
        if let Owner::Own(child) = &mut self.owner
            && let Some(stdin) = &mut child.stdin
        {
            let _ = stdin.write_all(b"\n");
        }
        self.owner = Owner::Nobody;
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        match &mut self.owner {
            Owner::Own(child) => {
                drop(child.stdin.take());
                let _ = child.wait();
            }
            Owner::Found { pid, disk } => {
                while has_open(*pid, disk) {
                    let pid = i32::try_from(*pid).ok().and_then(Pid::from_raw);
                    let Some(Ok(())) = pid.map(|pid| kill_process(pid, Signal::KILL)) else {
                        break;
                    };
                    thread::sleep(Duration::from_millis(5));
                }
            }
            Owner::Nobody => {}
        }
    }
}

/// Removes the files of processes, except the console.
pub(super) fn remove(files: &Path) {
    for name in [RUNNING, LOG] {
        let _ = std::fs::remove_file(files.join(name));
    }
}

/// The arguments for the disk, the network and the console.
fn args(files: &Path, port: u16) -> Vec<String> {
    // QEMU wants a comma in a path doubled.
    let path = |name: &str| files.join(name).display().to_string().replace(',', ",,");
    let args = [
        "-m",
        "1G",
        "-display",
        "none",
        "-monitor",
        "none",
        "-chardev",
        &format!("file,id=console,append=on,path={}", path(CONSOLE)),
        "-serial",
        "chardev:console",
        "-drive",
        &format!("if=virtio,format=qcow2,file={}", path(DISK)),
        "-nic",
        &format!("user,hostfwd=tcp:127.0.0.1:{port}-:22,model=virtio-net-pci"),
    ];
    args.map(str::to_owned).to_vec()
}

/// Checks that a program is installed, because the shell that starts it would report that in its own words.
fn check(program: &str) -> Result<(), ConnectError> {
    let mut command = Command::new(program);
    let command = command.arg("--version").stdin(Stdio::null());
    match command.output() {
        Err(error) => {
            let hint = match error.kind() {
                ErrorKind::NotFound => "; is QEMU installed (Debian: qemu-system)?",
                _ => "",
            };
            Err(ConnectError {
                reason: format!("failed to start `{program}`: {error}{hint}"),
                is_final: true,
            })
        }
        Ok(_) => Ok(()),
    }
}

/// A port that was free a moment ago.
fn free_port() -> io::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// Whether a process has a file open, even if the file was moved since then.
fn has_open(pid: u32, file: &Path) -> bool {
    let open = std::fs::read_dir(format!("/proc/{pid}/fd"));
    let mut open = open.into_iter().flatten().flatten();
    open.any(|entry| std::fs::read_link(entry.path()).is_ok_and(|path| path == file))
}
