//! Texts of the terminal report; those shared with other reports are in [`crate::prose`].

use std::path::{Path, PathBuf};

use autotest_core::Verdict;
use autotest_core::status::Status;

use super::screen::{Colour, Palette};
use crate::sanitize::first_line;

/// `ok`, with the status and reason if it is not a plain pass, or `FAILED`.
pub(super) fn result_word(
    palette: Palette,
    status: Status,
    has_failed: bool,
    verdict: Option<&Verdict>,
) -> String {
    let ok = palette.paint(Colour::Green, "ok");
    match verdict {
        None => ok,
        Some(_) if has_failed => {
            format!("{} ({status})", palette.paint(Colour::Red, "FAILED"))
        }
        Some(verdict) => {
            let status = match status {
                Status::Warn => palette.paint(Colour::Yellow, status.name()),
                status => status.to_string(),
            };
            format!("{ok} ({status}: {})", first_line(&verdict.reason))
        }
    }
}

/// How an attempt ended, and why.
pub(super) fn repeated_for(verdict: &Verdict) -> (&'static str, String) {
    let why = first_line(&verdict.reason);
    match verdict.kind.status() {
        // The reason is "crashed: …"; only the first word is shown.
        Status::Abort => {
            let word = why.split(": ").next().unwrap_or_default();
            ("interrupted", word.to_owned())
        }
        _ => ("failed", why),
    }
}

/// The directory to look at for a test: its debug directory if it has files, otherwise its output directory,
/// if there is one.
pub(super) fn files_of(jobdir: &Path, subdir: &str) -> Option<PathBuf> {
    let outputdir = jobdir.join(subdir);
    let debugdir = outputdir.join("debug");
    let has_files = |dir: &Path| std::fs::read_dir(dir).is_ok_and(|mut dir| dir.next().is_some());
    let is_dir = |dir: &Path| std::fs::symlink_metadata(dir).is_ok_and(|it| it.is_dir());
    let found = if is_dir(&debugdir) && has_files(&debugdir) {
        debugdir
    } else {
        outputdir
    };
    (!subdir.is_empty() && is_dir(&found)).then_some(found)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use autotest_core::Kind;

    use super::*;

    #[test]
    fn only_an_attempt_that_was_interrupted_says_so() {
        let check = |kind, how: &str, why: &str| {
            let verdict = Verdict::new(kind, "crashed: by itself\nin a line");
            let (got_how, got_why) = repeated_for(&verdict);
            assert_eq!((got_how, got_why.as_str()), (how, why));
        };
        check(Kind::CutOff, "interrupted", "crashed");
        check(Kind::Fail, "failed", "crashed: by itself");
    }

    #[test]
    fn a_person_is_sent_to_where_the_files_of_a_test_are() {
        let home = tempfile::tempdir().unwrap();
        let (jobdir, a) = (home.path(), home.path().join("a"));
        assert_eq!(files_of(jobdir, "a"), None);
        assert_eq!(files_of(jobdir, ""), None);
        fs::create_dir_all(a.join("debug")).unwrap();
        assert_eq!(files_of(jobdir, "a"), Some(a.clone()));
        fs::write(a.join("debug/stdout"), "").unwrap();
        assert_eq!(files_of(jobdir, "a"), Some(a.join("debug")));
        fs::rename(a.join("debug"), a.join("elsewhere")).unwrap();
        symlink("elsewhere", a.join("debug")).unwrap();
        assert_eq!(files_of(jobdir, "a"), Some(a));
    }
}
