//! Checks that the suite is built from the versions in the workspace's lock file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::main_crate::MainCrate;

/// An error when comparing the suite's lock file with the workspace's.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    #[error("failed to read `{0}`: {1}")]
    Unreadable(PathBuf, String),
    #[error(
        "the suite would have {0}, which the workspace's Cargo.lock does not have; run `cargo check`, then build again"
    )]
    Other(String),
    #[error(
        "cargo takes `{0}` for a member of another workspace than {1}; name its workspace in its Cargo.toml: \
         [package] workspace = \"…\""
    )]
    Workspace(String, PathBuf),
}

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Locked {
    name: String,
    version: String,
    /// `None` for a local package.
    source: Option<String>,
}

/// Checks that the workspace's lock file has each package of the suite, in the same version.
///
/// # Errors
/// If it lacks one, or a lock file cannot be read.
pub(super) fn check(workspace: &Path, suite: &MainCrate) -> Result<(), LockError> {
    let theirs: BTreeSet<Locked> = read(&workspace.join("Cargo.lock"))?.into_iter().collect();
    for locked in read(&suite.manifest.with_file_name("Cargo.lock"))? {
        if locked.name == suite.name || theirs.contains(&locked) {
            continue;
        }
        return Err(match locked.source {
            Some(_) => LockError::Other(format!("{} {}", locked.name, locked.version)),
            // A local package, which has inherited another version.
            None => LockError::Workspace(locked.name, workspace.to_owned()),
        });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<Locked>, LockError> {
    let unreadable = |message: String| LockError::Unreadable(path.to_owned(), message);
    let text = fs_err::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let lock: Lock = toml::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
    Ok(lock.package)
}
