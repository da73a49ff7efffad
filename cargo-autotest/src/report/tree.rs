//! Writes a merged results tree: first beside its place, then renamed, so that it is either complete or absent.

use std::fs::{self, File, FileType, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use autotest_core::name::RESERVED;
use autotest_report::{Replay, Reports, Tree, journal, results_files};

use super::merged::{MergeError, Merged};
use super::places::{Layout, Places};
use super::source::Source;

/// An error when writing a results tree.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TreeError {
    #[error("the results directory `{path}` is not empty: name another one, or remove it", path = .0.display())]
    NotEmpty(PathBuf),
    #[error("`{path}` is a file: name a directory for the results", path = .0.display())]
    IsFile(PathBuf),
    #[error("failed to write the results directory `{path}`: {error}", path = .0.display(), error = .1)]
    Write(PathBuf, io::Error),
    #[error("failed to copy `{path}`: {error}", path = .0.display(), error = .1)]
    Copy(PathBuf, io::Error),
    #[error("{0}")]
    Report(String),
    #[error(transparent)]
    Merge(#[from] MergeError),
}

/// The files and directories that were not copied into a tree.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Messages about directories that are outside of their jobs.
    pub(super) refused: Vec<String>,
    /// Pipes, sockets and devices.
    special: Vec<PathBuf>,
    /// Files and directories that the user may not read.
    unreadable: Vec<PathBuf>,
}

impl LeftOut {
    /// Messages about what cannot be copied, although nothing is wrong with the results.
    pub(super) fn notes(&self) -> impl Iterator<Item = String> {
        let special = self.special.iter().map(|path| (path, "is not a file"));
        let unreadable = self.unreadable.iter();
        let unreadable = unreadable.map(|path| (path, "may not be read by this user"));
        special
            .chain(unreadable)
            .map(|(path, why)| format!("`{}` {why}, and was left out", path.display()))
    }
}

/// Checks that a directory can be created for results.
///
/// # Errors
/// If it is a file or not empty.
pub(crate) fn check(dir: &Path) -> Result<(), TreeError> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(TreeError::NotEmpty(dir.to_owned())),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            Err(TreeError::IsFile(dir.to_owned()))
        }
        Ok(false) | Err(_) => Ok(()),
    }
}

/// Writes a merged job as a results tree.
///
/// # Errors
/// If something cannot be read or written. Then nothing is in `dir`.
pub(super) fn write(merged: &Merged, dir: &Path) -> Result<LeftOut, TreeError> {
    check(dir)?;
    let failed = |error| TreeError::Write(dir.to_owned(), error);
    let (stage, left_out) = staged(merged, dir)?;
    fs::rename(stage.path(), dir).map_err(failed)?;
    // It must not be removed as a temporary directory any more.
    let _ = stage.keep();
    Ok(left_out)
}

/// Writes a merged job into a directory that also has files of a run, whose names begin with a dot. It replaces a
/// merged job that is there.
///
/// # Errors
/// If something cannot be read or written.
pub(super) fn replace(merged: &Merged, dir: &Path) -> Result<LeftOut, TreeError> {
    let failed = |error| TreeError::Write(dir.to_owned(), error);
    let (stage, left_out) = staged(merged, dir)?;
    for old in entries(dir).map_err(failed)? {
        let is_runs = old
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b".autotest-run"));
        if is_runs || old.ends_with(crate::run::TARGETS) {
            continue;
        }
        let is_dir = fs::symlink_metadata(&old).is_ok_and(|metadata| metadata.is_dir());
        let removed = if is_dir {
            fs::remove_dir_all(&old)
        } else {
            fs::remove_file(&old)
        };
        removed.map_err(failed)?;
    }
    let mut new = entries(stage.path()).map_err(failed)?;
    // The journal comes last, since it makes the directory that of a job.
    new.sort_by_key(|path| path.ends_with(journal::NAME));
    for path in new {
        let name = path.file_name().unwrap_or_default();
        fs::rename(&path, dir.join(name)).map_err(failed)?;
    }
    Ok(left_out)
}

fn entries(dir: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect()
}

/// Writes a merged job into a temporary directory beside `dir`.
fn staged(merged: &Merged, dir: &Path) -> Result<(tempfile::TempDir, LeftOut), TreeError> {
    let failed = |error| TreeError::Write(dir.to_owned(), error);
    let stage = stage(dir).map_err(failed)?;
    let layout = Layout::Tree;
    let journal = File::create_new(stage.path().join(journal::NAME)).map_err(failed)?;
    let places = merged.write(&layout, &journal)?;
    let mut left_out = LeftOut::default();
    copy_runs(&places, stage.path(), &mut left_out)?;
    copy_own(merged, stage.path(), &mut left_out)?;
    make_reports(stage.path())
        .map_err(failed)?
        .map_err(TreeError::Report)?;
    left_out.refused = places.refused;
    Ok((stage, left_out))
}

/// Creates a temporary directory beside `dir`.
fn stage(dir: &Path) -> io::Result<tempfile::TempDir> {
    let dir = std::path::absolute(dir)?;
    let parent = dir.parent().unwrap_or(&dir);
    fs::create_dir_all(parent)?;
    let mut builder = tempfile::Builder::new();
    let builder = builder.permissions(Permissions::from_mode(0o777));
    builder.prefix(".merged").tempdir_in(parent)
}

/// Makes the reports of a job from its journal, where they are missing or differ.
///
/// # Errors
/// If they cannot be written.
pub(crate) fn update_reports(dir: &Path) -> Result<(), TreeError> {
    make_reports(dir)
        .map_err(|error| TreeError::Write(dir.to_owned(), error))?
        .map_err(TreeError::Report)
}

/// Makes the files of reports, which replace those that were copied. The inner error says which could not be written.
fn make_reports(stage: &Path) -> io::Result<Result<(), String>> {
    let journal = File::open(stage.join(journal::NAME))?;
    let tree = Tree::staged(stage)?;
    let failures = Reports::new(results_files(&tree)).update_all(Replay::new(journal)?);
    tree.commit()?;
    Ok(match failures.is_empty() {
        true => Ok(()),
        false => Err(failures.join("; ")),
    })
}

fn copy_runs(places: &Places<'_>, stage: &Path, left_out: &mut LeftOut) -> Result<(), TreeError> {
    for (from, to) in &places.copies {
        let is_dir = fs::symlink_metadata(from).is_ok_and(|metadata| metadata.is_dir());
        if is_dir {
            let to = stage.join(to);
            let parent = to.parent().unwrap_or(stage);
            fs::create_dir_all(parent)
                .map_err(|error| TreeError::Write(parent.to_owned(), error))?;
            copy_dir(from, &to, left_out)?;
        }
    }
    Ok(())
}

/// Copies the directories that belong to a job, not to one of its runs. Those of several jobs go below `debug`.
fn copy_own(merged: &Merged, stage: &Path, left_out: &mut LeftOut) -> Result<(), TreeError> {
    let parts = merged.units.iter().flat_map(|unit| &unit.parts);
    let sources: Vec<_> = parts.map(|part| &part.source).collect();
    for source in &sources {
        let to = match sources.as_slice() {
            [_] => stage.to_owned(),
            _ => stage.join("debug").join(own_name(source)),
        };
        for from in own_dirs(&source.dir) {
            let name = from.file_name().unwrap_or_default();
            fs::create_dir_all(&to).map_err(|error| TreeError::Write(to.clone(), error))?;
            copy_dir(&from, &to.join(name), left_out)?;
        }
    }
    Ok(())
}

/// The directories with a reserved name in the directory of a job.
fn own_dirs(jobdir: &Path) -> Vec<PathBuf> {
    let paths = RESERVED.iter().map(|reserved| jobdir.join(reserved.name));
    let is_dir = |path: &PathBuf| fs::symlink_metadata(path).is_ok_and(|it| it.is_dir());
    paths.filter(is_dir).collect()
}

/// A directory name that no other job has.
fn own_name(source: &Source) -> String {
    let name = format!("{}-{}", source.start.hostname, source.start.id);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    name.trim_start_matches('.').to_owned()
}

/// Copies a directory with everything in it that the user may read; links stay links. File systems that can share
/// blocks do so.
fn copy_dir(from: &Path, to: &Path, left_out: &mut LeftOut) -> Result<(), TreeError> {
    let failed = |error| TreeError::Copy(from.to_owned(), error);
    fs::create_dir_all(to).map_err(failed)?;
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            left_out.unreadable.push(from.to_owned());
            return Ok(());
        }
        entries => entries.map_err(failed)?,
    };
    for entry in entries {
        let entry = entry.map_err(failed)?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_dir() {
            copy_dir(&from, &to, left_out)?;
        } else if kind.is_symlink() || kind.is_file() {
            match copy_file(&from, &to, kind) {
                Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                    left_out.unreadable.push(from);
                }
                copied => copied.map_err(|error| TreeError::Copy(from, error))?,
            }
        } else {
            left_out.special.push(from);
        }
    }
    Ok(())
}

/// Copies a file or a link.
fn copy_file(from: &Path, to: &Path, kind: FileType) -> io::Result<()> {
    match kind.is_symlink() {
        true => symlink(fs::read_link(from)?, to),
        false => fs::copy(from, to).map(drop),
    }
}
