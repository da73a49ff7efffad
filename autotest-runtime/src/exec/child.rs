//! What becomes the test's process, between fork and the lifecycle.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;

use super::unix::{self, Signals};
use super::wire::Channel;

/// The ends of the pipes and of the socket that are the test's.
#[derive(Debug)]
pub(super) struct Ends {
    pub(super) channel: OwnedFd,
    pub(super) stdout: OwnedFd,
    pub(super) stderr: OwnedFd,
}

/// Makes this process a test's: a group of its own, which dies with the supervisor, with nothing of
/// the supervisor's open but the channel.
///
/// # Errors
/// If a step fails; then the test must not run, since nobody could watch it.
pub(super) fn become_test(ends: Ends, supervisor: i32, signals: &Signals) -> io::Result<Channel> {
    unix::make_group_leader(None);
    if !unix::die_with(supervisor) {
        return Err(io::Error::other("the supervisor is gone"));
    }
    unix::redirect(&OwnedFd::from(File::open("/dev/null")?), 0)?;
    unix::redirect(&ends.stdout, 1)?;
    unix::redirect(&ends.stderr, 2)?;
    unix::close_all_but(&ends.channel);
    // Closed already; dropping them would close whatever has their numbers next.
    std::mem::forget((ends.stdout, ends.stderr));
    signals.restore_in_child();
    Channel::new(ends.channel)
}
