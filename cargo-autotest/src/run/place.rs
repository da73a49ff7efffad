//! The place of a run's results.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::RunError;
use crate::report::TreeError;
use crate::report::tree;
use crate::workspace::Workspace;

/// The link to the last run.
const LATEST: &str = "latest";

/// The directory in which, or below which, [`make`] makes a directory.
///
/// # Errors
/// If the current directory is not known.
pub(super) fn parent(named: Option<&Path>) -> io::Result<PathBuf> {
    match named {
        Some(dir) => {
            let dir = std::path::absolute(dir)?;
            Ok(dir.parent().unwrap_or(&dir).to_owned())
        }
        None => std::path::absolute(default_parent()),
    }
}

/// Makes the directory for results: the one that the user named, or a new one.
///
/// # Errors
/// If it is not empty, or cannot be made.
pub(super) fn make(named: Option<&Path>, label: &str, id: &str) -> Result<PathBuf, RunError> {
    let dir = match named {
        Some(dir) => {
            tree::check(dir)?;
            std::path::absolute(dir)
        }
        None => std::path::absolute(default_parent().join(label).join(id)),
    };
    let failed = |error| RunError::Tree(TreeError::Write(PathBuf::from(label), error));
    let dir = dir.map_err(failed)?;
    fs_err::create_dir_all(&dir).map_err(failed)?;
    if named.is_none() {
        link(&dir).map_err(failed)?;
    }
    Ok(dir)
}

/// The directory beside the results of test binaries: in the workspace's target directory, or in the current one.
fn default_parent() -> PathBuf {
    match Workspace::members_only() {
        Ok(workspace) => workspace.target_dir().join("autotest"),
        Err(_) => PathBuf::from("autotest-results"),
    }
}

fn link(dir: &Path) -> io::Result<()> {
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
        return Ok(());
    };
    let new = parent.join(format!(".{LATEST}.{}", std::process::id()));
    symlink(name, &new)?;
    std::fs::rename(new, parent.join(LATEST))
}

/// A unique id for a run, from the time and a random number.
pub(super) fn new_id() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let seconds = now.map_or(0, |now| now.as_secs());
    format!("run-{seconds}-{:08x}", fastrand::u32(..))
}
