//! `/proc`, where it shows the process namespace of this process.
//!
//! A process may run in its own PID namespace but see the `/proc` of another one (`unshare --pid --fork`
//! without `--mount-proc`); the numbers there belong to other processes. So the executor reads
//! `/proc/<number>` only through this module, which treats the `/proc` of another namespace as missing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::unix::ChildPid;

/// The directory of a process. `None` where `/proc` is missing or another namespace's.
pub(super) fn of(pid: ChildPid) -> Option<PathBuf> {
    is_ours().then(|| Path::new("/proc").join(pid.get().to_string()))
}

/// The text of a file below `/proc`. Names of processes and paths may be any bytes, and the kernel may cut a name within a
/// character: what is not UTF-8 is replaced.
pub(super) fn text(path: impl AsRef<Path>) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&fs::read(path)?).into_owned())
}

/// The numbers of all processes but this one; none where `/proc` is missing or another namespace's.
pub(super) fn processes() -> impl Iterator<Item = ChildPid> {
    let entries = is_ours().then(|| fs::read_dir("/proc").ok()).flatten();
    let own = std::process::id().cast_signed();
    entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(move |pid| *pid != own)
        .filter_map(ChildPid::new)
}

/// Whether `/proc` is that of this process's namespace: it knows this process by the number that it has for
/// itself, and by no other.
///
/// The numbers alone may be equal by chance.
pub(super) fn is_ours() -> bool {
    let number = fs::read_link("/proc/self");
    number.is_ok_and(|number| number == Path::new(&std::process::id().to_string()))
        && numbers_of_this_process().is_none_or(|count| count == 1)
}

/// How many numbers `/proc` lists for this process: one for each namespace from that of `/proc` to its own.
/// `None` before Linux 4.1, which does not list them.
fn numbers_of_this_process() -> Option<usize> {
    let status = text("/proc/self/status").ok()?;
    let numbers = status
        .lines()
        .find_map(|line| line.strip_prefix("NSpid:"))?;
    Some(numbers.split_ascii_whitespace().count())
}

/// The number of threads of this process, without the thread of an emulator.
///
/// qemu-user has its own thread, and handles a fork of the program that it runs. Under any other tool an
/// unknown thread counts, so that tests are executed rather than forked.
pub(super) fn thread_count() -> usize {
    let count = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    match count > 1 && emulator().is_some_and(|program| is_qemu(&program)) {
        true => count - 1,
        false => count,
    }
}

fn is_qemu(program: &Path) -> bool {
    let name = program.file_name().unwrap_or_default();
    name.to_string_lossy().contains("qemu-")
}

/// The program that the kernel executes in this process, if it is an emulator such as qemu-user. An emulator
/// makes `/proc/self/exe` show the program that it runs, but not the same file of a thread.
pub(super) fn emulator() -> Option<PathBuf> {
    let shown = fs::read_link("/proc/self/exe").ok()?;
    let executed = fs::read_link(own_task()?.join("exe")).ok()?;
    (executed != shown).then_some(executed)
}

/// The arguments of the emulator, up to and including the program that it runs.
pub(super) fn emulator_args() -> Option<Vec<Vec<u8>>> {
    let line = fs::read(own_task()?.join("cmdline")).ok()?;
    let mut args: Vec<_> = line.strip_suffix(b"\0")?.split(|byte| *byte == 0).collect();
    let own_args = std::env::args_os().count().saturating_sub(1);
    args.truncate(args.len().checked_sub(own_args)?);
    Some(args.into_iter().map(<[u8]>::to_vec).collect())
}

/// The directory of the main thread, which emulators do not replace.
fn own_task() -> Option<PathBuf> {
    let tasks = fs::read_dir("/proc/self/task").ok()?;
    Some(tasks.flatten().next()?.path())
}
