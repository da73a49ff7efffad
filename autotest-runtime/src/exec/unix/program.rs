//! Executes this binary anew in place of the current process.

#![expect(unsafe_code, reason = "the calls that std does not have")]

use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use crate::exec::procfs;

/// The running binary with arguments and an environment, allocated before the fork: between a fork and an
/// exec nothing may be allocated.
pub(in crate::exec) struct Program {
    args: Strings,
    environment: Strings,
    emulated: Option<Emulated>,
}

impl Program {
    /// This binary with these arguments after its name, and this process's environment with one more
    /// variable and without the
    /// `hidden` ones.
    pub(in crate::exec) fn current(
        args: &[&OsStr],
        variable: (&str, &str),
        hidden: &[String],
    ) -> Program {
        let args = args.iter().map(|arg| arg.as_bytes().to_vec());
        let name = Program::name().into_vec();
        let (other_name, value) = variable;
        let mut variables = Vec::new();
        for (other, value) in std::env::vars_os() {
            if other != other_name && !hidden.iter().any(|hidden| other == **hidden) {
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

    /// The name with which this binary was started.
    fn name() -> OsString {
        let name = std::env::args_os().next();
        name.unwrap_or_else(|| OsString::from_vec(b"test".to_vec()))
    }

    /// Executes the program, and returns only if that fails. If an emulator runs this binary and the kernel
    /// cannot execute the binary directly, executes the emulator.
    pub(in crate::exec) fn exec(&self) -> io::Error {
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

/// How to execute this binary again if it runs under an emulator or a tool such as valgrind.
struct Emulated {
    /// The path of this binary: `/proc/self/exe` would be the emulator.
    binary: CString,
    emulator: CString,
    /// The arguments of the emulator.
    args: Strings,
}

impl Emulated {
    /// `None` if the kernel executes this binary itself. `args` follow the binary's name.
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
    /// The strings that the pointers point to.
    _strings: Vec<CString>,
    pointers: Vec<*const libc::c_char>,
}

impl Strings {
    /// Leaves out strings with a NUL; arguments and variables of a process have none.
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
