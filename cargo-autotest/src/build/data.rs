//! The data files of a suite: those that its tests name, and those of the configuration.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use autotest_core::Description;
use autotest_package::Sha256Sum;

use super::Parts;
use super::declared::{Tests, crate_of};
use crate::config::{ConfigError, Placed};
use crate::workspace::{Workspace, directory, library};

/// An error about a data file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("the test `{test}` needs the data file `{path}`, and `{file}` is no file")]
    Missing {
        test: String,
        path: String,
        file: PathBuf,
    },
    #[error(
        "the test `{test}` needs the data file `{path}`, but the suite has no crate `{name}`; report this as a bug of \
         autotest"
    )]
    NoCrate {
        test: String,
        path: String,
        name: String,
    },
    #[error(
        "the data file `{path}` is in two crates, with different content: `{one}` and `{other}`; rename one"
    )]
    Differ {
        path: String,
        one: PathBuf,
        other: PathBuf,
    },
    #[error("failed to read `{0}`: {1}")]
    Unreadable(PathBuf, io::Error),
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// The data files to pack, by path in the package.
#[derive(Debug, Default)]
pub(super) struct DataFiles(BTreeMap<String, PathBuf>);

impl DataFiles {
    /// Finds the files that tests name in the `data` directories of their crates, and those that the configuration names
    /// in those of its crates. A linked crate may have tests without being named by the suite: `graph` has all crates of
    /// the executable.
    ///
    /// # Errors
    /// If a file is missing, or two files with the same path differ.
    pub(super) fn of(
        parts: &Parts<'_>,
        graph: &Workspace,
        tests: &Tests,
    ) -> Result<DataFiles, DataError> {
        let packages = graph.metadata().packages.iter();
        let dirs: BTreeMap<String, PathBuf> = packages
            .filter_map(|package| Some((library(package)?.replace('-', "_"), data_dir(package))))
            .collect();
        let mut files = DataFiles::default();
        for test in &tests.tests {
            for path in &test.data {
                files.add_named(test, path, dirs.get(crate_of(test)))?;
            }
        }
        let configured: Vec<PathBuf> = parts.crates.iter().copied().map(data_dir).collect();
        for path in &parts.suite.data {
            files.add_configured(path, &configured)?;
        }
        Ok(files)
    }

    /// Adds a file that a test names, from the `data` directory of its crate.
    fn add_named(
        &mut self,
        test: &Description,
        path: &str,
        dir: Option<&PathBuf>,
    ) -> Result<(), DataError> {
        let (id, path) = (test.id.clone(), path.to_owned());
        let Some(dir) = dir else {
            let name = crate_of(test).to_owned();
            return Err(DataError::NoCrate {
                test: id,
                path,
                name,
            });
        };
        let file = dir.join(&path);
        match file.is_file() {
            true => self.add(&path, file),
            false => Err(DataError::Missing {
                test: id,
                path,
                file,
            }),
        }
    }

    /// The files, sorted by path.
    pub(super) fn into_iter(self) -> impl Iterator<Item = (String, PathBuf)> {
        self.0.into_iter()
    }

    /// Adds a file or a directory that the configuration names, from each crate that has it.
    fn add_configured(&mut self, path: &Placed, dirs: &[PathBuf]) -> Result<(), DataError> {
        if autotest_core::check_data_file(path.text.trim_end_matches('/')).is_err() {
            let message = format!("`{}` is no path below a crate's `data`", path.text);
            return Err(ConfigError::at(&path.place, message).into());
        }
        let mut is_found = false;
        for dir in dirs {
            let file = dir.join(&path.text);
            if file.exists() {
                is_found = true;
                self.add_all(dir, &file)?;
            }
        }
        match is_found {
            true => Ok(()),
            false => {
                let message = format!("no crate of the suite has `data/{}`", path.text);
                Err(ConfigError::at(&path.place, message).into())
            }
        }
    }

    /// Adds a file, or all files below a directory.
    fn add_all(&mut self, data: &Path, file: &Path) -> Result<(), DataError> {
        if file.is_dir() {
            let unreadable = |error| DataError::Unreadable(file.to_owned(), error);
            for entry in fs_err::read_dir(file).map_err(unreadable)? {
                self.add_all(data, &entry.map_err(unreadable)?.path())?;
            }
            return Ok(());
        }
        let path = file.strip_prefix(data).unwrap_or(file);
        self.add(&path.to_string_lossy(), file.to_owned())
    }

    fn add(&mut self, path: &str, file: PathBuf) -> Result<(), DataError> {
        if let Some(one) = self.0.get(path)
            && *one != file
            && checksum(one)? != checksum(&file)?
        {
            return Err(DataError::Differ {
                path: path.to_owned(),
                one: one.clone(),
                other: file,
            });
        }
        self.0.insert(path.to_owned(), file);
        Ok(())
    }
}

fn data_dir(package: &cargo_metadata::Package) -> PathBuf {
    directory(package).join("data")
}

fn checksum(path: &Path) -> Result<Sha256Sum, DataError> {
    let sum = std::fs::File::open(path).and_then(Sha256Sum::of);
    sum.map_err(|error| DataError::Unreadable(path.to_owned(), error))
}
