//! The process that the kernel starts for a core dump: as root, in the initial namespaces, with an empty environment,
//! the core dump on standard input, and no place to print to.
//!
//! The crashed process exists until its core dump is read. So `/proc` is read first, and reading is bounded in size and
//! time, since a parent that waits for the crashed process waits for this one, too.

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::fd::AsFd;

use super::crash_dir::{CrashDir, Kept};
use super::facts;
use super::forget_killed_jobs;
use super::forward;
use super::owner;
use super::register::{Register, RegisteredJob};
use super::sparse;
use crate::exec::verdict::signal_name;

/// The first argument of the handler. It is not a flag for users.
pub(super) const DUMP: &str = "--autotest-core-dump";

/// The kernel's information about a core dump.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Dump {
    /// The process id in the initial pid namespace.
    pub(super) pid: i32,
    /// The id of the thread that crashed, in the initial pid namespace.
    pub(super) tid: i32,
    pub(super) signal: i32,
    /// The time in seconds since 1970.
    pub(super) time: u64,
    /// The dump mode: 1 if any process that may trace this one may read the core file.
    pub(super) mode: u32,
    /// The process's limit on the size of a core file, in bytes.
    pub(super) limit: u64,
}

impl Dump {
    /// `None` if a required word is missing.
    fn of<'a>(words: impl Iterator<Item = &'a str>) -> Option<Dump> {
        let mut dump = Dump {
            mode: 1,
            ..Dump::default()
        };
        for word in words {
            let (letter, value) = word.split_at_checked(1)?;
            match letter {
                "P" => dump.pid = value.parse().ok()?,
                "I" => dump.tid = value.parse().unwrap_or(dump.pid),
                "s" => dump.signal = value.parse().unwrap_or(0),
                "t" => dump.time = value.parse().unwrap_or(0),
                "d" => dump.mode = value.parse().unwrap_or(1),
                // -1 means unlimited.
                "c" => dump.limit = value.parse().unwrap_or(u64::MAX),
                _ => {}
            }
        }
        (dump.pid > 1).then_some(dump)
    }
}

/// `true` if the kernel started this process for a core dump.
pub(crate) fn is_handler(args: &[OsString]) -> bool {
    args.first().is_some_and(|arg| arg == OsStr::new(DUMP))
}

/// Keeps or forwards a core dump. Returns the exit status.
pub(crate) fn handle(args: &[OsString]) -> i32 {
    let words = args.iter().skip(1).filter_map(|arg| arg.to_str());
    let Some(dump) = Dump::of(words) else {
        return 2;
    };
    let register = Register::unlocked();
    let original = register.original();
    let (jobs, gone): (Vec<_>, Vec<_>) = register
        .jobs()
        .into_iter()
        .partition(RegisteredJob::is_alive);
    if !gone.is_empty() || jobs.is_empty() {
        // There may be no other process left to restore the previous settings.
        forget_killed_jobs();
    }
    let done = match owner::of(dump.pid, &jobs) {
        Some(owner) => owner
            .crash_dir()
            .and_then(|dir| keep(&dump, &dir, owner.supervisor)),
        None => original.map_or(Ok(()), |original| forward::pass_on(&dump, &original)),
    };
    i32::from(done.is_err())
}

fn keep(dump: &Dump, dir: &CrashDir, supervisor: i32) -> io::Result<()> {
    let name = facts::name_of(dump.pid);
    let mut kept = Kept {
        name: name.clone(),
        pid: dump.pid,
        tid: dump.tid,
        signal: signal_name(dump.signal),
        time_s: dump.time,
        program: facts::program_of(dump.pid),
        ..Kept::default()
    };
    let begun = dir.begin(&format!("{name}.{}", dump.pid))?;
    facts::write(dump.pid, supervisor, &begun.path());
    if begun.may_have_core() {
        let core = begun.create("core")?;
        let stdin = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        match sparse::copy(stdin, &core) {
            Ok(None) => {}
            Ok(Some(cut)) => kept.problems.push(cut),
            Err(error) => kept
                .problems
                .push(format!("the core is incomplete: {error}")),
        }
    } else {
        let reason = "the core was not kept: the run has enough of them".to_owned();
        kept.problems.push(reason);
    }
    begun.finish(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_they_are() {
        let dump = Dump::of(["P77", "I78", "s11", "t5", "d2", "c0"].into_iter());
        let expected = Dump {
            pid: 77,
            tid: 78,
            signal: 11,
            time: 5,
            mode: 2,
            limit: 0,
        };
        assert_eq!(dump, Some(expected));
        let unlimited = Dump::of(["P77", "c-1"].into_iter());
        assert_eq!(
            unlimited.map(|dump| (dump.limit, dump.mode)),
            Some((u64::MAX, 1))
        );
    }

    #[test]
    fn a_kernel_without_the_process_id_is_not_served() {
        assert_eq!(Dump::of(["P", "s11"].into_iter()), None);
        assert_eq!(Dump::of(["P1"].into_iter()), None);
        assert_eq!(Dump::of([].into_iter()), None);
    }
}
