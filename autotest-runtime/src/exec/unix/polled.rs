//! Waiting until something happens on a descriptor.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::os::fd::RawFd;
use std::time::{Duration, Instant};

/// Looking and giving way takes no longer if nobody has the processor meanwhile but the process of the next
/// run, which is not ready yet.
const OTHERS_TURN: Duration = Duration::from_micros(500);

/// Descriptors that something may happen on, and those on which it has.
#[derive(Default)]
pub(in crate::exec) struct Polled(Vec<libc::pollfd>);

impl Polled {
    /// Waits until one of `readable` can be read, one of `writable` be written, or `timeout` is over. Until
    /// `awake_until` it looks again and again instead of sleeping, unless somebody else wants the processor.
    /// Returns false if so.
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
            if now - before > OTHERS_TURN {
                self.poll(millis);
                return false;
            }
        }
        self.poll(millis);
        true
    }

    /// Whether something happened.
    fn poll(&mut self, millis: libc::c_int) -> bool {
        let count = self.0.len() as libc::nfds_t;
        // SAFETY: poll reads and writes `count` entries of the vector; if it fails none is ready.
        unsafe { libc::poll(self.0.as_mut_ptr(), count, millis) > 0 }
    }

    /// Whether something happened on a descriptor that was waited for.
    pub(in crate::exec) fn is_ready(&self, fd: RawFd) -> bool {
        self.0
            .iter()
            .any(|polled| polled.fd == fd && polled.revents != 0)
    }
}
