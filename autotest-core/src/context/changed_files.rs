//! Files that a run changes and that are restored when it ends.
//!
//! The original content is an event before the file changes, so that whoever cleans up after a killed process
//! knows it. This module must not decide when files are restored; that is the task of [`crate::lifecycle`].

use std::fmt::Display;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::TestContext;
use crate::event::Event;
use crate::excerpt::excerpt;
use crate::outcome::{Kind, TestError, Verdict};

/// The longest path and content of a file that can be changed, in bytes. Files of `/proc` and `/sys` are
/// shorter; in JSON, it stays below the limit for a line of the journal.
const MAX_FILE_BYTES: usize = 8 << 10;

/// The limit for all files of a run, in bytes: the supervisor keeps them in memory during the run.
const MAX_RUN_BYTES: usize = 1 << 20;

/// Where the kernel keeps its settings.
const SYSCTL: &str = "/proc/sys";

/// File systems whose files are the kernel's state: a reboot resets them.
const KERNEL: [&str; 2] = ["/proc", "/sys"];

/// The files that a run has changed and not restored yet, in the order of their first change.
///
/// ```
/// use autotest_core::ChangedFiles;
/// let mut files = ChangedFiles::default();
/// files.note("/sys/power/pm_async", Some("1\n"));
/// assert!(!files.is_empty());
/// files.note("/sys/power/pm_async", None);
/// assert!(files.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangedFiles(
    /// Each path with its original content. Pairs of texts have a codec already; a type of its own would
    /// add one to every binary.
    Vec<(String, String)>,
);

impl ChangedFiles {
    /// Notes an [`Event::ChangedFile`]: adds a file with its content before the first change, or removes it,
    /// since it was restored. Of a file that was changed before, the first content stays.
    pub fn note(&mut self, path: &str, original: Option<&str>) {
        match original {
            None => self.0.retain(|(changed, _)| changed != path),
            Some(_) if self.contains(path) => {}
            Some(text) => self.0.push((path.to_owned(), text.to_owned())),
        }
    }

    /// Removes the files that a reboot has reset: those of `/proc` and `/sys`. After it, the same path may
    /// even be that of another device.
    pub fn remove_kernel_files(&mut self) {
        let is_kernels = |path: &Path| KERNEL.iter().any(|kernel| path.starts_with(kernel));
        self.0.retain(|(path, _)| !is_kernels(path.as_ref()));
    }

    /// Whether there is nothing to restore.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paths of the files.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(path, _)| path.as_str())
    }

    /// Removes the file that was changed last, and returns its path and its original content.
    pub(crate) fn pop(&mut self) -> Option<(String, String)> {
        self.0.pop()
    }

    fn contains(&self, path: &str) -> bool {
        self.paths().any(|changed| changed == path)
    }

    /// Whether there is room for one more file.
    ///
    /// # Errors
    /// If there is none, with the reason.
    fn check_room(&self, path: &str, text: &str) -> Result<(), String> {
        let new = path.len() + text.len();
        if new > MAX_FILE_BYTES {
            return Err(format!(
                "path and content have {new} bytes, more than {MAX_FILE_BYTES}"
            ));
        }
        let files = self.0.iter();
        let all: usize = new
            + files
                .map(|(path, text)| path.len() + text.len())
                .sum::<usize>();
        if all > MAX_RUN_BYTES {
            return Err(format!(
                "the files changed by this run would have {all} bytes, more than {MAX_RUN_BYTES}"
            ));
        }
        Ok(())
    }
}

/// Temporary changes of the target.
impl TestContext {
    /// Writes a value and a newline to an existing file, as `echo` does, until the run ends. Then the file
    /// gets its first content again: after a pass, a failure, a panic, a crash or a timeout, and if the
    /// supervisor was killed, by `--resume`. It does not take a `cleanup`, and `--no-cleanup` does not prevent
    /// it.
    ///
    /// Files are restored after `cleanup` and the after-test hook, in the reverse order of their first
    /// changes. One that has its first content already is left alone. One that cannot be restored makes a pass
    /// a WARN and is shown beside any other verdict. After a reboot, files of `/proc` and `/sys` are not
    /// restored, since the kernel has reset them. Of a file such as `/sys/block/sda/queue/scheduler`, which
    /// reads as `none [mq-deadline]`, the marked word is written back.
    ///
    /// Nothing keeps other tests and programs from changing the file at the same time.
    ///
    /// ```no_run
    /// # use autotest_core::{TestContext, TestResult};
    /// fn run_once(cx: &mut TestContext) -> TestResult {
    ///     cx.set_file("/sys/class/net/eth0/mtu", 9000)?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// ERROR if the file cannot be read or written. If the path is not absolute and UTF-8, or if path and content
    /// have more than 8 KiB (1 MiB for all files of the run), the call is refused. Nothing has changed then, unless
    /// writing failed halfway; the file is restored in any case.
    #[track_caller]
    pub fn set_file(
        &mut self,
        path: impl AsRef<Path>,
        value: impl Display,
    ) -> Result<(), TestError> {
        self.change_file(path.as_ref(), &value.to_string())
    }

    /// Sets a kernel parameter until the run ends; [`set_file`](Self::set_file) says when and how it is
    /// restored. The name is written as for `sysctl`: `net.ipv4.ip_forward`, or `net/ipv4/conf/eth0.7/forwarding`
    /// where a part of it has a dot.
    ///
    /// ```no_run
    /// # use autotest_core::{TestContext, TestResult};
    /// fn initialize(cx: &mut TestContext) -> TestResult {
    ///     cx.set_sysctl("vm.swappiness", 10)?;
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// As for [`set_file`](Self::set_file), and if the name is not one.
    #[track_caller]
    pub fn set_sysctl(&mut self, name: &str, value: impl Display) -> Result<(), TestError> {
        match sysctl_path(name) {
            Some(path) => self.change_file(&path, &value.to_string()),
            None => Err(TestError::refused(format!(
                "`{}` is not the name of a kernel parameter; write it like `vm.swappiness`",
                excerpt(name)
            ))),
        }
    }

    #[track_caller]
    fn change_file(&mut self, path: &Path, value: &str) -> Result<(), TestError> {
        let Some(path) = path.to_str().filter(|_| path.is_absolute()) else {
            let path = path.display();
            return Err(TestError::refused(format!(
                "`{path}` must be an absolute path in UTF-8: another process may have to restore it"
            )));
        };
        if !self.changed_files.contains(path) {
            let text = match self.host.read_file(path.as_ref()) {
                Ok(text) => text,
                Err(error) => {
                    return Err(TestError::error(format!(
                        "failed to read `{path}`: {error}"
                    )));
                }
            };
            let original = restorable(path, &text);
            if let Err(why) = self.changed_files.check_room(path, original) {
                return Err(TestError::refused(format!(
                    "`{path}` cannot be changed for a test: {why}"
                )));
            }
            self.note_file(path, Some(original));
        }
        let value = value.strip_suffix('\n').unwrap_or(value);
        match self.host.write_file(path.as_ref(), &format!("{value}\n")) {
            Ok(()) => Ok(()),
            Err(error) => Err(TestError::error(format!(
                "failed to write `{}` to `{path}`: {error}",
                excerpt(value)
            ))),
        }
    }

    fn note_file(&mut self, path: &str, original: Option<&str>) {
        self.changed_files.note(path, original);
        self.send(Event::ChangedFile {
            path: path.to_owned(),
            original: original.map(str::to_owned),
        });
    }

    /// Restores a file, unless it has its original content already.
    ///
    /// # Errors
    /// A WARN, if it cannot be written.
    pub(crate) fn restore_file(&mut self, path: &str, original: &str) -> Result<(), Verdict> {
        let current = self.host.read_file(path.as_ref());
        let is_changed = !current.is_ok_and(|current| restorable(path, &current) == original);
        if is_changed && let Err(error) = self.host.write_file(path.as_ref(), original) {
            let original = excerpt(original.trim_end());
            let reason = format!("failed to restore `{path}` to `{original}`: {error}");
            return Err(Verdict::new(Kind::Warn, reason));
        }
        self.note_file(path, None);
        Ok(())
    }
}

/// What must be written to a file so that it reads as `text` again. A file of `/sys` with a choice shows all
/// words that it takes, and marks the current one: `none [mq-deadline] kyber`.
fn restorable<'a>(path: &str, text: &'a str) -> &'a str {
    let unmarked = |word: &'a str| word.strip_prefix('[')?.strip_suffix(']');
    let mut marked = text.split_whitespace().filter_map(unmarked);
    match (marked.next(), marked.next()) {
        (Some(word), None) if path.starts_with("/sys/") && !word.is_empty() => word,
        _ => text,
    }
}

/// The file of a kernel parameter. As for `sysctl`, the first separator decides which of `.` and `/` separates
/// the parts of the name; the other one then belongs to them, swapped.
fn sysctl_path(name: &str) -> Option<PathBuf> {
    let has_dots = name
        .find(['.', '/'])
        .is_some_and(|at| name[at..].starts_with('.'));
    let swapped = |c| match c {
        '.' => '/',
        '/' => '.',
        c => c,
    };
    let path: PathBuf = match has_dots {
        true => name.chars().map(swapped).collect::<String>().into(),
        false => name.into(),
    };
    let is_below = |part: Component<'_>| matches!(part, Component::Normal(_));
    let is_name = path.components().count() > 1 && path.components().all(is_below);
    is_name.then(|| Path::new(SYSCTL).join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_sysctl(name: &str, path: Option<&str>) {
        assert_eq!(sysctl_path(name), path.map(PathBuf::from), "{name}");
    }

    #[test]
    fn a_kernel_parameter_is_a_file() {
        check_sysctl("vm.swappiness", Some("/proc/sys/vm/swappiness"));
        check_sysctl("vm/swappiness", Some("/proc/sys/vm/swappiness"));
        let vlan = Some("/proc/sys/net/ipv4/conf/eth0.7/forwarding");
        check_sysctl("net/ipv4/conf/eth0.7/forwarding", vlan);
        check_sysctl("net.ipv4.conf.eth0/7.forwarding", vlan);
    }

    #[test]
    fn what_is_no_name_of_a_kernel_parameter_has_no_file() {
        for name in ["", "swappiness", "/vm/swappiness", ".vm", "vm/../../etc"] {
            check_sysctl(name, None);
        }
    }

    #[test]
    fn of_a_choice_the_marked_word_is_written() {
        let scheduler = "/sys/block/sda/queue/scheduler";
        assert_eq!(restorable(scheduler, "none [mq-deadline]\n"), "mq-deadline");
        assert_eq!(restorable(scheduler, "[none]\n"), "none");
        assert_eq!(restorable(scheduler, "[a] [b]\n"), "[a] [b]\n");
        assert_eq!(restorable(scheduler, "[] none\n"), "[] none\n");
        assert_eq!(restorable(scheduler, "none\n"), "none\n");
        let elsewhere = "/system/scheduler";
        assert_eq!(restorable(elsewhere, "[none]\n"), "[none]\n");
    }

    #[test]
    fn the_first_content_stays_and_the_last_file_comes_first() {
        let mut files = ChangedFiles::default();
        for (path, text) in [("/a", "1"), ("/b", "2"), ("/a", "3"), ("/c", "4")] {
            files.note(path, Some(text));
        }
        files.note("/c", None);
        files.note("/nowhere", None);
        assert!(!files.is_empty());
        assert_eq!(files.paths().collect::<Vec<_>>(), ["/a", "/b"]);
        assert_eq!(files.pop(), Some(("/b".to_owned(), "2".to_owned())));
        assert_eq!(files.pop(), Some(("/a".to_owned(), "1".to_owned())));
        assert!(files.is_empty());
    }

    #[test]
    fn a_reboot_resets_what_is_the_kernels() {
        let mut files = ChangedFiles::default();
        for path in [
            "/proc/sys/vm/swappiness",
            "/etc/hosts",
            "/sys/power/state",
            "/system",
        ] {
            files.note(path, Some(""));
        }
        files.remove_kernel_files();
        assert_eq!(files.paths().collect::<Vec<_>>(), ["/etc/hosts", "/system"]);
    }

    #[test]
    fn a_run_changes_files_up_to_its_limits() {
        let mut files = ChangedFiles::default();
        let text = "x".repeat(MAX_FILE_BYTES - 6);
        assert_eq!(files.check_room("/00000", &text), Ok(()));
        let too_long = "path and content have 8193 bytes, more than 8192";
        assert_eq!(files.check_room("/000000", &text), Err(too_long.to_owned()));
        for number in 0..MAX_RUN_BYTES / MAX_FILE_BYTES {
            let path = format!("/{number:05}");
            assert_eq!(files.check_room(&path, &text), Ok(()));
            files.note(&path, Some(&text));
        }
        let too_many = "the files changed by this run would have 1048578 bytes, more than 1048576";
        assert_eq!(files.check_room("/x", ""), Err(too_many.to_owned()));
    }

    #[test]
    fn a_recovery_reads_its_files_again() {
        let mut files = ChangedFiles::default();
        files.note("/a", Some("1\n"));
        let json = serde_json::to_string(&files).unwrap();
        assert_eq!(json, r#"[["/a","1\n"]]"#);
        assert_eq!(serde_json::from_str::<ChangedFiles>(&json).unwrap(), files);
    }
}
