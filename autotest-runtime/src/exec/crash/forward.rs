//! Forwards a core dump to the original destination: a program or a file.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::process::{Gid, Uid};

use super::handler::Dump;
use super::kernel::KernelSettings;
use super::pattern::{expand, status, value_of};
use super::sparse;

/// The dump mode in which the process itself may read its core file.
const MODE_USER: u32 = 1;

/// # Errors
/// If the core file is not written, for example since the process lacks the permission.
pub(super) fn pass_on(dump: &Dump, original: &KernelSettings) -> io::Result<()> {
    if dump.mode != MODE_USER && original.suid_dumpable == "0" {
        return Ok(());
    }
    let value = |specifier| value_of(dump, specifier);
    match original.core_pattern.strip_prefix('|') {
        Some(command) => Err(execute(command, &value)),
        None => write_file(dump, &original.core_pattern, &value),
    }
}

/// Replaces this process by a program, which reads the core dump from the same standard input.
fn execute(command: &str, value: &dyn Fn(char) -> Option<String>) -> io::Error {
    let mut words = command
        .split_ascii_whitespace()
        .map(|word| expand(word, value));
    let Some(program) = words.next() else {
        return ErrorKind::NotFound.into();
    };
    Command::new(program).args(words).env_clear().exec()
}

/// Writes the file that the kernel would have written, with the privileges of the process.
fn write_file(
    dump: &Dump,
    pattern: &str,
    value: &dyn Fn(char) -> Option<String>,
) -> io::Result<()> {
    let mut path = expand(pattern, value);
    let uses_pid = fs::read_to_string("/proc/sys/kernel/core_uses_pid");
    if uses_pid.is_ok_and(|uses| uses.trim() == "1") && !pattern.contains("%p") {
        path.extend(value('p').map(|pid| format!(".{pid}")));
    }
    let is_allowed = dump.mode == MODE_USER || path.starts_with('/');
    if path.is_empty() || dump.limit == 0 || !is_allowed {
        return Ok(());
    }
    let process = format!("/proc/{}", dump.pid);
    let from = match path.starts_with('/') {
        true => format!("{process}/root"),
        false => format!("{process}/cwd"),
    };
    let from = rustix::fs::openat(
        CWD,
        from,
        OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC,
        Mode::empty(),
    )?;
    let owner = match dump.mode {
        MODE_USER => become_owner(&process)?,
        _ => Uid::ROOT,
    };
    let file = create(&from, Path::new(&path))?;
    let found = file.metadata()?;
    if !found.is_file() || found.nlink() != 1 || found.uid() != owner.as_raw() {
        return Err(ErrorKind::PermissionDenied.into());
    }
    file.set_len(0)?;
    let core = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    sparse::copy_all(core.take(dump.limit), &file)
}

fn create(from: &OwnedFd, path: &Path) -> io::Result<File> {
    let flags =
        OFlags::CREATE | OFlags::RDWR | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let mode = Mode::from_raw_mode(0o600);
    let below = path.strip_prefix("/").unwrap_or(path);
    // The process may be in a container: links must be resolved within its root.
    let resolve = match path.is_absolute() {
        true => ResolveFlags::IN_ROOT,
        false => ResolveFlags::empty(),
    };
    let opened = match rustix::fs::openat2(from, path, flags, mode, resolve) {
        Err(rustix::io::Errno::NOSYS) => rustix::fs::openat(from, below, flags, mode),
        opened => opened,
    };
    Ok(File::from(opened?))
}

/// Changes this process's credentials to those of another process. Returns its user.
fn become_owner(process: &str) -> io::Result<Uid> {
    let numbers = |field| -> Vec<u32> {
        let values = status(process, field).unwrap_or_default();
        values
            .split_ascii_whitespace()
            .filter_map(|value| value.parse().ok())
            .collect()
    };
    // The last of the four ids is the one for file access.
    let (uids, gids) = (numbers("Uid:"), numbers("Gid:"));
    let (Some(uid), Some(gid)) = (uids.get(3), gids.get(3)) else {
        return Err(ErrorKind::NotFound.into());
    };
    let (uid, gid) = (Uid::from_raw(*uid), Gid::from_raw(*gid));
    let groups: Vec<Gid> = numbers("Groups:").into_iter().map(Gid::from_raw).collect();
    rustix::thread::set_thread_groups(&groups)?;
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
    Ok(uid)
}
