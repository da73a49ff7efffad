//! Repositories: directories and URLs that contain packages.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use autotest_package::{Checksum, ChecksumList};

/// The size limit of a file of checksums, in bytes.
const MOST_LIST_BYTES: u64 = 16 << 20;

/// A directory or URL that contains packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Repository {
    /// A directory.
    Dir(PathBuf),
    /// A URL, without a trailing `/`.
    #[cfg(feature = "http")]
    Url(String),
}

/// Why a package cannot be read from a repository.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("it does not have it")]
    NotFound,
    #[error("it has the wrong checksum: `{0}` is expected")]
    Checksum(Checksum),
    #[error("`{name}`: {error}")]
    List {
        name: String,
        error: autotest_package::InvalidLine,
    },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[cfg(feature = "http")]
    #[error(transparent)]
    Http(#[from] super::http::HttpError),
}

impl Repository {
    /// Parses `http://…`, `https://…`, `file:///…` or the path of a directory.
    ///
    /// # Errors
    /// If this binary cannot read such a URL.
    pub(crate) fn parse(text: &str) -> Result<Repository, String> {
        match text.strip_prefix("file://") {
            Some(path) if path.starts_with('/') => Ok(Repository::Dir(path.into())),
            Some(_) => Err(format!("`{text}` names a host: write `file:///PATH`")),
            None if text.starts_with("http://") => of_url(text, "http", cfg!(feature = "http")),
            None if text.starts_with("https://") => of_url(text, "https", cfg!(feature = "https")),
            None if text.contains("://") => Err(format!(
                "`{text}`: packages come from directories, `file://`, `http://` and `https://`"
            )),
            None => Ok(Repository::Dir(text.into())),
        }
    }

    /// Splits the path or URL of a package into its repository and the name of its file. `None` if only a name is
    /// given.
    pub(crate) fn of_package(given: &str) -> Option<(Result<Repository, String>, &str)> {
        let (dir, name) = given.rsplit_once('/')?;
        let dir = if dir.is_empty() { "/" } else { dir };
        Some((Repository::parse(dir), name))
    }

    /// The text of the repository, with an absolute path, so that it is valid in any working directory.
    ///
    /// # Errors
    /// If it is a directory whose path is not UTF-8.
    pub(crate) fn absolute(self) -> Result<String, String> {
        match self {
            Repository::Dir(dir) => {
                let absolute = std::path::absolute(&dir).ok();
                let text = absolute.and_then(|dir| dir.into_os_string().into_string().ok());
                text.ok_or_else(|| format!("the path `{}` is not UTF-8", dir.display()))
            }
            #[cfg(feature = "http")]
            Repository::Url(url) => Ok(url),
        }
    }

    /// Like [`absolute`](Self::absolute), for a repository that must exist unless it is on a server.
    ///
    /// # Errors
    /// If it is not a directory, or its path is not UTF-8.
    pub(crate) fn existing(self) -> Result<String, String> {
        match &self {
            Repository::Dir(dir) if !dir.is_dir() => {
                Err(format!("`{}` is no directory", dir.display()))
            }
            _ => self.absolute(),
        }
    }

    /// The checksum that a package must have: that of the file beside it, else that in the repository's list. `None` if
    /// there is neither.
    pub(crate) fn checksum(&self, name: &str) -> Result<Option<Checksum>, FetchError> {
        let sidecar = format!("{name}{}", ChecksumList::SIDECAR_SUFFIX);
        let invalid = |name: &str| {
            let name = name.to_owned();
            move |error| FetchError::List { name, error }
        };
        if let Some(text) = self.text(&sidecar)? {
            let checksum = ChecksumList::parse_sidecar(&text).map_err(invalid(&sidecar))?;
            return Ok(Some(checksum));
        }
        let Some(text) = self.text(ChecksumList::FILE_NAME)? else {
            return Ok(None);
        };
        let list = ChecksumList::parse(&text).map_err(invalid(ChecksumList::FILE_NAME))?;
        Ok(list.best(name))
    }

    /// Copies a package into an empty file.
    pub(crate) fn fetch(&self, name: &str, into: &mut File) -> Result<(), FetchError> {
        match self {
            Repository::Dir(dir) => {
                let mut file = File::open(dir.join(name)).map_err(not_found)?;
                io::copy(&mut file, into)?;
                Ok(into.flush()?)
            }
            #[cfg(feature = "http")]
            Repository::Url(url) => {
                let found = super::http::Client::new()?.fetch(&format!("{url}/{name}"), into)?;
                if found {
                    Ok(())
                } else {
                    Err(FetchError::NotFound)
                }
            }
        }
    }

    /// Reads a small text file. `None` if there is none.
    fn text(&self, name: &str) -> Result<Option<String>, FetchError> {
        let bytes = match self {
            Repository::Dir(dir) => small_file(&dir.join(name))?,
            #[cfg(feature = "http")]
            Repository::Url(url) => {
                let url = format!("{url}/{name}");
                super::http::Client::new()?.small_file(&url, MOST_LIST_BYTES)?
            }
        };
        let text = bytes.map(String::from_utf8).transpose();
        Ok(text.map_err(|_| io::Error::other(format!("`{name}` is not UTF-8")))?)
    }
}

impl std::fmt::Display for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Repository::Dir(dir) => dir.display().fmt(f),
            #[cfg(feature = "http")]
            Repository::Url(url) => f.write_str(url),
        }
    }
}

fn of_url(text: &str, feature: &str, is_on: bool) -> Result<Repository, String> {
    #[cfg(feature = "http")]
    if is_on {
        return Ok(Repository::Url(text.trim_end_matches('/').to_owned()));
    }
    let _ = is_on;
    Err(format!(
        "`{text}`: this binary was built without the feature `{feature}` of `autotest-runtime`"
    ))
}

fn not_found(error: io::Error) -> FetchError {
    match error.kind() {
        ErrorKind::NotFound => FetchError::NotFound,
        _ => FetchError::Io(error),
    }
}

fn small_file(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        Ok(file) if file.len() > MOST_LIST_BYTES => {
            let path = path.display();
            Err(io::Error::other(format!(
                "`{path}` has more than {MOST_LIST_BYTES} bytes"
            )))
        }
        Ok(_) => fs::read(path).map(Some),
    }
}
