//! The execution counters of a binary built with `-C instrument-coverage`.
//!
//! The profile runtime writes its file in an exit handler, which a forked test's process does not reach; moreover, the
//! test may have changed the directory or dropped privileges. So the process writes no file: it adds its counters to
//! memory shared with the supervisor, and the supervisor's own file contains them all. A job leaves one file, whatever
//! pattern names it, and no test waits for a lock on it.

#![expect(unsafe_code, reason = "counters are memory of the profile runtime")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use super::ChildPid;
use super::mapped;
use crate::linked::{call, linked};

/// The counters of this process, which instrumented code increments.
#[derive(Clone, Copy, Debug)]
struct Own {
    first: *mut u64,
    len: usize,
}

impl Own {
    /// `None` without instrumentation, or if all processes already share the counters (`%c`).
    fn find() -> Option<Own> {
        let linked = linked();
        let begin = linked.__llvm_profile_begin_counters?;
        let end = linked.__llvm_profile_end_counters?;
        let entry_bytes = linked.__llvm_profile_counter_entry_size?;
        // SAFETY: these functions take no arguments and return constants of the linker and the compiler.
        let (begin, end, entry_bytes) = unsafe { (begin(), end(), entry_bytes()) };
        // SAFETY: it takes no arguments, and returns a flag.
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

    /// The values of the counters. Threads that the test left running may still increment them.
    fn counts(self) -> impl Iterator<Item = u64> {
        // SAFETY: `i` is within the section of the counters.
        (0..self.len).map(move |i| unsafe { self.first.add(i).read_volatile() })
    }
}

/// The sum of the counters of all tests' processes, in memory shared with the supervisor.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec) struct Counters {
    own: Own,
    /// `own.len` counters, never unmapped.
    total: *mut u64,
}

impl Counters {
    /// Maps memory that is shared with processes forked later. `None` without instrumentation.
    pub(in crate::exec) fn share() -> Option<Counters> {
        let own = Own::find()?;
        let (protection, flags) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
        );
        let bytes = own.len * size_of::<u64>();
        // SAFETY: this makes a new mapping at an address of the kernel's choice.
        let memory = unsafe { libc::mmap(ptr::null_mut(), bytes, protection, flags, -1, 0) };
        let total = memory.cast();
        (memory != libc::MAP_FAILED).then_some(Counters { own, total })
    }

    /// In a forked process: sets the counters to zero, and keeps the runtime from writing a file.
    pub(in crate::exec) fn begin(&self) {
        call(linked().__llvm_profile_reset_counters);
        // After the reset, which clears this flag.
        call(linked().__llvm_profile_set_dumped);
        AtExit::of(self);
    }

    /// In a forked process, after its test: adds its counters to the sum.
    pub(in crate::exec) fn end(&self) {
        self.add_all(self.own.counts());
    }

    /// In the supervisor: adds the counters of a process that was killed.
    pub(in crate::exec) fn add(&self, counts: &Counts) {
        self.add_all(counts.0.iter().copied());
    }

    fn add_all(&self, counts: impl Iterator<Item = u64>) {
        let counts = counts.take(self.own.len).enumerate();
        for (i, count) in counts.filter(|(_, count)| *count != 0) {
            // SAFETY: the total has as many counters as this process.
            unsafe { add(self.total.add(i), count) }
        }
    }

    /// In the supervisor: moves the sum to its own counters.
    pub(in crate::exec) fn collect(&self) {
        for i in 0..self.own.len {
            // SAFETY: `i` is within both. No test's process is left that could write.
            unsafe {
                let (own, total) = (self.own.first.add(i), self.total.add(i).replace(0));
                own.write_volatile(own.read_volatile().wrapping_add(total));
            }
        }
    }
}

/// Adds to a counter to which other processes may add concurrently.
///
/// # Safety
/// `total` must point to a counter in shared memory.
#[cfg(target_has_atomic = "64")]
unsafe fn add(total: *mut u64, count: u64) {
    use std::sync::atomic::AtomicU64;
    // SAFETY: by the caller's contract; all tests' processes access it atomically.
    unsafe { AtomicU64::from_ptr(total) }.fetch_add(count, Ordering::Relaxed);
}

/// The same without 64-bit atomics: with `--test-threads`, an addition may be lost.
///
/// # Safety
/// `total` must point to a counter in shared memory.
#[cfg(not(target_has_atomic = "64"))]
unsafe fn add(total: *mut u64, count: u64) {
    // SAFETY: by the caller's contract.
    unsafe { total.write_volatile(total.read_volatile().wrapping_add(count)) };
}

/// Handles a test that ends its process by calling `exit`.
struct AtExit {
    counters: Counters,
    pid: u32,
}

/// The data for [`at_exit`]; a handler has no argument.
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

/// `exit` calls the functions in this section. `atexit` would be another symbol for the loader to look up in every
/// binary.
#[used]
#[unsafe(link_section = ".fini_array")]
static FINI: extern "C" fn() = at_exit;

extern "C" fn at_exit() {
    // SAFETY: it is null or was stored by `AtExit::of`, and is never freed.
    let this = unsafe { AT_EXIT.load(Ordering::Relaxed).as_ref() };
    // Not in a process that the test forked, whose counters include those of its parent.
    if let Some(this) = this.filter(|this| this.pid == std::process::id()) {
        this.counters.end();
    }
}

/// A copy of another process's counters.
#[derive(Debug)]
pub(in crate::exec) struct Counts(Vec<u64>);

impl Counts {
    /// Reads the counters of a process of this binary. `None` without instrumentation, or if the kernel refuses.
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
        // By its number, so that the loader has no symbol to look up.
        // SAFETY: it writes at most `bytes` bytes to `counts`, which is that long, and reads another process.
        let read = unsafe { libc::syscall(call, pid, local, one, remote, one, flags) };
        (usize::try_from(read) == Ok(bytes)).then_some(Counts(counts))
    }
}
