//! The files that are copied to a target: an executable, and the files that its tests read.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use autotest_meta::{MetaError, Suite};
use autotest_package::{Architecture, Limits, Manifest, Package, Sha256Sum};
use tempfile::TempDir;

/// The files of a suite.
#[derive(Debug)]
pub(super) struct Payload {
    /// The name of the suite or binary.
    pub(super) label: String,
    /// The path of the executable among the files.
    pub(super) executable: String,
    pub(super) architecture: Architecture,
    pub(super) files: Vec<PayloadFile>,
    /// The temporary directory in which a package is unpacked.
    _unpacked: Option<TempDir>,
}

/// A file to copy.
#[derive(Debug)]
pub(super) struct PayloadFile {
    /// Relative to the directory of the suite.
    pub(super) path: String,
    pub(super) source: PathBuf,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) mode: u32,
}

/// An error when collecting the files to copy.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayloadError {
    #[error("failed to read `{path}`: {error}", path = .0.display(), error = .1)]
    Unreadable(PathBuf, io::Error),
    #[error("`{path}`: {error}", path = .0.display(), error = .1)]
    Package(PathBuf, Box<autotest_package::Error>),
    #[error("`{path}` is a package of the original, which has no executable", path = .0.display())]
    NoSuite(PathBuf),
    #[error(transparent)]
    Meta(#[from] MetaError),
    #[error("`{path}` is not an executable of Linux", path = .0.display())]
    NotElf(PathBuf),
    #[error(
        "the data file `{1}` of its tests is not beside `{path}`: run a suite or a package, which has it",
        path = .0.display()
    )]
    NoData(PathBuf, String),
}

impl Payload {
    /// The files of a package or a test binary.
    ///
    /// # Errors
    /// If it is neither, or a file is missing.
    pub(super) fn of_file(path: &Path) -> Result<Payload, PayloadError> {
        let mut header = [0; 20];
        let unreadable = |error| PayloadError::Unreadable(path.to_owned(), error);
        let mut file = File::open(path).map_err(unreadable)?;
        let length = file.read(&mut header).map_err(unreadable)?;
        match Architecture::of(&header[..length]) {
            Some(architecture) => Payload::of_binary(path, architecture),
            None if header.starts_with(b"BZh") => Payload::of_package(path),
            None => Err(PayloadError::NotElf(path.to_owned())),
        }
    }

    fn of_package(path: &Path) -> Result<Payload, PayloadError> {
        let unreadable = |error| PayloadError::Unreadable(path.to_owned(), error);
        let refused = |error| PayloadError::Package(path.to_owned(), Box::new(error));
        let home = tempfile::tempdir().map_err(unreadable)?;
        let file = File::open(path).map_err(unreadable)?;
        let package = Package::open(file, Limits::default()).map_err(refused)?;
        let dir = home.path().join("suite");
        let staged = package.stage(home.path(), None).map_err(refused)?;
        let manifest = staged.commit(&dir).map_err(refused)?;
        let manifest = manifest.ok_or_else(|| PayloadError::NoSuite(path.to_owned()))?;
        let executable = dir.join(&manifest.executable);
        let architecture = architecture_of(&executable)?;
        Ok(Payload {
            label: manifest.suite.clone(),
            executable: manifest.executable.clone(),
            architecture,
            files: files_of(&manifest, &dir),
            _unpacked: Some(home),
        })
    }

    fn of_binary(path: &Path, architecture: Architecture) -> Result<Payload, PayloadError> {
        let suite = Suite::of_file(path)?;
        let dir = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let mut files = vec![file(&name, path, 0o755)?];
        let mut data: Vec<&String> = suite.tests.iter().flat_map(|test| &test.data).collect();
        data.sort();
        data.dedup();
        for data in data {
            let source = dir.join(data);
            if !source.is_file() {
                return Err(PayloadError::NoData(path.to_owned(), data.clone()));
            }
            files.push(file(data, &source, 0o644)?);
        }
        Ok(Payload {
            label: name.clone().into_owned(),
            executable: name.into_owned(),
            architecture,
            files,
            _unpacked: None,
        })
    }

    /// A name that is unique to this content.
    pub(super) fn id(&self) -> String {
        let lines = self.files.iter();
        let lines: String = lines
            .map(|file| format!("{} {:o} {}\n", file.sha256, file.mode, file.path))
            .collect();
        let sum = Sha256Sum::of(lines.as_bytes()).map_or(String::new(), |sum| sum.to_string());
        format!("{}-{}", self.label, &sum[..sum.len().min(16)])
    }
}

fn architecture_of(path: &Path) -> Result<Architecture, PayloadError> {
    let mut header = [0; 20];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header));
    read.map_err(|error| PayloadError::Unreadable(path.to_owned(), error))?;
    Architecture::of(&header).ok_or_else(|| PayloadError::NotElf(path.to_owned()))
}

fn files_of(manifest: &Manifest, dir: &Path) -> Vec<PayloadFile> {
    let files = manifest.files.iter();
    files
        .map(|file| PayloadFile {
            path: file.path.clone(),
            source: dir.join(&file.path),
            size: file.size,
            sha256: file.sha256.to_string(),
            mode: file.mode.bits(),
        })
        .collect()
}

fn file(path: &str, source: &Path, mode: u32) -> Result<PayloadFile, PayloadError> {
    let unreadable = |error| PayloadError::Unreadable(source.to_owned(), error);
    let file = File::open(source).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let is_executable = metadata.permissions().mode() & 0o100 != 0;
    Ok(PayloadFile {
        path: path.to_owned(),
        source: source.to_owned(),
        size: metadata.len(),
        sha256: Sha256Sum::of(file).map_err(unreadable)?.to_string(),
        mode: if is_executable { 0o755 } else { mode },
    })
}
