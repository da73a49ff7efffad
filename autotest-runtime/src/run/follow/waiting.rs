//! Waits for changes of a journal: with inotify or, where that is missing, by polling at growing intervals.

use std::io::{self, ErrorKind};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use super::out::{has_reader_gone, polled};

/// The first pause. A lock is released right after the file is closed.
const SHORTEST: Duration = Duration::from_millis(1);

/// The longest pause with inotify, which does not report changes that another machine makes on a shared file system.
const LONGEST: Duration = Duration::from_secs(1);

/// The longest pause without inotify.
const LONGEST_BLIND: Duration = Duration::from_millis(20);

/// Waits for changes of the journal.
pub(super) struct Waiting {
    inotify: Option<OwnedFd>,
    pause: Duration,
}

impl Waiting {
    /// Waits for changes of this file.
    pub(super) fn of(path: &Path) -> Waiting {
        Waiting {
            inotify: watch(path).ok(),
            pause: SHORTEST,
        }
    }

    /// Limits the next pause, since a change is expected that inotify does not report.
    pub(super) fn shorten(&mut self) {
        self.pause = self.pause.min(LONGEST_BLIND);
    }

    /// Waits until the file changes, or for a pause.
    ///
    /// # Errors
    /// Of the kind `BrokenPipe` if the reader of standard output is gone.
    pub(super) fn wait(&mut self) -> io::Result<()> {
        let longest = match self.inotify {
            Some(_) => LONGEST,
            None => LONGEST_BLIND,
        };
        let stdout = io::stdout();
        let mut fds = vec![polled(&stdout)];
        fds.extend(self.inotify.iter().map(|fd| PollFd::new(fd, PollFlags::IN)));
        let pause = Timespec::try_from(self.pause).map_err(io::Error::other)?;
        match poll(&mut fds, Some(&pause)) {
            Err(rustix::io::Errno::INTR) => return Ok(()),
            polled => polled?,
        };
        if has_reader_gone(fds[0].revents()) {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let is_told = fds.get(1).is_some_and(|fd| !fd.revents().is_empty());
        drop(fds);
        self.pause = match is_told {
            true => SHORTEST,
            false => (self.pause * 2).min(longest),
        };
        self.forget_changes();
        Ok(())
    }

    /// Discards pending reports of changes, so that only later changes are reported.
    fn forget_changes(&self) {
        let mut buffer = [0; 4096];
        if let Some(inotify) = &self.inotify {
            while rustix::io::read(inotify, &mut buffer).is_ok_and(|count| count > 0) {}
        }
    }
}

fn watch(path: &Path) -> io::Result<OwnedFd> {
    let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    let changes = WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE;
    inotify::add_watch(&inotify, path, changes)?;
    Ok(inotify)
}
