//! Ignores the signals that ask for the end of a package's job, so that its end is recorded.

#![expect(unsafe_code, reason = "std has no handlers of signals")]

/// While this value exists, SIGTERM, SIGINT and SIGHUP do not end this process. They have a handler that does nothing:
/// `SIG_IGN` would be inherited by the programs that it executes.
pub(super) struct Patience([(libc::c_int, libc::sighandler_t); 3]);

extern "C" fn nothing(_: libc::c_int) {}

impl Patience {
    pub(super) fn new() -> Patience {
        let handler = nothing as extern "C" fn(libc::c_int);
        Patience([libc::SIGTERM, libc::SIGINT, libc::SIGHUP].map(|signal| {
            // SAFETY: the handler does nothing.
            let before = unsafe { libc::signal(signal, handler as libc::sighandler_t) };
            (signal, before)
        }))
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        for (signal, before) in self
            .0
            .into_iter()
            .filter(|(_, before)| *before != libc::SIG_ERR)
        {
            // SAFETY: this restores the earlier disposition.
            unsafe { libc::signal(signal, before) };
        }
    }
}
