//! The places of the directories of runs: where their jobs left them, or in a merged results tree.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use autotest_core::name::{MAX_FILE_NAME_BYTES, RESERVED};

use super::source::Source;

/// The directory to which the directories of runs are relative.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// The innermost directory that contains all jobs. The directory of each run stays where it is.
    InPlace(PathBuf),
    /// A merged tree, whose directories have unique names.
    Tree,
}

/// The directories of runs in a layout. The same runs in the same order have the same directories.
#[derive(Debug)]
pub(super) struct Places<'l> {
    layout: &'l Layout,
    taken: HashSet<String>,
    /// The directories to copy into a merged tree, each with its place there.
    pub(super) copies: Vec<(PathBuf, String)>,
    /// Messages about directories that are outside of their jobs.
    pub(super) refused: Vec<String>,
}

impl Layout {
    /// The layout without copies.
    pub(super) fn in_place<'s>(sources: impl Iterator<Item = &'s Source>) -> Layout {
        let dirs = sources.map(|source| source.dir.clone());
        Layout::InPlace(dirs.reduce(|a, b| in_common(&a, &b)).unwrap_or_default())
    }
}

fn in_common(a: &Path, b: &Path) -> PathBuf {
    let both = a.components().zip(b.components());
    both.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

impl<'l> Places<'l> {
    pub(super) fn new(layout: &'l Layout) -> Places<'l> {
        Places {
            layout,
            taken: HashSet::new(),
            copies: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Chooses a directory for the runs of a unit, if there are several units.
    pub(super) fn of_unit(&mut self, name: &str) -> String {
        match self.layout {
            Layout::InPlace(_) => String::new(),
            Layout::Tree => self.unused(&file_name(name), "", 2),
        }
    }

    /// The place of a run that is not a subtest; empty if the run has no directory. `below` is the directory of its
    /// unit, `attempt` the number of the attempt if it is one.
    pub(super) fn of_run(
        &mut self,
        below: &str,
        source: &Source,
        subdir: &str,
        attempt: Option<u32>,
    ) -> String {
        if subdir.is_empty() {
            return String::new();
        }
        if !is_inside(subdir) {
            let dir = source.dir.display();
            self.refused.push(format!(
                "the journal in `{dir}` names the directory `{subdir}` of a run, which is none of this job: its files \
                 are left out"
            ));
            return String::new();
        }
        match self.layout {
            Layout::InPlace(root) => {
                let dir = source.dir.strip_prefix(root).unwrap_or(&source.dir);
                joined(&dir.to_string_lossy(), subdir)
            }
            Layout::Tree => {
                let wanted = joined(below, subdir);
                let place = match attempt {
                    Some(attempt) => self.unused_attempt(&wanted, attempt),
                    None => self.unused(&wanted, "", 2),
                };
                self.copies.push((source.dir.join(subdir), place.clone()));
                place
            }
        }
    }

    fn unused_attempt(&mut self, wanted: &str, attempt: u32) -> String {
        let first = format!("{wanted}.attempt-{attempt}");
        match self.taken.insert(first.clone()) {
            true => first,
            false => self.unused(wanted, "attempt-", attempt + 1),
        }
    }

    /// The name itself, or the first unused name with a number.
    fn unused(&mut self, wanted: &str, word: &str, number: u32) -> String {
        let numbered = (number..).map(|number| format!("{wanted}.{word}{number}"));
        let plain = word.is_empty().then(|| wanted.to_owned());
        let mut names = plain.into_iter().chain(numbered);
        let unused = names.find(|name| !self.taken.contains(name));
        let unused = unused.unwrap_or_else(|| wanted.to_owned());
        self.taken.insert(unused.clone());
        unused
    }
}

fn joined(dir: &str, name: &str) -> String {
    match dir {
        "" => name.to_owned(),
        dir => format!("{dir}/{name}"),
    }
}

/// Whether a path names a directory of a run in its job. It comes from a journal, which anybody may have written.
fn is_inside(subdir: &str) -> bool {
    let mut parts = Path::new(subdir).components();
    let is_first_free = !subdir.starts_with('.')
        && RESERVED
            .iter()
            .all(|reserved| Path::new(subdir).iter().next() != Some(reserved.name.as_ref()));
    is_first_free && parts.all(|part| matches!(part, Component::Normal(_)))
}

/// Converts the name of a host or a suite into one that a directory in a results tree may have.
fn file_name(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let plain = |c: char| if is_plain(c) { c } else { '_' };
    let mut name: String = name
        .chars()
        .map(plain)
        .take(MAX_FILE_NAME_BYTES / 2)
        .collect();
    let is_reserved = RESERVED.iter().any(|reserved| reserved.name == name);
    if is_reserved || name.is_empty() || name.starts_with('.') {
        name.insert(0, '_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_becomes_the_name_of_a_directory() {
        let check = |name: &str, expected: &str| assert_eq!(file_name(name), expected);
        check("lab1.example.com", "lab1.example.com");
        check("lab1,lab2: bvt", "lab1_lab2__bvt");
        check("../etc", "_.._etc");
        check("debug", "_debug");
        check("", "_");
        check(&"é".repeat(300), &"_".repeat(127));
    }

    #[test]
    fn only_directories_of_runs_are_inside_of_a_job() {
        for inside in ["a", "a/b", "a.attempt-1"] {
            assert!(is_inside(inside), "{inside}");
        }
        for outside in [
            "/etc", "..", "a/../..", "../a", ".hidden", "debug", "debug/a", "./a",
        ] {
            assert!(!is_inside(outside), "{outside}");
        }
    }

    #[test]
    fn attempts_and_namesakes_get_names_of_their_own() {
        let mut places = Places::new(&Layout::Tree);
        assert_eq!(places.unused("a", "", 2), "a");
        assert_eq!(places.unused("a", "", 2), "a.2");
        assert_eq!(places.unused_attempt("a", 1), "a.attempt-1");
        assert_eq!(places.unused_attempt("a", 1), "a.attempt-2");
        assert_eq!(places.unused_attempt("a", 2), "a.attempt-3");
    }

    #[test]
    fn the_innermost_directory_with_all_jobs_is_theirs_in_common() {
        let check = |a: &str, b: &str, expected: &str| {
            assert_eq!(in_common(a.as_ref(), b.as_ref()), Path::new(expected));
        };
        check("/r/bvt/1", "/r/bvt/2", "/r/bvt");
        check("/r/bvt", "/r/bvt2", "/r");
        check("/a", "/b", "/");
    }
}
