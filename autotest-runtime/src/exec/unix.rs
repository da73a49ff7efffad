//! Safe wrappers of the supervisor's system calls.
//!
//! This is the only module of the executor with `unsafe`. It makes no decisions.

#![expect(unsafe_code, reason = "the calls that std does not have")]

mod buffer;
mod counters;
mod gate;
mod inherited;
mod instruments;
#[cfg(feature = "leaks")]
mod interfaces;
mod limits;
mod mapped;
mod polled;
mod program;
mod shell;
mod signals;

use std::ffi::CString;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

pub(super) use buffer::Buffer;
pub(super) use counters::Counts;
pub(super) use gate::Gate;
pub(super) use inherited::{close_on_exec, inherited, keep_only};
pub(super) use instruments::Instruments;
#[cfg(feature = "leaks")]
pub(super) use interfaces::{Interface, interfaces};
pub(super) use limits::Descriptors;
pub(super) use polled::Polled;
pub(super) use program::Program;
pub(crate) use shell::shell;
#[cfg(feature = "sysinfo")]
pub(super) use shell::start_shell;
pub(super) use signals::{Signals, do_not_ignore_children, ignore_file_size_signal};

/// The id of a child process: greater than 1, so that kill(2) cannot take it for "every process".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ChildPid(libc::pid_t);

impl ChildPid {
    pub(super) fn new(pid: libc::pid_t) -> Option<ChildPid> {
        (pid > 1).then_some(ChildPid(pid))
    }

    pub(super) fn get(self) -> i32 {
        self.0
    }
}

/// The side of a fork that this process is on.
pub(super) enum Forked {
    Child,
    Parent(ChildPid),
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// Forks with libc's fork(), which keeps libc's state in the child valid.
///
/// The caller has one thread, so the child may do anything that the parent may.
pub(super) fn fork() -> io::Result<Forked> {
    // SAFETY: the supervisor has one thread, so the child inherits no locked lock.
    match check(unsafe { libc::fork() })? {
        0 => Ok(Forked::Child),
        pid => Ok(Forked::Parent(ChildPid(pid))),
    }
}

/// Ends this process at once: no destructors, no handlers, no buffers.
pub(super) fn exit_now(code: i32) -> ! {
    // SAFETY: _exit takes an int and does not return.
    unsafe { libc::_exit(code) }
}

/// Makes a process the leader of a new group; `None` is this process. Both sides of a fork call this, since
/// either may run first.
pub(super) fn make_group_leader(pid: Option<ChildPid>) {
    // SAFETY: setpgid takes two ints.
    unsafe { libc::setpgid(pid.map_or(0, ChildPid::get), 0) };
}

/// Makes this process the leader of a new session, and names it.
pub(super) fn begin_session(name: &std::ffi::CStr) {
    // SAFETY: setsid takes nothing; PR_SET_NAME reads a string that ends in NUL.
    unsafe {
        libc::setsid();
        libc::prctl(libc::PR_SET_NAME, name.as_ptr());
    }
}

/// The process group of this process.
pub(super) fn own_group() -> i32 {
    // SAFETY: getpgrp takes nothing and always succeeds.
    unsafe { libc::getpgrp() }
}

/// Sends a signal to a child's process group.
pub(super) fn signal_group(pid: ChildPid, signal: i32) {
    // SAFETY: kill takes two ints; the pid is greater than 1, so that its negative is a group.
    unsafe { libc::kill(-pid.0, signal) };
}

/// Sends a signal to one process.
pub(super) fn signal_process(pid: ChildPid, signal: i32) {
    // SAFETY: kill takes two ints.
    unsafe { libc::kill(pid.0, signal) };
}

/// Makes orphans among our descendants our children. Returns `false` if that is not possible: some emulators
/// do not support the call.
pub(super) fn become_subreaper() -> bool {
    // SAFETY: PR_SET_CHILD_SUBREAPER takes one int.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) == 0 }
}

/// Makes the kernel kill this process when its parent ends. Returns `false` if the parent has ended already.
pub(super) fn die_with(parent: i32) -> bool {
    // SAFETY: PR_SET_PDEATHSIG takes one int; getppid nothing.
    unsafe {
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        libc::getppid() == parent
    }
}

/// Makes SIGTERM have no effect on this process, but its usual effect on programs that it executes. An engine may
/// repeat the signal to all processes of a job while a `cleanup` runs; the supervisor limits that by SIGKILL.
pub(super) fn take_no_notice_of_sigterm() {
    extern "C" fn nothing(_: libc::c_int) {}
    let handler = nothing as extern "C" fn(libc::c_int);
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGTERM, handler as libc::sighandler_t) };
}

/// A pipe, closed on exec. Its read end does not block.
pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let (reader, writer) = blocking_pipe()?;
    // SAFETY: F_SETFL takes flags; a new pipe has no others that could be lost.
    check(unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) })?;
    Ok((reader, writer))
}

/// A pipe, closed on exec.
pub(super) fn blocking_pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    // SAFETY: pipe2 writes two descriptors, which are ours alone from then on.
    unsafe {
        check(libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC))?;
        Ok((OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])))
    }
}

/// A pair of stream sockets, closed on exec. They block; [`receive`] and [`send_now`] do not.
pub(super) fn channel() -> io::Result<(OwnedFd, OwnedFd)> {
    let mut fds = [0; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    // SAFETY: socketpair writes two descriptors, which are ours alone from then on.
    unsafe {
        check(libc::socketpair(libc::AF_UNIX, kind, 0, fds.as_mut_ptr()))?;
        Ok((OwnedFd::from_raw_fd(fds[0]), OwnedFd::from_raw_fd(fds[1])))
    }
}

/// Duplicates `from` as the descriptor `to`, which stays open across exec.
pub(super) fn redirect(from: &OwnedFd, to: RawFd) -> io::Result<()> {
    // SAFETY: dup2 takes two descriptors; no owner in this process closes 0 to 2.
    check(unsafe { libc::dup2(from.as_raw_fd(), to) }).map(drop)
}

/// The number of bytes that can be read without waiting.
pub(super) fn readable_bytes(fd: BorrowedFd<'_>) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    let result = unsafe { libc::ioctl(fd.as_raw_fd(), libc::FIONREAD, &raw mut bytes) };
    if result == -1 {
        0
    } else {
        usize::try_from(bytes).unwrap_or(0)
    }
}

/// Reads what is available. `Ok(None)` means nothing is available now, 0 that the other side is closed.
pub(super) fn read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    // SAFETY: read writes at most the buffer's length into it.
    without_waiting(unsafe { libc::read(fd.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) })
}

/// Receives what is available on a socket, even a blocking one. Returns the same as [`read`].
pub(super) fn receive(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<Option<usize>> {
    let (data, flags) = (buffer.as_mut_ptr().cast(), libc::MSG_DONTWAIT);
    // SAFETY: recv writes at most the buffer's length into it.
    without_waiting(unsafe { libc::recv(fd.as_raw_fd(), data, buffer.len(), flags) })
}

/// The result of a read that does not wait.
fn without_waiting(count: libc::ssize_t) -> io::Result<Option<usize>> {
    match usize::try_from(count) {
        Ok(count) => Ok(Some(count)),
        Err(_) => match io::Error::last_os_error() {
            error if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            error if error.kind() == io::ErrorKind::Interrupted => Ok(None),
            error => Err(error),
        },
    }
}

/// The time since the machine booted, including suspends; `/proc/PID/stat` counts start times from there.
pub(super) fn since_boot() -> Duration {
    // Not rustix's function, which reads the vDSO: valgrind hides it. SAFETY: timespec is plain old data, which
    // clock_gettime fills; CLOCK_BOOTTIME always exists.
    let time = unsafe {
        let mut time: libc::timespec = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_BOOTTIME, &raw mut time);
        time
    };
    // The widths of both fields depend on the target.
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// The number of ticks in a second; times in `/proc/PID/stat` are in ticks.
pub(super) fn clock_ticks() -> f64 {
    // SAFETY: sysconf takes an int.
    let ticks = unsafe { libc::sysconf(libc::_SC_CLK_TCK) };
    ticks.max(1) as f64
}

/// A state change of a child: its exit status, or the number of the signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Exited(i32),
    Killed(i32),
    Stopped(i32),
}

/// The children that `wait` looks at.
#[derive(Clone, Copy)]
pub(super) enum WaitTarget {
    AnyChild,
    Child(ChildPid),
}

/// Returns a child that changed its state, if there is one. An ended child stays a zombie until [`reap`].
pub(super) fn next_change(target: WaitTarget) -> Option<(ChildPid, Change)> {
    wait(
        target,
        libc::WEXITED | libc::WSTOPPED | libc::WNOHANG | libc::WNOWAIT,
    )
}

/// `true` if a child is a zombie.
pub(super) fn has_ended(pid: ChildPid) -> bool {
    let options = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
    wait(WaitTarget::Child(pid), options).is_some()
}

/// Reaps a child that ended.
pub(super) fn reap(pid: ChildPid) {
    wait(WaitTarget::Child(pid), libc::WEXITED | libc::WNOHANG);
}

/// Consumes the report that a child stopped, but not that it ended.
pub(super) fn note_stop(pid: ChildPid) {
    wait(WaitTarget::Child(pid), libc::WSTOPPED | libc::WNOHANG);
}

/// Waits until a killed child has ended; leaves it a zombie.
pub(super) fn wait_for_end(pid: ChildPid) -> Change {
    loop {
        match wait(WaitTarget::Child(pid), libc::WEXITED | libc::WNOWAIT) {
            Some((_, change)) => return change,
            None if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            None => return Change::Killed(libc::SIGKILL),
        }
    }
}

/// Stops this process until it receives SIGCONT.
pub(super) fn stop_this_process() {
    // SAFETY: raise takes an int.
    unsafe { libc::raise(libc::SIGSTOP) };
}

fn wait(target: WaitTarget, options: i32) -> Option<(ChildPid, Change)> {
    let (kind, id) = match target {
        WaitTarget::AnyChild => (libc::P_ALL, 0),
        WaitTarget::Child(pid) => (libc::P_PID, pid.0.unsigned_abs()),
    };
    // SAFETY: siginfo_t is plain old data; waitid fills it, or leaves its pid 0.
    let (result, pid, status, code) = unsafe {
        let mut info: libc::siginfo_t = std::mem::zeroed();
        let result = libc::waitid(kind, id, &raw mut info, options);
        (result, info.si_pid(), info.si_status(), info.si_code)
    };
    let pid = ChildPid::new(pid).filter(|_| result == 0)?;
    let change = match code {
        libc::CLD_EXITED => Change::Exited(status),
        libc::CLD_STOPPED | libc::CLD_TRAPPED => Change::Stopped(status),
        _ => Change::Killed(status),
    };
    Some((pid, change))
}

/// Sends all bytes on a socket. If the other end is closed, this is an error, not SIGPIPE.
pub(super) fn send_all(fd: BorrowedFd<'_>, bytes: &[u8]) -> io::Result<()> {
    let mut rest = bytes;
    send(fd, &mut rest, libc::MSG_NOSIGNAL)
}

/// Sends as many bytes as can be sent without waiting, and removes them from the front of `bytes`.
pub(super) fn send_now(fd: BorrowedFd<'_>, bytes: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = bytes.as_slice();
    let sent = send(fd, &mut rest, libc::MSG_NOSIGNAL | libc::MSG_DONTWAIT);
    let count = bytes.len() - rest.len();
    bytes.drain(..count);
    match sent {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
        sent => sent,
    }
}

/// Shuts a socket down for sending; the other end reads everything that was sent, then the end.
#[cfg(feature = "sysinfo")]
pub(super) fn send_no_more(fd: BorrowedFd<'_>) {
    // SAFETY: shutdown takes a descriptor and an int.
    unsafe { libc::shutdown(fd.as_raw_fd(), libc::SHUT_WR) };
}

/// Sends bytes, and leaves in `bytes` those that could not be sent.
fn send(fd: BorrowedFd<'_>, bytes: &mut &[u8], flags: libc::c_int) -> io::Result<()> {
    while !bytes.is_empty() {
        let data = bytes.as_ptr().cast();
        // SAFETY: send reads at most the slice's length.
        let sent = unsafe { libc::send(fd.as_raw_fd(), data, bytes.len(), flags) };
        match usize::try_from(sent) {
            Ok(sent) => *bytes = &bytes[sent..],
            Err(_) => match io::Error::last_os_error() {
                error if error.kind() == io::ErrorKind::Interrupted => {}
                error => return Err(error),
            },
        }
    }
    Ok(())
}

/// Flushes C's stdio, which `_exit` does not.
pub(super) fn flush_c_streams() {
    // SAFETY: fflush takes a null pointer for all streams.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// An environment variable, allocated before a fork and set after it.
#[derive(Debug)]
pub(super) struct Variable(CString);

impl Variable {
    /// # Errors
    /// If it contains a NUL.
    pub(super) fn new(name: &str, value: &str) -> io::Result<Variable> {
        Ok(Variable(CString::new(format!("{name}={value}"))?))
    }

    /// Sets the variable, before any code of a test runs in this process.
    pub(super) fn set(self) {
        // SAFETY: the child of a process with one thread has one; the string is never freed.
        unsafe { libc::putenv(self.0.into_raw()) };
    }
}

/// An environment variable that a test must not see, allocated before a fork and removed after it.
#[derive(Debug)]
pub(super) struct HiddenVariable(CString);

impl HiddenVariable {
    /// # Errors
    /// If the name contains a NUL.
    pub(super) fn new(name: String) -> io::Result<HiddenVariable> {
        Ok(HiddenVariable(CString::new(name)?))
    }

    /// Removes the variable, before any code of a test runs in this process.
    pub(super) fn remove(&self) {
        // SAFETY: the child of a process with one thread has one; the name ends in a NUL.
        unsafe { libc::unsetenv(self.0.as_ptr()) };
    }
}
