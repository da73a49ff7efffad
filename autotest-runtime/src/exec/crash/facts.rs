//! Facts about a process from `/proc`, read before it is gone.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::crash_dir::create;
use crate::registry::{OPTIONS_VARIABLE, VARIABLE_PREFIX};

/// The files that are copied unchanged.
const COPIED: [&str; 4] = ["maps", "status", "limits", "cgroup"];

/// The limit on the bytes of a file that are kept.
const MAX_BYTES: u64 = 4 << 20;

/// Writes files of the same names into a directory. Unreadable ones are skipped.
pub(super) fn write(pid: i32, supervisor: i32, dir: &Path) {
    for name in COPIED {
        put(dir, name, &read(pid, name));
    }
    let command = read(pid, "cmdline");
    // A forked process still has the arguments of the supervisor, with the values of secret parameters.
    if command != read(supervisor, "cmdline") {
        put(dir, "cmdline", &lines(&command, |_| true));
    }
    put(dir, "environ", &lines(&read(pid, "environ"), is_public));
}

/// `false` if a variable contains a parameter, which may be secret.
fn is_public(variable: &[u8]) -> bool {
    let is_options = variable.strip_prefix(OPTIONS_VARIABLE.as_bytes());
    !variable.starts_with(VARIABLE_PREFIX.as_bytes())
        && !is_options.is_some_and(|rest| rest.starts_with(b"="))
}

/// Converts NUL-terminated strings to lines.
fn lines(strings: &[u8], is_kept: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let strings = strings.split(|byte| *byte == 0);
    let kept = strings.filter(|string| !string.is_empty() && is_kept(string));
    kept.flat_map(|string| [string, b"\n"].concat()).collect()
}

/// The name of a process, usable as a file name. A process that executed the job's binary again gets the binary's name.
pub(super) fn name_of(pid: i32) -> String {
    let name = String::from_utf8_lossy(&read(pid, "comm"))
        .trim_end()
        .to_owned();
    match Path::new(&program_of(pid)).file_name() {
        Some(program) if name == "exe" => plain(&program.to_string_lossy()),
        _ => plain(&name),
    }
}

/// Replaces the characters of a name that a file name or a line must not have.
pub(super) fn plain(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_+".contains(c);
    let name: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    match name.is_empty() {
        true => "process".to_owned(),
        false => name,
    }
}

/// The path of the program that a process executes; empty if it is gone.
pub(super) fn program_of(pid: i32) -> String {
    let path = fs::read_link(file_of(pid, "exe")).unwrap_or_default();
    path.to_string_lossy().into_owned()
}

fn file_of(pid: i32, name: &str) -> PathBuf {
    Path::new("/proc").join(pid.to_string()).join(name)
}

fn read(pid: i32, name: &str) -> Vec<u8> {
    let mut content = Vec::new();
    if let Ok(file) = File::open(file_of(pid, name)) {
        let _ = file.take(MAX_BYTES).read_to_end(&mut content);
    }
    content
}

fn put(dir: &Path, name: &str, content: &[u8]) {
    if let (false, Ok(mut file)) = (content.is_empty(), create(&dir.join(name))) {
        let _ = file.write_all(content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_left_out() {
        let environment = b"HOME=/\0AUTOTEST_PARAM_KEY=secret\0AUTOTEST_OPTIONS=--param key=secret\0AUTOTEST_RUN=a/1\0";
        let kept = lines(environment, is_public);
        assert_eq!(
            String::from_utf8(kept).unwrap(),
            "HOME=/\nAUTOTEST_RUN=a/1\n"
        );
    }
}
