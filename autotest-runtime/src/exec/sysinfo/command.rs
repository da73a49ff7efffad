//! Runs commands whose output is collected. Whatever a command does, it ends in time and leaves no process behind.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::exec::leaks::{self, Children, Elders, EndedRun};
use crate::exec::mark::RUN_VARIABLE;
use crate::exec::unix::{self, Change, ChildPid, Polled};

/// The time limit of a command.
const COMMAND_TIME: Duration = Duration::from_secs(10);

/// The interval at which to check whether a command has ended whose output another process keeps open.
const INTERVAL: Duration = Duration::from_millis(20);

/// The number of bytes to read at once.
const PIECE_BYTES: usize = 64 << 10;

/// The time limit of all commands of a step together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(Instant);

impl Budget {
    /// The limit that is `time` from now.
    pub(super) fn of(time: Duration) -> Budget {
        Budget(Instant::now() + time)
    }

    /// The deadline of a command that starts now. `None` if no time is left.
    fn end(self) -> Option<Instant> {
        let now = Instant::now();
        (now < self.0).then(|| self.0.min(now + COMMAND_TIME))
    }
}

/// The output of a command, and how it ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) output: Vec<u8>,
    pub(super) end: Ended,
}

/// How a command ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    /// It exited with this status; 128 and more stands for a signal, as in the shell.
    Exited(i32),
    /// It wrote too much and was killed.
    Cut,
    /// It took too long and was killed.
    TimedOut,
    /// It was not started, since the commands before it took too long.
    LeftOut,
}

/// Runs commands as children of this process.
#[derive(Debug)]
pub(super) struct Commands {
    null: OwnedFd,
    children: Children,
    /// The children of this process that are not commands.
    others: HashSet<ChildPid>,
    mark: String,
}

impl Commands {
    /// # Errors
    /// If there is no `/dev/null`.
    pub(super) fn new() -> io::Result<Commands> {
        Ok(Commands {
            null: File::open("/dev/null")?.into(),
            children: Children::of_this_thread(),
            others: HashSet::new(),
            mark: std::env::var(RUN_VARIABLE).unwrap_or_default(),
        })
    }

    /// The children of this process that are not commands.
    pub(super) fn others(&mut self) -> &mut HashSet<ChildPid> {
        &mut self.others
    }

    /// Runs a shell command, and ends everything that it leaves behind. At most `most` bytes of its output are kept.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(super) fn run(&self, command: &str, most: u64, budget: Budget) -> io::Result<Ran> {
        let mut output = Vec::new();
        let Some(deadline) = budget.end() else {
            let end = Ended::LeftOut;
            return Ok(Ran { output, end });
        };
        let (pipe, stdout) = unix::pipe()?;
        let pid = unix::start_shell(&CString::new(command)?, &self.null, &stdout)?;
        drop(stdout);
        let ended = read_until_end(pid, &pipe, most, deadline, &mut output);
        if ended.is_some() {
            unix::signal_group(pid, libc::SIGKILL);
            leaks::wait_for(pid, Instant::now());
        }
        let exited = match unix::next_change(unix::WaitTarget::Child(pid)) {
            Some((_, Change::Exited(status))) => status,
            Some((_, Change::Killed(signal) | Change::Stopped(signal))) => 128 + signal,
            None => 128 + libc::SIGKILL,
        };
        self.end_leftovers(pid);
        let end = ended.unwrap_or(Ended::Exited(exited));
        Ok(Ran { output, end })
    }

    fn end_leftovers(&self, leader: ChildPid) {
        leaks::end(&EndedRun {
            children: &self.children,
            is_subreaper: true,
            mark: &self.mark,
            leader,
            others: &self.others,
            own: Default::default(),
            elders: &Elders::default(),
            #[cfg(feature = "profilers")]
            profilers: &[],
        });
        unix::signal_group(leader, libc::SIGKILL);
        unix::reap(leader);
    }
}

/// Reads the output of a command until the command ends, and returns `None`; or returns the reason for which it must be
/// killed.
fn read_until_end(
    pid: ChildPid,
    pipe: &OwnedFd,
    most: u64,
    deadline: Instant,
    output: &mut Vec<u8>,
) -> Option<Ended> {
    let mut polled = Polled::default();
    let mut piece = vec![0; PIECE_BYTES];
    let mut is_open = true;
    loop {
        let has_ended = unix::has_ended(pid);
        while is_open && (output.len() as u64) <= most {
            match unix::read(pipe.as_fd(), &mut piece) {
                Ok(Some(0)) | Err(_) => is_open = false,
                Ok(None) => break,
                Ok(Some(count)) => output.extend_from_slice(&piece[..count]),
            }
        }
        if output.len() as u64 > most {
            output.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            return Some(Ended::Cut);
        }
        if has_ended {
            return None;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Some(Ended::TimedOut);
        }
        let readable = is_open.then(|| pipe.as_raw_fd());
        polled.wait(readable, None, Some(left.min(INTERVAL)), None);
    }
}
