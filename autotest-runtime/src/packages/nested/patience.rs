//! Outliving the signals that ask a package's job to end, so that its end is on record.

#![expect(unsafe_code, reason = "std has no handlers of signals")]

/// While it exists, this process does not end by the signals that ask for its end; programs that it executes
/// do.
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
            // SAFETY: it is the disposition from before.
            unsafe { libc::signal(signal, before) };
        }
    }
}
