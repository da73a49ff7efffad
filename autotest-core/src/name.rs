//! Which names tests and runs may have: those that can be directories in the results tree.
//!
//! The macro, the registry and the plan call the same functions, so that all of them refuse the same names.
//! This module must not know where a name comes from.

/// The longest name of a file or a directory, in bytes (Linux's NAME_MAX).
pub const MAX_FILE_NAME_BYTES: usize = 255;

/// The longest suffix that the directory of an interrupted run gets.
const LONGEST_SUFFIX: &str = ".attempt-4294967295";

/// The longest name of a run's directory in bytes, including its tag. The rest of the 255 bytes that a file
/// system allows is for the suffix of an attempt.
pub const MAX_NAME_BYTES: usize = MAX_FILE_NAME_BYTES - LONGEST_SUFFIX.len();

/// A name that the results tree uses itself, or is reserved for future reports and services.
#[derive(Debug, PartialEq, Eq)]
pub struct Reserved {
    /// The name.
    pub name: &'static str,
    /// What uses it.
    pub what: &'static str,
}

impl Reserved {
    fn first(&self) -> u8 {
        self.name.as_bytes()[0]
    }
}

const fn row(name: &'static str, what: &'static str) -> Reserved {
    Reserved { name, what }
}

/// The reserved names in the directories of jobs and tests. No test may have one of them, since any test may
/// be a subtest, whose directory is in that of another test.
///
/// Hidden names are not listed, since no test may have one. Neither are `installed` and `latest`, which are
/// beside the directories of jobs.
pub const RESERVED: &[Reserved] = &[
    row("----", "the status log's placeholder for no name"),
    row("control", "the original's copy of the control file"),
    row(
        "control.srv",
        "the original's copy of the server's control file",
    ),
    row("control.state", "the original's state of a control file"),
    row("crash", "core dumps and backtraces"),
    row("debug", "logs and printed output"),
    row(
        "host_keyvals",
        "the facts about hosts for the original's parser",
    ),
    row("index.html", "the job's HTML report"),
    row("job_report.html", "the original's HTML report"),
    row("journal.jsonl", "the job's journal"),
    row("junit.xml", "the job's JUnit report"),
    row("keyval", "the keyvals of the job and of each test"),
    row(
        "keyval.tap",
        "the keyvals of the job and of each test, as TAP",
    ),
    row("meta.yml", "the index of the TAP files"),
    row("profiling", "the files of profilers"),
    row("report.html", "the job's HTML report"),
    row("results", "the measurements of a test"),
    row("status", "the status log of each test"),
    row("status.log", "the job's status log"),
    row(
        "status.tap",
        "the status logs of the job and of each test, as TAP",
    ),
    row("sysinfo", "facts about the target"),
    row("tap", "the job's TAP report"),
    row("tap.tar.gz", "the archive of the TAP files"),
    row("trace.json", "the job's trace of events"),
];

/// Why a name is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty, or has characters that are not allowed in a path or in the status log.
    #[error("it is empty, or has a `/`, a control character, or a leading dot or blank")]
    Illegal,
    /// It is too long for a file system.
    #[error("its directory's name has {bytes} bytes, more than {MAX_NAME_BYTES}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The results tree uses it.
    #[error("`{}` is reserved in the results tree ({})", .0.name, .0.what)]
    Reserved(&'static Reserved),
    /// It ends like the name of an attempt.
    #[error("names ending in `.attempt-N` are for interrupted runs")]
    Attempt,
}

/// Checks the id of a test, or the name of a run's directory: the id with `.` for `::`, followed by the tag.
///
/// ```
/// use autotest_core::name::{NameError, check};
/// assert_eq!(check("net::ping"), Ok(()));
/// assert!(matches!(check("status::log"), Err(NameError::Reserved(_))));
/// ```
///
/// # Errors
/// If it cannot be the name of a directory in the results tree.
pub fn check(name: &str) -> Result<(), NameError> {
    let is_hidden = name.starts_with(['.', ' ']) || name.starts_with("::");
    if name.is_empty() || is_hidden || has_illegal_characters(name) {
        return Err(NameError::Illegal);
    }
    let bytes = directory_bytes(name);
    if bytes > MAX_NAME_BYTES {
        return Err(NameError::TooLong { bytes });
    }
    match reserved(name) {
        Some(reserved) if is_exactly(name, reserved) => Err(NameError::Reserved(reserved)),
        _ if is_attempt(name) => Err(NameError::Attempt),
        _ => Ok(()),
    }
}

/// The reserved name that differs from this one only in case, and is the same on a file system that ignores
/// case.
pub fn reserved_but_for_case(name: &str) -> Option<&'static Reserved> {
    reserved(name).filter(|reserved| !is_exactly(name, reserved))
}

fn is_exactly(id: &str, reserved: &Reserved) -> bool {
    is_directory(id, reserved.name, |a, b| a == b)
}

/// The name of a test's directory: its id with `.` for `::`. For such short texts, this loop takes a third of
/// the time of `str::replace`.
pub fn directory(id: &str) -> String {
    let mut directory = String::with_capacity(id.len());
    let mut chars = id.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ':' if chars.next_if_eq(&':').is_some() => directory.push('.'),
            c => directory.push(c),
        }
    }
    directory
}

/// The name of the directory of a run with a tag.
pub fn tagged(directory: &str, tag: &str) -> String {
    format!("{directory}.{tag}")
}

fn directory_bytes(id: &str) -> usize {
    match id.len() > MAX_NAME_BYTES {
        true => directory(id).len(),
        false => id.len(),
    }
}

/// The rare control characters that are not ASCII are only looked for where there may be any.
fn has_illegal_characters(name: &str) -> bool {
    name.bytes().any(|b| b.is_ascii_control() || b == b'/')
        || (!name.is_ascii() && name.contains(char::is_control))
}

/// Finds a reserved name, ignoring case. There are many ids, so this looks only at the reserved names with
/// the same first letter, and does not make the name of the directory.
fn reserved(id: &str) -> Option<&'static Reserved> {
    let first = id.bytes().next()?.to_ascii_lowercase();
    let from = RESERVED.partition_point(|row| row.first() < first);
    RESERVED[from..]
        .iter()
        .take_while(|row| row.first() == first)
        .find(|row| is_directory(id, row.name, |a, b| a.eq_ignore_ascii_case(&b)))
}

/// Whether the directory of a test is called `name`, as far as `is_same` distinguishes bytes.
fn is_directory(id: &str, name: &str, is_same: impl Fn(u8, u8) -> bool) -> bool {
    let mut id = id.as_bytes();
    for byte in name.bytes() {
        id = match id {
            [b':', b':', rest @ ..] if byte == b'.' => rest,
            [first, rest @ ..] if is_same(*first, byte) => rest,
            _ => return false,
        };
    }
    id.is_empty()
}

/// Whether it ends like the name of an attempt.
fn is_attempt(id: &str) -> bool {
    let before = id.trim_end_matches(|c: char| c.is_ascii_digit());
    before.len() < id.len() && (before.ends_with(".attempt-") || before.ends_with("::attempt-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_sorted_in_lower_case_and_could_be_names() {
        assert!(RESERVED.is_sorted_by_key(|row| row.name));
        let has_capital = |row: &Reserved| row.name.contains(|c: char| c.is_ascii_uppercase());
        assert!(!RESERVED.iter().any(has_capital));
        let is_hidden = |row: &Reserved| row.name.starts_with('.');
        assert!(!RESERVED.iter().any(is_hidden));
    }

    #[test]
    fn a_reserved_name_is_refused_however_its_parts_are_joined() {
        for row in RESERVED {
            assert_eq!(check(row.name), Err(NameError::Reserved(row)));
            let id = row.name.replace('.', "::");
            assert_eq!(check(&id), Err(NameError::Reserved(row)));
        }
        for name in [
            "statuses",
            "status::ping",
            "net::status",
            "stat::s",
            "Status",
            "tap::tar",
        ] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn what_a_path_can_not_hold_is_refused() {
        for name in [
            "", ".hidden", "::hidden", " blank", "a/b", "a\nb", "a\tb", "a\x7f", "é\u{85}",
        ] {
            assert_eq!(check(name), Err(NameError::Illegal), "{name:?}");
        }
        assert_eq!(check("é"), Ok(()));
    }

    #[test]
    fn a_name_leaves_room_for_the_number_of_an_attempt() {
        assert_eq!(MAX_NAME_BYTES, 236);
        assert_eq!(check(&"x".repeat(236)), Ok(()));
        let bytes = 237;
        assert_eq!(check(&"x".repeat(237)), Err(NameError::TooLong { bytes }));
        // Two bytes a letter, and one for `::`.
        assert_eq!(check(&format!("{}::x", "é".repeat(117))), Ok(()));
        assert_eq!(
            check(&format!("{}::x", "é".repeat(118))),
            Err(NameError::TooLong { bytes: 238 })
        );
    }

    #[test]
    fn names_of_attempts_are_refused() {
        for name in ["a.attempt-1", "a::attempt-12", "a.b.attempt-0"] {
            assert_eq!(check(name), Err(NameError::Attempt), "{name}");
        }
        for name in ["a.attempt-", "a.attempt-x", "attempt-1", "reattempt-1"] {
            assert_eq!(check(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn case_alone_tells_a_name_from_a_reserved_one() {
        let reserved = |name| reserved_but_for_case(name).map(|row| row.name);
        assert_eq!(reserved("Status"), Some("status"));
        assert_eq!(reserved("JUnit::xml"), Some("junit.xml"));
        assert_eq!(reserved("status"), None);
        assert_eq!(reserved("Statuses"), None);
    }

    #[test]
    fn directories_have_a_dot_for_two_colons() {
        assert_eq!(directory("net::tcp::ping"), "net.tcp.ping");
        assert_eq!(directory("a:b:::c"), "a:b.:c");
        assert_eq!(tagged("net.ping", "v6"), "net.ping.v6");
    }
}
