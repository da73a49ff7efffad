//! Signals to the supervisor.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::{check, read};

/// The signals that the supervisor handles, as a descriptor. They are blocked as long as it lives.
pub(in crate::exec) struct Signals {
    fd: OwnedFd,
    before: libc::sigset_t,
}

impl Signals {
    /// Blocks `signals` and has them read instead, but for those that whoever started us ignores
    /// (`nohup`, a shell's background job): a blocked one would be read all the same.
    pub(in crate::exec) fn block(signals: &[i32]) -> io::Result<Signals> {
        let mut set = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: sigemptyset makes the set whole before it is used; the calls keep no pointers; the
        // new descriptor is ours alone.
        unsafe {
            libc::sigemptyset(set.as_mut_ptr());
            for signal in signals.iter().filter(|signal| !is_ignored(**signal)) {
                libc::sigaddset(set.as_mut_ptr(), *signal);
            }
            check(libc::sigprocmask(
                libc::SIG_BLOCK,
                set.as_ptr(),
                before.as_mut_ptr(),
            ))?;
            let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
            let fd = OwnedFd::from_raw_fd(check(libc::signalfd(-1, set.as_ptr(), flags))?);
            Ok(Signals {
                fd,
                before: before.assume_init(),
            })
        }
    }

    /// The next signal that came.
    pub(in crate::exec) fn next(&self) -> Option<i32> {
        let mut info = [0_u8; size_of::<libc::signalfd_siginfo>()];
        match read(self.fd.as_fd(), &mut info) {
            Ok(Some(count)) if count == info.len() => {
                let number: [u8; 4] = info[..4].try_into().ok()?;
                Some(i32::from_ne_bytes(number))
            }
            _ => None,
        }
    }

    /// In a child: the signal mask as it was, and the one disposition that the supervisor changed.
    pub(in crate::exec) fn restore_in_child(&self) {
        // SAFETY: the mask is the one that sigprocmask gave; SIG_DFL is a valid disposition.
        unsafe {
            libc::signal(libc::SIGXFSZ, libc::SIG_DFL);
            libc::sigprocmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            );
        }
    }
}

/// Signals have their usual effect again, also those that came meanwhile.
impl Drop for Signals {
    fn drop(&mut self) {
        // SAFETY: the mask is the one that sigprocmask gave.
        unsafe {
            libc::sigprocmask(
                libc::SIG_SETMASK,
                &raw const self.before,
                std::ptr::null_mut(),
            );
        }
    }
}

impl AsRawFd for Signals {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

fn is_ignored(signal: i32) -> bool {
    // SAFETY: sigaction is plain old data, which the call fills; it sets nothing.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut action);
        action.sa_sigaction == libc::SIG_IGN
    }
}

/// Children are waited for also where whoever started us ignored their ends.
pub(in crate::exec) fn do_not_ignore_children() {
    // SAFETY: SIG_DFL is a valid disposition.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// A file that grows beyond a limit is an error of the write, and not the end of the process.
pub(in crate::exec) fn ignore_file_size_signal() {
    // SAFETY: SIG_IGN is a valid disposition.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}
