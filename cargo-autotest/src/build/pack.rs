//! Writes the package.

use std::path::{Path, PathBuf};

use autotest_package::{Content, Manifest, Packing, Sha256Sum, WriteError};

use super::compile::Compiled;
use super::data::DataFiles;
use super::licenses::{LIST, Licenses};
use super::{Parts, Target};

/// An error when writing the package.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PackError {
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error("failed to write the package to `{0}`: {1}")]
    Dir(PathBuf, std::io::Error),
    #[error("SOURCE_DATE_EPOCH is `{0}`, not a number of seconds since 1970")]
    Epoch(String),
}

/// A package on disk.
#[derive(Debug)]
pub(super) struct Packed {
    pub(super) path: PathBuf,
    pub(super) manifest: Manifest,
    pub(super) bytes: u64,
    pub(super) sha256: Sha256Sum,
}

/// Writes the package into a directory, whole or not at all.
///
/// # Errors
/// If a file cannot be read or written, or its path is not allowed in a package.
pub(super) fn pack(
    parts: &Parts<'_>,
    target: &Target,
    compiled: &Compiled,
    data: DataFiles,
    licenses: &Licenses,
    dir: &Path,
) -> Result<Packed, PackError> {
    let executable = Content::File(compiled.executable.clone());
    let suite = parts.suite;
    let mut packing = Packing::new(&suite.name, &parts.version, &target.triple, executable);
    packing.modified(epoch()?);
    for (path, file) in data.into_iter() {
        packing.data(&path, Content::File(file))?;
    }
    for (path, file) in &licenses.files {
        packing.license(path, Content::File(file.clone()))?;
    }
    packing.license(LIST, Content::Bytes(licenses.list.clone().into_bytes()))?;
    let in_dir = |error| PackError::Dir(dir.to_owned(), error);
    fs_err::create_dir_all(dir).map_err(in_dir)?;
    let (path, manifest) = packing.write_into(dir)?;
    let file = std::fs::File::open(&path).map_err(in_dir)?;
    Ok(Packed {
        bytes: file.metadata().map_err(in_dir)?.len(),
        sha256: Sha256Sum::of(file).map_err(in_dir)?,
        path,
        manifest,
    })
}

/// The modification time of the files in the package, in seconds since 1970.
fn epoch() -> Result<u64, PackError> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(text) if !text.is_empty() => text.parse().map_err(|_| PackError::Epoch(text)),
        _ => Ok(0),
    }
}
