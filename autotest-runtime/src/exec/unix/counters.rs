//! What an instrumented binary counts: how often each piece of code ran (`-C instrument-coverage`).
//!
//! A test's process ends without the handlers in which the profile runtime writes its file, in a directory and
//! with rights that are the test's. So it writes no file: it adds its counts to memory that it shares with the
//! supervisor, which has them in its own file at its end. A job thereby leaves one file, whatever its name is
//! made of, and no test waits for another one's.

#![expect(unsafe_code, reason = "counters are memory of the profile runtime")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::ChildPid;
use super::linked::{call, linked};
use super::mapped;

/// The counters of this binary, which its own code increments all the time.
#[derive(Clone, Copy, Debug)]
struct Own {
    first: *mut u64,
    len: usize,
}

impl Own {
    /// `None` in a binary that does not count, or whose processes all count in one file (`%c`).
    fn find() -> Option<Own> {
        let linked = linked();
        let begin = linked.__llvm_profile_begin_counters?;
        let end = linked.__llvm_profile_end_counters?;
        let entry_bytes = linked.__llvm_profile_counter_entry_size?;
        // SAFETY: these functions take nothing and return what the linker and the compiler decided.
        let (begin, end, entry_bytes) = unsafe { (begin(), end(), entry_bytes()) };
        // SAFETY: it takes nothing, and returns a flag.
        let is_continuous = linked
            .__llvm_profile_is_continuous_mode_enabled
            .is_some_and(|is_continuous| unsafe { is_continuous() } != 0);
        let len = (end.addr() - begin.addr()) / size_of::<u64>();
        let is_usual = entry_bytes == size_of::<u64>() && !is_continuous && len > 0;
        is_usual.then_some(Own {
            first: begin.cast(),
            len,
        })
    }

    /// What was counted. Threads that the test left running may count meanwhile, and nobody waits for them.
    fn counts(self) -> impl Iterator<Item = u64> {
        // SAFETY: `i` is within the section of the counters.
        (0..self.len).map(move |i| unsafe { self.first.add(i).read_volatile() })
    }
}

/// What the processes of tests counted, in memory that they share with the supervisor.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec) struct Counters {
    own: Own,
    /// As many as there are own ones, never unmapped.
    total: *mut u64,
}

impl Counters {
    /// Shares memory with the processes that are forked later. `None` in a binary that does not count.
    pub(in crate::exec) fn share() -> Option<Counters> {
        let own = Own::find()?;
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        let bytes = own.len * size_of::<u64>();
        // SAFETY: a new mapping, wherever there is room.
        let memory = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
        let total = memory.cast();
        (memory != libc::MAP_FAILED).then_some(Counters { own, total })
    }

    /// In a forked process: counts from zero, and leaves the file to the supervisor.
    pub(in crate::exec) fn begin(&self) {
        call(linked().__llvm_profile_reset_counters);
        // Behind the former, which takes it back.
        call(linked().__llvm_profile_set_dumped);
        AtExit::of(self);
    }

    /// In a forked process, after its test: adds what it counted.
    pub(in crate::exec) fn end(&self) {
        self.add_all(self.own.counts());
    }

    /// Adds what was read of a process that could not do so itself.
    pub(in crate::exec) fn add(&self, counts: &Counts) {
        self.add_all(counts.0.iter().copied());
    }

    fn add_all(&self, counts: impl Iterator<Item = u64>) {
        let counts = counts.take(self.own.len).enumerate();
        for (i, count) in counts.filter(|(_, count)| *count != 0) {
            // SAFETY: the total has as many as there are own ones.
            unsafe { add(self.total.add(i), count) }
        }
    }

    /// In the supervisor: takes what all processes counted for its own.
    pub(in crate::exec) fn collect(&self) {
        for i in 0..self.own.len {
            // SAFETY: there are so many of both. No process of a test is there any more.
            unsafe {
                let (own, total) = (self.own.first.add(i), self.total.add(i).replace(0));
                own.write_volatile(own.read_volatile().wrapping_add(total));
            }
        }
    }
}

/// Adds to a counter that other processes add to, too.
///
/// # Safety
/// It must be one.
#[cfg(target_has_atomic = "64")]
unsafe fn add(total: *mut u64, count: u64) {
    use std::sync::atomic::AtomicU64;
    // SAFETY: all processes with tests use it in this way alone.
    unsafe { AtomicU64::from_ptr(total) }.fetch_add(count, Ordering::Relaxed);
}

/// The same where that is not possible at one stroke. With `--test-threads` a count may be too low then.
///
/// # Safety
/// It must be one.
#[cfg(not(target_has_atomic = "64"))]
unsafe fn add(total: *mut u64, count: u64) {
    // SAFETY: whatever another process writes meanwhile is a count.
    unsafe { total.write_volatile(total.read_volatile().wrapping_add(count)) };
}

/// For a test that ends its process by `exit`.
struct AtExit {
    counters: Counters,
    pid: u32,
}

/// What the process of a test does at its exit. A handler is the process's by nature.
static AT_EXIT: AtomicPtr<AtExit> = AtomicPtr::new(ptr::null_mut());

impl AtExit {
    fn of(counters: &Counters) {
        let this = AtExit {
            counters: *counters,
            pid: std::process::id(),
        };
        AT_EXIT.store(Box::into_raw(Box::new(this)), Ordering::Relaxed);
    }
}

/// `exit` goes through this section. To call `atexit` would cost each binary the look-up of a symbol.
#[used]
#[unsafe(link_section = ".fini_array")]
static FINI: extern "C" fn() = at_exit;

extern "C" fn at_exit() {
    // SAFETY: it is null, or what `AtExit::of` stored, which is never freed.
    let this = unsafe { AT_EXIT.load(Ordering::Relaxed).as_ref() };
    // A process that the test forked has the counts of its parent, too.
    if let Some(this) = this.filter(|this| this.pid == std::process::id()) {
        this.counters.end();
    }
}

/// What a process had counted when it was looked at.
#[derive(Debug)]
pub(in crate::exec) struct Counts(Vec<u64>);

impl Counts {
    /// Of a process of this binary, before it is killed. `None` in a binary that does not count, or if the
    /// kernel does not let us.
    pub(in crate::exec) fn of(pid: ChildPid) -> Option<Counts> {
        let own = Own::find()?;
        let bytes = own.len * size_of::<u64>();
        let there = mapped::counterpart(own.first.addr(), pid).unwrap_or(own.first.addr());
        let mut counts = vec![0_u64; own.len];
        let local = libc::iovec {
            iov_base: counts.as_mut_ptr().cast(),
            iov_len: bytes,
        };
        let remote = libc::iovec {
            iov_base: ptr::without_provenance_mut(there),
            iov_len: bytes,
        };
        let (pid, one, flags): (_, libc::c_ulong, libc::c_ulong) =
            (libc::c_long::from(pid.get()), 1, 0);
        let (local, remote) = (&raw const local, &raw const remote);
        let call = libc::SYS_process_vm_readv;
        // SAFETY: it writes at most `bytes` bytes to `counts`, which has so many; what it reads is another
        // process's. By its number, since the look-up of a symbol would cost each binary something.
        let read = unsafe { libc::syscall(call, pid, local, one, remote, one, flags) };
        (usize::try_from(read) == Ok(bytes)).then_some(Counts(counts))
    }
}
