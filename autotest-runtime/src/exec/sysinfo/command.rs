//! Commands whose output is collected. Whatever one does, it ends in time and leaves no process behind.

use std::collections::HashSet;
use std::ffi::CString;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use crate::exec::leaks::{self, Children, Elders, EndedRun};
use crate::exec::mark::RUN_VARIABLE;
use crate::exec::unix::{self, Change, ChildPid, Polled};

/// How long a command may take.
const COMMAND_TIME: Duration = Duration::from_secs(10);

/// How often to look whether a command has ended whose output somebody else keeps open.
const INTERVAL: Duration = Duration::from_millis(20);

/// How much is read at once.
const PIECE_BYTES: usize = 64 << 10;

/// How long all commands of one step may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget(Instant);

impl Budget {
    /// This much time from now.
    pub(super) fn of(time: Duration) -> Budget {
        Budget(Instant::now() + time)
    }

    /// When a command must end that begins now. `None` if no time is left.
    fn end(self) -> Option<Instant> {
        let now = Instant::now();
        (now < self.0).then(|| self.0.min(now + COMMAND_TIME))
    }
}

/// What a command wrote, and how it ended.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) output: Vec<u8>,
    pub(super) end: Ended,
}

/// How a command ended.
#[derive(Debug, PartialEq)]
pub(super) enum Ended {
    /// By itself, with this exit status; 128 and more for a signal, as in the shell.
    Exited(i32),
    /// It wrote too much, and was ended.
    Cut,
    /// It took too long, and was ended.
    TimedOut,
    /// The commands before it took so long that it was not started.
    LeftOut,
}

/// Runs commands in this process, of which they are children.
#[derive(Debug)]
pub(super) struct Commands {
    null: OwnedFd,
    children: Children,
    /// The children of this process that are no commands.
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

    /// The children of this process that are no commands.
    pub(super) fn others(&mut self) -> &mut HashSet<ChildPid> {
        &mut self.others
    }

    /// Runs a command in the shell, and ends whatever it leaves behind. At most `most` bytes of its output are kept.
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

/// Reads what a command writes until it has ended. Otherwise returns why it must be ended.
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
