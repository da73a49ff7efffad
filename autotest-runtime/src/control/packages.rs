//! Requests of control functions that concern packages.

use std::path::Path;

use autotest_core::TestError;
use autotest_package::{PackageName, PackageType};

use super::Job;
use crate::packages::{Repository, install_named};

/// Packages.
impl Job {
    /// Adds a directory or a URL to the repositories of this branch and of those that it begins. It is searched before
    /// those that were added earlier (`job.add_repository`).
    ///
    /// # Errors
    /// If this binary cannot read such a URL.
    pub fn add_repository(&mut self, repository: impl Into<String>) -> Result<(), TestError> {
        let repository = Repository::parse(&repository.into());
        let repository = repository.and_then(Repository::absolute);
        let repository = repository.map_err(TestError::error)?;
        self.settings(|settings| settings.repositories.push(repository))
    }

    /// Installs the package `TYPE-NAME.tar.bz2` into a directory (`job.install_pkg`), from the repository added last
    /// that has it. Does nothing if it is installed with the same checksum.
    ///
    /// The outcome is recorded: when an interrupted job is resumed, the package is not installed again.
    ///
    /// ```no_run
    /// # use autotest::{Job, JobResult, PackageType};
    /// # fn f(job: &mut Job) -> JobResult {
    /// job.add_repository("https://lab.example/packages")?;
    /// job.install_pkg("fio", PackageType::Dep, "/var/lib/deps/fio")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If no repository has the package, it is refused, or the directory cannot be written.
    pub fn install_pkg(
        &mut self,
        name: &str,
        package_type: PackageType,
        dir: impl AsRef<Path>,
    ) -> Result<(), TestError> {
        if name.is_empty() || name.contains('/') {
            return Err(TestError::error(format!(
                "`{name}` is no name of a package"
            )));
        }
        let name = name.to_owned();
        let package = PackageName { package_type, name }.to_string();
        let repositories = self.current_settings().repositories.clone();
        let dir = dir.as_ref().to_owned();
        let installed: Result<(), String> = self.once(format!("install_pkg {package}"), || {
            install_named(&package, package_type.as_str(), &repositories, &dir)
        })?;
        installed.map_err(TestError::error)
    }
}
