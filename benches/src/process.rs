//! Runs a command, and says what it and its children took.

#![expect(unsafe_code, reason = "wait4 is not in std")]

use std::io::{Read, Seek};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::row::LeftOut;

/// What a process and those that it waited for took.
#[derive(Debug)]
pub(crate) struct Used {
    pub(crate) wall_s: f64,
    /// Of all processors.
    pub(crate) cpu_s: f64,
    /// Page faults that needed no disk.
    pub(crate) faults: f64,
}

/// The environment of a program that is measured: nothing of cargo's, nothing that is longer here than
/// elsewhere.
pub(crate) fn bare(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear();
    for name in ["PATH", "HOME"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    command
}

/// Runs it to its end, with its output going nowhere.
pub(crate) fn measure(command: &mut Command) -> Result<Used, LeftOut> {
    command.stdout(Stdio::null());
    run(command)
}

/// Runs it to its end, and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String, LeftOut> {
    Ok(measured_output(command)?.0)
}

/// The same, and what it took.
pub(crate) fn measured_output(command: &mut Command) -> Result<(String, Used), LeftOut> {
    let mut file = tempfile::tempfile()?;
    command.stdout(file.try_clone()?);
    let used = run(command)?;
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok((text, used))
}

/// Runs it to its end under the floor, which is small, and returns its peak memory in bytes.
pub(crate) fn peak_bytes(floor: &Path, command: &Command) -> Result<f64, LeftOut> {
    let mut launcher = bare(floor);
    launcher
        .arg("peak")
        .arg(command.get_program())
        .args(command.get_args());
    launcher.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let printed = output(&mut launcher)?;
    let peak: Result<f64, _> = printed.trim().parse();
    peak.map_err(|error| LeftOut::because("the peak memory", error))
}

/// Runs it, with its output where the command says.
pub(crate) fn run(command: &mut Command) -> Result<Used, LeftOut> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let mut stderr = tempfile::tempfile()?;
    command.stdin(Stdio::null()).stderr(stderr.try_clone()?);
    let start = Instant::now();
    let child = command.spawn();
    let child =
        child.map_err(|error| LeftOut::because(format!("failed to run `{shown}`"), error))?;
    let (status, usage) = wait(child.id())?;
    let wall_s = start.elapsed().as_secs_f64();
    if status != 0 {
        let mut text = String::new();
        stderr.rewind()?;
        stderr.read_to_string(&mut text)?;
        let how = match libc::WIFEXITED(status) {
            true => format!("`{shown}` ended with {}", libc::WEXITSTATUS(status)),
            false => format!("`{shown}` was ended by signal {}", libc::WTERMSIG(status)),
        };
        return Err(LeftOut::because(how, reason(&text)));
    }
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    Ok(Used {
        wall_s,
        cpu_s: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        faults: usage.ru_minflt as f64,
    })
}

/// Like `wait`, but with what the process took.
fn wait(pid: u32) -> Result<(libc::c_int, libc::rusage), LeftOut> {
    let mut status = 0;
    // SAFETY: rusage is plain old data; wait4 fills both.
    let (waited, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let waited = libc::wait4(pid.cast_signed(), &raw mut status, 0, &raw mut usage);
        (waited, usage)
    };
    match waited {
        -1 => Err(std::io::Error::last_os_error().into()),
        _ => Ok((status, usage)),
    }
}

/// What is worth showing of an error output: the first line that says so, else the last one.
fn reason(text: &str) -> &str {
    let is_error = |line: &&str| line.trim_start().starts_with("error");
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let first = text.lines().find(is_error);
    first
        .or_else(|| lines.next_back())
        .unwrap_or("it said nothing")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_reason() {
        let mut command = bare("sh");
        command.args(["-c", "echo so >&2; exit 3"]);
        let failed = measure(&mut command).unwrap_err();
        assert_eq!(failed.0, "`sh` ended with 3: so");
    }

    #[test]
    fn output_is_what_was_printed() {
        let mut command = bare("sh");
        command.args(["-c", "echo $TERM-$PWDD"]);
        assert_eq!(output(&mut command).unwrap(), "-\n");
    }

    #[test]
    fn an_error_in_the_middle_is_the_reason() {
        assert_eq!(reason("a\nerror: b\nc\n"), "error: b");
        assert_eq!(reason("a\nb\n\n"), "b");
        assert_eq!(reason(""), "it said nothing");
    }
}
