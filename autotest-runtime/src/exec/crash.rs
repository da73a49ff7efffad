//! Core dumps of tests' processes: `--crash-handler`, and core files found without it.
//!
//! While a job with the handler runs, the kernel pipes each core dump of the target to this binary ([`handler`]). It
//! keeps those of tests, and forwards all others to the previous handler. The kernel's previous settings are recorded
//! in a directory ([`register`]) before they are changed, so that any later process can restore them. The supervisor
//! starts a process that examines the kept core dumps ([`examine`]).
//!
//! Nothing here decides a verdict.

mod compress;
mod core_file;
mod crash_dir;
mod examine;
mod facts;
mod forward;
mod found;
mod frames;
mod gdb;
mod handler;
mod kernel;
mod owner;
mod pattern;
mod register;
mod registers;
mod sparse;
mod symbols;
mod unwind;

use std::io;
use std::path::Path;

use super::procfs;
use super::stat::Stat;
use super::unix::ChildPid;
use crate::identity;
use register::{Register, RegisteredJob};

pub(super) use crash_dir::{has_unexamined, is_examined, kept, names};
pub(super) use examine::{Examination, examine};
pub(super) use found::CoreFiles;
pub(crate) use handler::{handle, is_handler};

/// The pid namespace in which the kernel starts the handler. The kernel never gives this number to another one.
const INITIAL_PID_NAMESPACE: &str = "pid:[4026531836]";

/// The registration of a job whose core dumps the kernel pipes to this binary, until dropped.
#[derive(Debug)]
pub(super) struct Registration {
    id: String,
}

impl Registration {
    /// # Errors
    /// If the handler cannot be installed; the message says why.
    pub(super) fn new(id: &str, jobdir: &Path) -> Result<Registration, String> {
        check_target()?;
        let pid = std::process::id().cast_signed();
        let stat = ChildPid::new(pid).and_then(Stat::of);
        let binary = std::env::current_exe().map_err(|error| error.to_string())?;
        let job = RegisteredJob {
            id: id.to_owned(),
            binary,
            jobdir: jobdir.to_owned(),
            supervisor: pid,
            since_boot_s: stat.map_or(0.0, |stat| stat.since_boot_s),
            boot_id: identity::boot_id(),
        };
        // If the installation fails halfway, dropping this restores the previous settings.
        let registration = Registration { id: id.to_owned() };
        let install = || Register::create()?.add(&job);
        install().map_err(|error: io::Error| error.to_string())?;
        Ok(registration)
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        forget(&self.id, std::process::id());
    }
}

/// Checks whether the kernel could start the handler here.
fn check_target() -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("it needs root".to_owned());
    }
    let mounts = |pid: &str| std::fs::read_link(format!("/proc/{pid}/ns/mnt")).ok();
    let is_initial = identity::pid_namespace() == INITIAL_PID_NAMESPACE;
    // If the namespace of process 1 is not readable, assume that it is ours.
    let is_elsewhere = mounts("1").is_some_and(|initial| Some(initial) != mounts("self"));
    if !procfs::is_ours() || !is_initial || is_elsewhere {
        let reason = "the kernel starts it in the initial namespaces, and this job is in others";
        return Err(reason.to_owned());
    }
    if procfs::emulator().is_some() {
        return Err("the kernel cannot start a binary that an emulator executes".to_owned());
    }
    Ok(())
}

/// Removes the registration of the job with this supervisor, if there is one. Called at the end of the job, and by its
/// guardian if the supervisor was killed.
pub(super) fn forget(id: &str, supervisor: u32) {
    if let Ok(Some(register)) = Register::existing() {
        let _ = register.remove(id, supervisor.cast_signed());
    }
}

/// Undoes the registrations of jobs whose supervisor and guardian were killed.
pub(crate) fn forget_killed_jobs() {
    if let Ok(Some(register)) = Register::existing() {
        let _ = register.prune();
    }
}
