//! This binary again, in place of a process.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// The running binary with arguments and an environment, all of it made before the fork: between a
/// fork and an exec no memory can be had.
pub(in crate::exec) struct Program {
    args: Strings,
    environment: Strings,
}

impl Program {
    /// The binary with these arguments, in this environment with one variable more.
    pub(in crate::exec) fn this(args: &[&OsStr], variable: (&str, &str)) -> Program {
        let args = args.iter().map(|arg| arg.as_bytes().to_vec()).collect();
        let (name, value) = variable;
        let mut variables = Vec::new();
        for (other, value) in std::env::vars_os() {
            if other != name {
                variables.push([other.as_bytes(), b"=", value.as_bytes()].concat());
            }
        }
        variables.push([name.as_bytes(), b"=", value.as_bytes()].concat());
        Program {
            args: Strings::new(args),
            environment: Strings::new(variables),
        }
    }

    /// The program's own name, as it was started.
    pub(in crate::exec) fn name() -> OsString {
        let name = std::env::args_os().next();
        name.unwrap_or_else(|| OsString::from_vec(b"test".to_vec()))
    }

    /// Becomes it. Returns only if that is not possible.
    pub(in crate::exec) fn become_it(&self) -> io::Error {
        let (args, environment) = (&self.args.pointers, &self.environment.pointers);
        // SAFETY: both arrays end in a null pointer and point to strings that live as long as self.
        unsafe {
            libc::execve(
                c"/proc/self/exe".as_ptr(),
                args.as_ptr(),
                environment.as_ptr(),
            );
        }
        io::Error::last_os_error()
    }
}

/// Strings as execve takes them.
struct Strings {
    /// What the pointers point to.
    _strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl Strings {
    /// One that has a NUL in it, which nothing of a process's own has, is left out.
    fn new(strings: Vec<Vec<u8>>) -> Strings {
        let strings = strings.into_iter();
        let strings: Vec<CString> = strings
            .filter_map(|string| CString::new(string).ok())
            .collect();
        let mut pointers: Vec<_> = strings.iter().map(|string| string.as_ptr()).collect();
        pointers.push(std::ptr::null());
        Strings {
            _strings: strings,
            pointers,
        }
    }
}
