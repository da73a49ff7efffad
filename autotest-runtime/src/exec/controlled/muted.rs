//! The output of a control function that is called again: nothing is written a second time.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use crate::exec::unix;
use crate::logging;

/// The name of the log in the job's debug directory.
const LOG: &str = "control";

/// Standard output and standard error, and the log, while they are muted.
#[derive(Debug)]
pub(super) struct Muted {
    debugdir: PathBuf,
    /// Standard output and standard error; `None` if they could not be replaced.
    streams: Option<[OwnedFd; 2]>,
}

impl Muted {
    /// Mutes the output if the function is called again. Otherwise returns `None`, and logs.
    pub(super) fn new(jobdir: &Path, is_repeated: bool) -> Option<Muted> {
        let debugdir = jobdir.join("debug");
        if is_repeated {
            let streams = mute().ok();
            return Some(Muted { debugdir, streams });
        }
        logging::push(debugdir, LOG.to_owned());
        None
    }

    /// From now on, output and log lines are new.
    pub(super) fn end(self) {
        unix::flush_c_streams();
        let _ = io::stdout().flush();
        for (stream, number) in self.streams.iter().flatten().zip(1..) {
            let _ = unix::redirect(stream, number);
        }
        logging::push(self.debugdir, LOG.to_owned());
    }
}

fn mute() -> io::Result<[OwnedFd; 2]> {
    let null = OwnedFd::from(File::options().write(true).open("/dev/null")?);
    let streams = [
        io::stdout().as_fd().try_clone_to_owned()?,
        io::stderr().as_fd().try_clone_to_owned()?,
    ];
    for number in [1, 2] {
        unix::redirect(&null, number)?;
    }
    Ok(streams)
}
