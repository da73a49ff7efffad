//! The database of rpm, which only the program `rpm` can read.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use super::super::command::{Budget, Commands, Ended};
use crate::needs;

/// The size limit of a list.
const MOST_BYTES: u64 = 16 << 20;

/// The size limit of a path.
const MOST_PATH_BYTES: u64 = 4 << 10;

/// The files that make up a database in its directory. SQLite writes the second one first, and moves its content to the
/// first at some later time.
const FILES: [&str; 4] = [
    "rpmdb.sqlite",
    "rpmdb.sqlite-wal",
    "Packages.db",
    "Packages",
];

/// The location of rpm's database.
#[derive(Debug, Default)]
pub(super) struct Rpm {
    dir: Option<PathBuf>,
}

impl Rpm {
    /// The files of the database. Empty without `rpm`, since only it knows the directory.
    pub(super) fn files(&mut self, commands: &Commands, budget: Budget) -> Vec<PathBuf> {
        if self.dir.is_none() && needs::has_program("rpm") {
            self.dir = directory(commands, budget);
        }
        let dir = self.dir.iter();
        dir.flat_map(|dir| FILES.map(|name| dir.join(name)))
            .collect()
    }
}

fn directory(commands: &Commands, budget: Budget) -> Option<PathBuf> {
    let command = "rpm --eval '%{_dbpath}'";
    let mut path = output(command, MOST_PATH_BYTES, commands, budget)?;
    path.truncate(path.trim_ascii_end().len());
    let path = PathBuf::from(OsString::from_vec(path));
    path.is_absolute().then_some(path)
}

/// The installed packages. `None` if they could not all be listed.
pub(super) fn list(commands: &Commands, budget: Budget) -> Option<BTreeSet<String>> {
    let text = output("rpm -qa", MOST_BYTES, commands, budget)?;
    let text = String::from_utf8_lossy(&text);
    Some(text.lines().map(str::to_owned).collect())
}

/// The output of a command, if it succeeded and is complete.
fn output(command: &str, most: u64, commands: &Commands, budget: Budget) -> Option<Vec<u8>> {
    let ran = commands.run(command, most, budget).ok()?;
    (ran.end == Ended::Exited(0)).then_some(ran.output)
}
