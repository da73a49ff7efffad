//! Signals to the supervisor.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use super::{Polled, check, read};

/// A descriptor from which the supervisor's signals are read. They are blocked until it is dropped.
pub(in crate::exec) struct Signals {
    fd: OwnedFd,
    before: libc::sigset_t,
    /// Signals that a handler forwards from other threads.
    forwarded: Vec<i32>,
}

impl Signals {
    /// Blocks `signals` and opens a descriptor to read them. Signals that are ignored (`nohup`, a shell's background
    /// job) are left out: if they were blocked, the descriptor would still deliver them.
    ///
    /// Existing threads do not block the signals. A signal to the process may reach one of them and be ignored there or
    /// end the process, so a handler forwards it to this thread.
    pub(in crate::exec) fn block(signals: &[i32], threads: usize) -> io::Result<Signals> {
        let handled: Vec<i32> = signals
            .iter()
            .copied()
            .filter(|s| !is_ignored(*s))
            .collect();
        let set = set_of(&handled);
        let mut before = MaybeUninit::uninit();
        // SAFETY: the call keeps no pointers, and initialises `before`.
        let before = unsafe {
            let (set, before) = (&raw const set, before.as_mut_ptr());
            check(libc::sigprocmask(libc::SIG_BLOCK, set, before))?;
            before.read()
        };
        let mut signals = Signals {
            fd: signal_fd(&set)?,
            before,
            forwarded: Vec::new(),
        };
        if threads > 1 {
            signals.forward(handled);
        }
        Ok(signals)
    }

    fn forward(&mut self, signals: Vec<i32>) {
        // SAFETY: gettid takes nothing and always succeeds.
        READER.store(unsafe { libc::gettid() }, Ordering::Relaxed);
        let handler = forward as extern "C" fn(libc::c_int);
        for signal in &signals {
            // SAFETY: the handler only makes system calls.
            unsafe { libc::signal(*signal, handler as libc::sighandler_t) };
        }
        self.forwarded = signals;
    }

    /// Reads a few of the signals that have arrived.
    pub(in crate::exec) fn take(&self) -> impl Iterator<Item = i32> + use<> {
        take::<4>(self.fd.as_fd())
    }

    /// Waits for up to `time` for the first of `signals`, and takes it.
    pub(in crate::exec) fn wait_for(&self, signals: &[i32], time: Duration) -> Option<i32> {
        let handled = signals.iter().filter(|signal| !is_ignored(**signal));
        let fd = signal_fd(&set_of(handled)).ok()?;
        Polled::default().wait([fd.as_raw_fd()], [], Some(time), None);
        take::<1>(fd.as_fd()).next()
    }

    /// In a forked process: restores the signal mask, and the one disposition that the supervisor changed.
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

/// Reads signals that have arrived, at most `AT_ONCE`.
fn take<const AT_ONCE: usize>(fd: BorrowedFd<'_>) -> impl Iterator<Item = i32> + use<AT_ONCE> {
    const INFO_BYTES: usize = size_of::<libc::signalfd_siginfo>();
    let mut infos = [[0_u8; INFO_BYTES]; AT_ONCE];
    let count = read(fd, infos.as_flattened_mut()).ok().flatten();
    let count = count.unwrap_or(0) / INFO_BYTES;
    infos.into_iter().take(count).filter_map(|info| {
        let number = info.first_chunk()?;
        Some(i32::from_ne_bytes(*number))
    })
}

fn set_of<'a>(signals: impl IntoIterator<Item = &'a i32>) -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: sigemptyset initialises the set before it is used; the calls keep no pointers.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), *signal);
        }
        set.assume_init()
    }
}

/// A descriptor that reads those signals of a set that are blocked.
fn signal_fd(set: &libc::sigset_t) -> io::Result<OwnedFd> {
    let flags = libc::SFD_CLOEXEC | libc::SFD_NONBLOCK;
    // SAFETY: the call keeps no pointer; the new descriptor has no other owner.
    unsafe {
        let fd = check(libc::signalfd(-1, set, flags))?;
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// The thread that reads the signals.
static READER: AtomicI32 = AtomicI32::new(0);

extern "C" fn forward(signal: libc::c_int) {
    // SAFETY: getpid and tgkill may be called in a handler; they take ints.
    unsafe {
        let reader = READER.load(Ordering::Relaxed);
        libc::syscall(libc::SYS_tgkill, libc::getpid(), reader, signal);
    }
}

/// Restores the usual effect of signals, including pending ones.
impl Drop for Signals {
    fn drop(&mut self) {
        // SAFETY: the mask is the one that sigprocmask returned; SIG_DFL is a valid disposition, and was that of each
        // signal that was not ignored.
        unsafe {
            for signal in &self.forwarded {
                libc::signal(*signal, libc::SIG_DFL);
            }
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

/// Resets SIGCHLD: if our parent ignored it, our children could not be waited for.
pub(in crate::exec) fn do_not_ignore_children() {
    // SAFETY: SIG_DFL is a valid disposition.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_DFL) };
}

/// Ignores SIGXFSZ, so that a write beyond the file size limit fails instead of ending the process.
pub(in crate::exec) fn ignore_file_size_signal() {
    // SAFETY: SIG_IGN is a valid disposition.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}
