//! Lists installed packages from the databases of dpkg, apk and rpm; a target may have several. A database is read
//! again only if it changed.

mod rpm;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::rc::Rc;

use super::command::{Budget, Commands};
use rpm::Rpm;

/// The text databases, each with the prefixes of the lines for name, version and state.
const TEXTS: [(&str, [&str; 3]); 2] = [
    (
        "/var/lib/dpkg/status",
        ["Package: ", "Version: ", "Status: "],
    ),
    ("/lib/apk/db/installed", ["P:", "V:", "-"]),
];

/// The number of databases.
const DATABASES: usize = TEXTS.len() + 1;

/// Identifies the content of a file: its inode, size and modification time.
type Signature = (u64, u64, i64, i64);

/// Packages, each as `name-version`. `None` if the database could not be read.
type List = Option<Rc<BTreeSet<String>>>;

/// The packages of the target.
#[derive(Debug, Default)]
pub(super) struct Packages {
    databases: [Database; DATABASES],
    rpm: Rpm,
}

/// The last reading of a database.
#[derive(Debug, Default)]
struct Database {
    files: Option<Vec<Signature>>,
    list: List,
}

impl Packages {
    /// The packages that are installed now.
    pub(super) fn installed(&mut self, commands: &Commands, budget: Budget) -> Installed {
        let [texts @ .., of_rpm] = &mut self.databases;
        for (database, (path, keys)) in texts.iter_mut().zip(TEXTS) {
            database.update(&[Path::new(path)], || {
                let text = fs::read(path).ok()?;
                Some(paragraphs(&String::from_utf8_lossy(&text), keys))
            });
        }
        let files = self.rpm.files(commands, budget);
        let files: Vec<_> = files.iter().map(AsRef::as_ref).collect();
        of_rpm.update(&files, || rpm::list(commands, budget));
        Installed {
            lists: self.databases.each_ref().map(|it| it.list.clone()),
        }
    }
}

impl Database {
    /// Reads the list again if one of the database's files changed. Without any file, the list is empty.
    fn update(&mut self, files: &[&Path], read: impl FnOnce() -> Option<BTreeSet<String>>) {
        let found: Vec<_> = files.iter().filter_map(|path| signature(path)).collect();
        if self.files.as_ref() == Some(&found) {
            return;
        }
        let list = if found.is_empty() {
            Some(BTreeSet::new())
        } else {
            read()
        };
        // A database that could not be read is read again next time.
        self.files = list.is_some().then_some(found);
        self.list = list.map(Rc::new);
    }
}

fn signature(path: &Path) -> Option<Signature> {
    let found = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
    Some((found.ino(), found.len(), found.mtime(), found.mtime_nsec()))
}

/// The packages installed at some time.
#[derive(Clone, Debug)]
pub(super) struct Installed {
    lists: [List; DATABASES],
}

impl Installed {
    /// All packages, one per line.
    pub(super) fn lines(&self) -> Vec<u8> {
        lines(self.lists.iter().flatten().flat_map(|list| list.iter()))
    }

    /// The packages that `other` does not have, one per line. Only databases that could be read both times are
    /// compared.
    pub(super) fn lines_without(&self, other: &Installed) -> Vec<u8> {
        let pairs = self.lists.iter().zip(&other.lists);
        let pairs = pairs.filter_map(|(own, other)| Some((own.as_ref()?, other.as_ref()?)));
        lines(
            pairs
                .filter(|(own, other)| !Rc::ptr_eq(own, other))
                .flat_map(|(own, other)| own.difference(other)),
        )
    }

    /// `true` if a database could not be read.
    pub(super) fn is_incomplete(&self) -> bool {
        self.lists.iter().any(Option::is_none)
    }
}

fn lines<'a>(packages: impl Iterator<Item = &'a String>) -> Vec<u8> {
    let sorted: BTreeSet<_> = packages.collect();
    let lines = sorted.iter().flat_map(|package| [package.as_str(), "\n"]);
    lines.collect::<String>().into_bytes()
}

/// The packages in a text of paragraphs. A state, if there is one, must end with `installed`.
fn paragraphs(text: &str, keys: [&str; 3]) -> BTreeSet<String> {
    let installed = text.split("\n\n").filter_map(|paragraph| {
        let value = |key| {
            paragraph
                .lines()
                .find_map(|line: &str| line.strip_prefix(key))
        };
        let [name, version, state] = keys.map(value);
        let is_installed = state.is_none_or(|state| state.ends_with(" installed"));
        is_installed.then_some(format!("{}-{}", name?, version?))
    });
    installed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(text: &str, database: usize) -> String {
        let listed = paragraphs(text, TEXTS[database].1);
        String::from_utf8(lines(listed.iter())).unwrap()
    }

    #[test]
    fn only_what_is_installed_is_listed() {
        let dpkg = "Package: bash\nStatus: install ok installed\nVersion: 5.2-1\n\n\
                    Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n";
        assert_eq!(listed(dpkg, 0), "bash-5.2-1\n");
        let apk = "C:Q1\nP:musl\nV:1.2.5-r0\n\nP:zlib\nV:1.3-r2\n";
        assert_eq!(listed(apk, 1), "musl-1.2.5-r0\nzlib-1.3-r2\n");
    }

    fn installed(lists: [Option<&[&str]>; DATABASES]) -> Installed {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Installed {
            lists: lists.map(|list| list.map(|names| Rc::new(set(names)))),
        }
    }

    #[test]
    fn the_packages_of_all_databases_are_in_one_list() {
        let some = installed([Some(&["b-1", "a-1"]), None, Some(&["a-1", "c-1"])]);
        assert_eq!(some.lines(), b"a-1\nb-1\nc-1\n");
        assert!(some.is_incomplete());
    }

    #[test]
    fn a_database_that_was_not_read_has_lost_nothing() {
        let before = installed([Some(&["a-1"]), None, Some(&["c-1"])]);
        let after = installed([Some(&["a-2"]), Some(&["b-1"]), None]);
        assert_eq!(after.lines_without(&before), b"a-2\n");
        assert_eq!(before.lines_without(&after), b"a-1\n");
    }

    #[test]
    fn a_database_is_read_again_only_if_it_changed_or_was_not_read() {
        let file = std::env::current_exe().unwrap();
        let mut database = Database::default();
        database.update(&[&file], || None);
        assert_eq!(database.list, None);
        database.update(&[&file], || Some(["a-1".to_owned()].into()));
        let list = database.list.clone();
        assert_eq!(list.as_deref().map(BTreeSet::len), Some(1));
        database.update(&[&file], || panic!("it did not change"));
        assert_eq!(database.list, list);
        database.update(&[], || panic!("there is none"));
        assert_eq!(database.list.as_deref(), Some(&BTreeSet::new()));
    }
}
