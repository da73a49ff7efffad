//! A process of a test, read from `/proc/PID/stat` and `/proc/PID/io`.

use std::fs::File;
use std::io;

use rustix::io::Errno;

use crate::proc_samples::reread::read_whole;
use crate::proc_samples::text::{fields, number, value};
use crate::proc_samples::usage::{Ended, Usage, Waited};

/// The fields of `/proc/PID/stat` that are used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Status {
    /// `false` for a zombie.
    pub(super) lives: bool,
    pub(super) parent: i32,
    pub(super) group: i32,
    pub(super) session: i32,
    /// The start time, which tells the process from an earlier one with the same id.
    pub(super) start_ticks: u64,
    pub(super) threads: u64,
    pub(super) resident_pages: u64,
    /// The minor faults of the children that it has waited for.
    waited_faults: u64,
    /// Includes those children; without I/O.
    usage: Usage,
}

/// The result of reading a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Read,
    /// The process is gone.
    Ended,
    /// It cannot be read now; its earlier numbers stand.
    Failed,
}

#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) status: Status,
    pub(super) waited: Waited,
    /// Only the I/O counters are set.
    io: Option<Usage>,
    keeps_open: bool,
    stat_file: Option<File>,
    io_file: Option<File>,
}

impl Process {
    /// `keeps_open` keeps its files open; they keep referring to this process, even if its id is reused.
    pub(super) fn new(pid: i32, status: Status, keeps_open: bool) -> Process {
        Process {
            pid,
            status,
            waited: Waited::first(status.waited_faults),
            io: None,
            keeps_open,
            stat_file: None,
            io_file: None,
        }
    }

    pub(super) fn read(&mut self, text: &mut Vec<u8>) -> Reading {
        let keeps = self.keeps_open;
        let length = match read(&mut self.stat_file, self.pid, "stat", keeps, text) {
            Ok(length) => length,
            Err(error) if is_gone(&error) => return Reading::Ended,
            Err(_) => return Reading::Failed,
        };
        let Some(status) = parse(&text[..length]) else {
            return Reading::Failed;
        };
        if status.start_ticks != self.status.start_ticks {
            return Reading::Ended;
        }
        self.status = status;
        self.waited.faults = status.waited_faults;
        if let Ok(length) = read(&mut self.io_file, self.pid, "io", keeps, text) {
            self.io = Some(parse_io(&text[..length]));
        }
        Reading::Read
    }

    pub(super) fn usage(&self) -> Usage {
        self.status.usage.plus(self.io.unwrap_or_default())
    }

    pub(super) fn knows_io(&self) -> bool {
        self.io.is_some()
    }

    /// `true` if it leads a group or a session.
    pub(super) fn leads(&self) -> bool {
        [self.status.group, self.status.session].contains(&self.pid)
    }

    pub(super) fn ended(&self) -> Ended {
        Ended {
            pid: self.pid,
            parent: self.status.parent,
            usage: self.usage(),
        }
    }
}

/// Reads the status of a process that may not belong to the test.
pub(super) fn status(pid: i32, text: &mut Vec<u8>) -> io::Result<Status> {
    let length = read(&mut None, pid, "stat", false, text)?;
    parse(&text[..length]).ok_or_else(|| io::Error::from(io::ErrorKind::InvalidData))
}

/// `true` if the environment with which a process was executed contains `mark`, given as `NAME=VALUE`.
pub(super) fn has_mark(pid: i32, mark: &str, text: &mut Vec<u8>) -> bool {
    let length = read(&mut None, pid, "environ", false, text).unwrap_or(0);
    text[..length]
        .split(|byte| *byte == 0)
        .any(|variable| variable == mark.as_bytes())
}

fn read(
    kept: &mut Option<File>,
    pid: i32,
    name: &str,
    keeps: bool,
    text: &mut Vec<u8>,
) -> io::Result<usize> {
    if let Some(file) = kept {
        return read_whole(file, text);
    }
    let file = File::open(format!("/proc/{pid}/{name}"))?;
    let length = read_whole(&file, text)?;
    *kept = keeps.then_some(file);
    Ok(length)
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(Errno::SRCH.raw_os_error())
}

/// Parses `/proc/PID/stat`. The name of the program, in parentheses, may contain any character.
fn parse(stat: &[u8]) -> Option<Status> {
    let name_end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut fields = fields(&stat[name_end + 1..]);
    let state = *fields.next()?.first()?;
    let mut id = || str::from_utf8(fields.next()?).ok()?.parse().ok();
    let (parent, group, session) = (id()?, id()?, id()?);
    // Skips the terminal, its foreground group, and the flags.
    let mut numbers = fields.skip(3).map(|field| number(field).unwrap_or(0));
    let mut next = || numbers.next();
    let [minor, waited_minor, major, waited_major] = [next()?, next()?, next()?, next()?];
    let [user, system, waited_user, waited_system] = [next()?, next()?, next()?, next()?];
    // Priority, nice value, number of threads, and a field that is always 0.
    let [_, _, threads, _] = [next()?, next()?, next()?, next()?];
    let [start_ticks, _, resident_pages] = [next()?, next()?, next()?];
    Some(Status {
        lives: !b"ZX".contains(&state),
        parent,
        group,
        session,
        start_ticks,
        threads,
        resident_pages,
        waited_faults: waited_minor,
        usage: Usage {
            user_ticks: user + waited_user,
            system_ticks: system + waited_system,
            minor_faults: minor + waited_minor,
            major_faults: major + waited_major,
            ..Usage::default()
        },
    })
}

/// Parses `/proc/PID/io`, which includes the children that the process has waited for.
fn parse_io(io: &[u8]) -> Usage {
    let value = |key| value(io, key).unwrap_or(0);
    Usage {
        read_bytes: value("read_bytes:"),
        written_bytes: value("write_bytes:"),
        read_call_bytes: value("rchar:"),
        written_call_bytes: value("wchar:"),
        ..Usage::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_may_have_any_name() {
        let stat =
            b"24134 (a) R 1 (b) S 24116 24115 -1 34818 24134 4194304 102 3 4 5 60 7 80 9 20 0 2 0 \
            2613236 3133440 416 18446744073709551615 0 0\n";
        let expected = Status {
            lives: true,
            parent: 24_116,
            group: 24_115,
            session: -1,
            start_ticks: 2_613_236,
            threads: 2,
            resident_pages: 416,
            waited_faults: 3,
            usage: Usage {
                user_ticks: 140,
                system_ticks: 16,
                minor_faults: 105,
                major_faults: 9,
                ..Usage::default()
            },
        };
        assert_eq!(parse(stat), Some(expected));
        assert_eq!(parse(b"1 (x) R 2 3"), None);
        assert_eq!(parse(b""), None);
    }

    #[test]
    fn cancelled_writes_are_not_writes() {
        let io = b"rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 6\n\
            cancelled_write_bytes: 7\n";
        let usage = parse_io(io);
        assert_eq!((usage.read_call_bytes, usage.written_call_bytes), (1, 2));
        assert_eq!((usage.read_bytes, usage.written_bytes), (5, 6));
    }

    #[test]
    fn this_process_is_known_by_its_environment() {
        let mut text = Vec::new();
        let pid = std::process::id().cast_signed();
        let path = format!("PATH={}", std::env::var("PATH").unwrap());
        assert!(has_mark(pid, &path, &mut text));
        assert!(!has_mark(pid, "PATH=", &mut text));
    }
}
