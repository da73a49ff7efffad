//! This binary again, in place of a process.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::exec::procfs;

/// The running binary with arguments and an environment, all of it made before the fork: between a
/// fork and an exec no memory is available.
pub(in crate::exec) struct Program {
    args: Strings,
    environment: Strings,
    emulated: Option<Emulated>,
}

impl Program {
    /// The binary with these arguments behind its name, in this environment with one variable more.
    pub(in crate::exec) fn this(args: &[&OsStr], variable: (&str, &str)) -> Program {
        let args = args.iter().map(|arg| arg.as_bytes().to_vec());
        let name = Program::name().into_vec();
        let (other_name, value) = variable;
        let mut variables = Vec::new();
        for (other, value) in std::env::vars_os() {
            if other != other_name {
                variables.push([other.as_bytes(), b"=", value.as_bytes()].concat());
            }
        }
        variables.push([other_name.as_bytes(), b"=", value.as_bytes()].concat());
        Program {
            emulated: Emulated::new(args.clone()),
            args: Strings::new(std::iter::once(name).chain(args)),
            environment: Strings::new(variables),
        }
    }

    /// The program's own name, as it was started.
    fn name() -> OsString {
        let name = std::env::args_os().next();
        name.unwrap_or_else(|| OsString::from_vec(b"test".to_vec()))
    }

    /// Becomes it. Returns only if that is not possible. Where an emulator runs this binary, the kernel may
    /// not be able to execute it by itself, so that the emulator is executed.
    pub(in crate::exec) fn become_it(&self) -> io::Error {
        let Some(emulated) = &self.emulated else {
            return self.execute(c"/proc/self/exe", &self.args);
        };
        let error = self.execute(&emulated.binary, &self.args);
        if error.raw_os_error() == Some(libc::ENOEXEC) {
            return self.execute(&emulated.emulator, &emulated.args);
        }
        error
    }

    fn execute(&self, path: &CStr, args: &Strings) -> io::Error {
        let environment = self.environment.pointers.as_ptr();
        // SAFETY: both arrays end in a null pointer and point to strings that live as long as self.
        unsafe { libc::execve(path.as_ptr(), args.pointers.as_ptr(), environment) };
        io::Error::last_os_error()
    }
}

/// How this binary is executed again where an emulator runs it, or a tool such as valgrind.
struct Emulated {
    /// The link `/proc/self/exe` leads to the emulator there.
    binary: CString,
    emulator: CString,
    /// The arguments of the emulator.
    args: Strings,
}

impl Emulated {
    /// `None` where the kernel executes this binary. `args` follow the name of the binary.
    fn new(args: impl Iterator<Item = Vec<u8>>) -> Option<Emulated> {
        let emulator = procfs::emulator()?;
        let before = procfs::emulator_args()?;
        let path = |path: PathBuf| CString::new(path.into_os_string().into_vec()).ok();
        Some(Emulated {
            binary: path(std::env::current_exe().ok()?)?,
            emulator: path(emulator)?,
            args: Strings::new(before.into_iter().chain(args)),
        })
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
    fn new(strings: impl IntoIterator<Item = Vec<u8>>) -> Strings {
        let strings: Vec<CString> = strings
            .into_iter()
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
