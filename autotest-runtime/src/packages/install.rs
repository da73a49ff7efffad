//! Installs packages: downloads, checks and unpacks those that are not installed yet.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek};
use std::path::{Path, PathBuf};

use autotest_package::{Architecture, Checksum, Limits, Manifest, Package, Sha256Sum, Staged};

use super::repository::{FetchError, Repository};

/// The file in an installation directory with the checksums of the installed package, as in the original.
const CHECKSUM: &str = ".checksum";

/// Why a package cannot be installed.
#[derive(Debug, thiserror::Error)]
pub(super) enum InstallError {
    #[error("`{name}` could not be fetched from any repository: {}", told(.tried))]
    NotFetched {
        name: String,
        /// The repositories, each with its error.
        tried: Vec<(String, String)>,
    },
    #[error("`{name}`: {error}")]
    Package {
        name: String,
        error: Box<autotest_package::Error>,
    },
    #[error(
        "`{path}` has files of its own, which a package would replace: name another directory, or remove it",
        path = .0.display()
    )]
    Foreign(PathBuf),
    #[error("failed to install into `{path}`: {error}", path = path.display())]
    Io { path: PathBuf, error: io::Error },
}

fn told(tried: &[(String, String)]) -> String {
    if tried.is_empty() {
        return "there is none; name one with `--package DIR` or `job.add_repository`".to_owned();
    }
    let tried: Vec<String> = tried
        .iter()
        .map(|(repository, error)| format!("`{repository}`: {error}"))
        .collect();
    tried.join("; ")
}

/// An installed package. No other process replaces it while this value exists.
#[derive(Debug)]
pub(super) struct Installed {
    pub(super) manifest: Option<Manifest>,
    _lock: File,
}

/// A package to install, where to look for it, and its destination.
#[derive(Debug)]
pub(super) struct Installation<'a> {
    /// The file name of the package.
    pub(super) name: &'a str,
    /// The type of the package, which is part of the lock's name.
    pub(super) package_type: &'a str,
    /// The repositories to try, in order.
    pub(super) repositories: Vec<Result<Repository, String>>,
    pub(super) dir: &'a Path,
}

/// Installs the package `TYPE-NAME.tar.bz2` from the repository added last that has it (`job.install_pkg`).
///
/// # Errors
/// If no repository has the package, it is refused, or the directory cannot be written.
pub(crate) fn install_named(
    file_name: &str,
    package_type: &str,
    repositories: &[String],
    dir: &Path,
) -> Result<(), String> {
    let dir = std::path::absolute(dir).map_err(|error| format!("`{}`: {error}", dir.display()))?;
    let installation = Installation {
        name: file_name,
        package_type,
        repositories: newest_first(repositories),
        dir: &dir,
    };
    let installed = installation.install().map_err(|error| error.to_string());
    installed.map(drop)
}

/// The repositories in the order in which to try them.
pub(super) fn newest_first(repositories: &[String]) -> Vec<Result<Repository, String>> {
    let newest_first = repositories.iter().rev();
    newest_first.map(|text| Repository::parse(text)).collect()
}

impl Installation<'_> {
    /// Installs the package, unless one with the same checksum is installed.
    pub(super) fn install(&self) -> Result<Installed, InstallError> {
        let parent = self.dir.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(self.failed(parent))?;
        let lock = self.lock_file(parent)?;
        loop {
            lock.lock_shared().map_err(self.failed(parent))?;
            let Some(found) = self.find(parent)? else {
                let manifest = self.installed_manifest()?;
                return Ok(Installed {
                    manifest,
                    _lock: lock,
                });
            };
            // Wait until the processes that run the installed package have finished with it.
            lock.unlock()
                .and_then(|()| lock.lock())
                .map_err(self.failed(parent))?;
            if !is_installed(self.dir, &found.sha256.into()) {
                self.unpack(&found, parent)?;
            }
            // Another process may replace the package before the lock is shared again.
            lock.unlock()
                .and_then(|()| lock.lock_shared())
                .map_err(self.failed(parent))?;
            if is_installed(self.dir, &found.sha256.into()) {
                let manifest = self.installed_manifest()?;
                return Ok(Installed {
                    manifest,
                    _lock: lock,
                });
            }
        }
    }

    /// Opens the lock file beside the directory, whose name is that of the original.
    fn lock_file(&self, parent: &Path) -> Result<File, InstallError> {
        let name = self.dir.file_name().unwrap_or_default().to_string_lossy();
        let path = parent.join(format!(".{name}-{}-lock", self.package_type));
        let mut options = OpenOptions::new();
        let opened = options.create(true).truncate(false).write(true).open(&path);
        opened.map_err(self.failed(&path))
    }

    /// Downloads the package from the first repository that has it. `None` if it is already installed.
    fn find(&self, parent: &Path) -> Result<Option<Found>, InstallError> {
        let mut tried = Vec::new();
        for repository in &self.repositories {
            let repository = match repository {
                Ok(repository) => repository,
                Err(error) => {
                    tried.push(("repository".to_owned(), error.clone()));
                    continue;
                }
            };
            match self.find_in(repository, parent) {
                Ok(found) => return Ok(found),
                Err(error) => tried.push((repository.to_string(), error.to_string())),
            }
        }
        let name = self.name.to_owned();
        Err(InstallError::NotFetched { name, tried })
    }

    fn find_in(&self, repository: &Repository, parent: &Path) -> Result<Option<Found>, FetchError> {
        let expected = repository.checksum(self.name)?;
        if expected.is_some_and(|expected| is_installed(self.dir, &expected)) {
            return Ok(None);
        }
        let mut file = tempfile::tempfile_in(parent)?;
        repository.fetch(self.name, &mut file)?;
        let again = || {
            let mut file = &file;
            file.rewind().map(|()| file)
        };
        if let Some(expected) = expected
            && !expected.is_of(again()?)?
        {
            return Err(FetchError::Checksum(expected));
        }
        let sha256 = Sha256Sum::of(again()?)?;
        if is_installed(self.dir, &sha256.into()) {
            return Ok(None);
        }
        Ok(Some(Found {
            file,
            sha256,
            expected,
        }))
    }

    fn unpack(&self, found: &Found, parent: &Path) -> Result<(), InstallError> {
        if is_foreign(self.dir) {
            return Err(InstallError::Foreign(self.dir.to_owned()));
        }
        remove_remains(parent);
        let refused = |error| InstallError::Package {
            name: self.name.to_owned(),
            error: Box::new(error),
        };
        let mut file = &found.file;
        file.rewind().map_err(self.failed(parent))?;
        let package = Package::open(file, Limits::default()).map_err(refused)?;
        let staged = package
            .stage(parent, Architecture::native())
            .map_err(refused)?;
        let path = staged.path().join(CHECKSUM);
        fs::write(&path, found.checksums()).map_err(self.failed(&path))?;
        // After a power loss, the checksum must not exist without the files.
        let _ = File::open(parent).and_then(|dir| Ok(rustix::fs::syncfs(dir)?));
        staged.replace(self.dir).map(drop).map_err(refused)
    }

    /// Reads the manifest of the installed package; `None` if it has none.
    fn installed_manifest(&self) -> Result<Option<Manifest>, InstallError> {
        let path = self.dir.join(Manifest::ENTRY);
        match fs::read(&path) {
            Ok(json) => {
                let invalid = |error| self.failed(&path)(io::Error::other(error));
                Manifest::parse(&json).map(Some).map_err(invalid)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(&path)(error)),
        }
    }

    fn failed(&self, path: &Path) -> impl Fn(io::Error) -> InstallError + use<> {
        let path = path.to_owned();
        move |error| {
            let path = path.clone();
            InstallError::Io { path, error }
        }
    }
}

/// A downloaded package.
struct Found {
    file: File,
    sha256: Sha256Sum,
    /// The checksum that the repository lists.
    expected: Option<Checksum>,
}

impl Found {
    /// The content of the checksum file: the repository's md5 is kept, since it may offer only that next time, too.
    fn checksums(&self) -> String {
        match self.expected {
            Some(md5 @ Checksum::Md5(_)) => format!("{}\n{md5}\n", self.sha256),
            _ => format!("{}\n", self.sha256),
        }
    }
}

/// `true` if the package with this checksum is installed.
fn is_installed(dir: &Path, checksum: &Checksum) -> bool {
    let lines = fs::read_to_string(dir.join(CHECKSUM)).unwrap_or_default();
    lines.lines().any(|line| line.parse() == Ok(*checksum))
}

/// `true` if a directory has content that was not installed from a package.
fn is_foreign(dir: &Path) -> bool {
    let has_content = || fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    match fs::symlink_metadata(dir) {
        Ok(found) if found.is_dir() => !dir.join(CHECKSUM).is_file() && has_content(),
        Ok(_) => true,
        Err(_) => false,
    }
}

/// Removes the leftovers of killed installations. The lock that is held covers only one package, so leftovers must be
/// old to be removed: they could be another package's installation in progress.
fn remove_remains(parent: &Path) {
    const OLD: std::time::Duration = std::time::Duration::from_secs(3600);
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let is_ours = entry
            .file_name()
            .to_string_lossy()
            .starts_with(Staged::PREFIX);
        let age = || entry.metadata().ok()?.modified().ok()?.elapsed().ok();
        if is_ours && age().is_some_and(|age| age > OLD) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
