//! Whether the suite has the versions of the workspace.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::main_crate::MainCrate;

/// Why the versions are not those of the workspace.
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
    /// `None`: a directory.
    source: Option<String>,
}

/// Checks that each package of the suite is one of the workspace, in the same version.
///
/// # Errors
/// If one is not.
pub(super) fn check(workspace: &Path, suite: &MainCrate) -> Result<(), LockError> {
    let theirs: BTreeSet<Locked> = read(&workspace.join("Cargo.lock"))?.into_iter().collect();
    for locked in read(&suite.manifest.with_file_name("Cargo.lock"))? {
        if locked.name == suite.name || theirs.contains(&locked) {
            continue;
        }
        return Err(match locked.source {
            Some(_) => LockError::Other(format!("{} {}", locked.name, locked.version)),
            // It has inherited another version.
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
