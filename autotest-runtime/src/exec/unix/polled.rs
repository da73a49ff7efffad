//! Waiting for events on descriptors.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

/// A poll and a yield that take longer than this mean that another process wants the processor. The process
/// of the next run, before it is ready, takes less.
const MAX_YIELD: Duration = Duration::from_micros(500);

/// The descriptors of the last wait, with their events.
#[derive(Default)]
pub(in crate::exec) struct Polled(Vec<libc::pollfd>);

impl Polled {
    /// Waits until one of `readable` can be read, one of `writable` can be written, or `timeout` is over.
    /// Polls without sleeping until `busy_wait_until`, unless another process wants the processor. Returns
    /// `false` in that case.
    pub(in crate::exec) fn wait(
        &mut self,
        readable: impl IntoIterator<Item = RawFd>,
        writable: impl IntoIterator<Item = RawFd>,
        timeout: Option<Duration>,
        busy_wait_until: Option<Instant>,
    ) -> bool {
        let polled = |events| {
            move |fd| libc::pollfd {
                fd,
                events,
                revents: 0,
            }
        };
        self.0.clear();
        self.0
            .extend(readable.into_iter().map(polled(libc::POLLIN)));
        self.0
            .extend(writable.into_iter().map(polled(libc::POLLOUT)));
        let millis = timeout.map_or(-1, |timeout| {
            i32::try_from(timeout.as_micros().div_ceil(1000)).unwrap_or(i32::MAX)
        });
        let mut now = Instant::now();
        while busy_wait_until.is_some_and(|until| now < until) {
            if self.poll(0) {
                return true;
            }
            std::thread::yield_now();
            let before = std::mem::replace(&mut now, Instant::now());
            if now - before > MAX_YIELD {
                self.poll(millis);
                return false;
            }
        }
        self.poll(millis);
        true
    }

    /// Polls. Returns whether a descriptor has an event.
    fn poll(&mut self, millis: libc::c_int) -> bool {
        let count = self.0.len() as libc::nfds_t;
        // SAFETY: poll reads and writes `count` entries of the vector; if it fails none is ready.
        unsafe { libc::poll(self.0.as_mut_ptr(), count, millis) > 0 }
    }

    /// Whether a descriptor had an event in the last wait.
    pub(in crate::exec) fn is_ready(&self, fd: RawFd) -> bool {
        self.0
            .iter()
            .any(|polled| polled.fd == fd && polled.revents != 0)
    }
}
