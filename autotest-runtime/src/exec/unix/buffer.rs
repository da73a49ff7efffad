//! Memory that a forked process does not inherit.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::io;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

/// A buffer that a forked process does not have (MADV_DONTFORK), so that its pages cost a fork nothing.
#[derive(Debug)]
pub(in crate::exec) struct Buffer {
    start: NonNull<u8>,
    length: usize,
}

impl Buffer {
    /// # Errors
    /// If there is not enough memory.
    pub(in crate::exec) fn new(length: usize) -> io::Result<Buffer> {
        let (access, kind) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a new mapping, which affects no other memory; madvise applies to that mapping only.
        let start = unsafe {
            let start = libc::mmap(std::ptr::null_mut(), length, access, kind, -1, 0);
            if start == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            libc::madvise(start, length, libc::MADV_DONTFORK);
            start
        };
        let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Buffer { start, length })
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: the mapping is this long, was zeroed by the kernel, and lives as long as self. A forked
        // process does not have the mapping, but never reads it: the supervisor's event loop does not run
        // there.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.length) }
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and there is no other reference.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.length) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: the mapping is this long, and nobody has a reference any more.
        unsafe { libc::munmap(self.start.as_ptr().cast(), self.length) };
    }
}
