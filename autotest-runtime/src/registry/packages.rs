//! Tests that stand for packages. They are not registered: such a test is created when its package is first named.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use autotest_core::{TestDef, excerpt, name};
use autotest_package::TestName;

use super::{Registry, Test};
use crate::packages::{PACKAGE, is_package};

/// The packages named so far, by id.
#[derive(Debug, Default)]
pub(super) struct Packages(Mutex<BTreeMap<String, &'static Test>>);

impl Test {
    /// `true` if it stands for a package, which has its own job.
    pub(crate) fn is_package(&self) -> bool {
        std::ptr::eq::<TestDef>(self.def, &raw const PACKAGE)
    }

    /// Refuses an illegal name for the run of a package.
    pub(crate) fn check_run(&self, name: &str) -> Result<(), String> {
        match name::check(name) {
            Err(error) if self.is_package() => {
                let shown = excerpt(name);
                Err(format!(
                    "{} cannot run as `{shown}`: {error}; give it another tag",
                    self.id
                ))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn package_name(&self) -> String {
        TestName::of(self.id).name
    }

    /// The directory in which the original installs packages that a job names.
    pub(super) fn package_dir(&self, installed: &Path) -> PathBuf {
        let TestName { group, name } = TestName::of(self.id);
        installed.join("download").join(group).join(name)
    }
}

impl Registry {
    /// The test for a package. The path of an existing file is made absolute, since tests are run elsewhere.
    ///
    /// # Errors
    /// If it does not name a package, or the name of its run would be illegal.
    pub(super) fn package(&self, given: &str) -> Result<&'static Test, String> {
        let shown = excerpt(given);
        if !is_package(given) {
            return Err(format!("{shown}: test does not exist"));
        }
        let directory = TestName::of(given).name;
        name::check(&directory)
            .map_err(|error| format!("{shown}: its run cannot be called `{directory}`: {error}"))?;
        let id = absolute(given);
        let mut packages = self
            .packages
            .0
            .lock()
            .unwrap_or_else(|error| error.into_inner());
        let test = packages.entry(id).or_insert_with_key(|id| {
            let id = id.clone().leak();
            Box::leak(Box::new(Test { id, def: &PACKAGE }))
        });
        Ok(*test)
    }
}

fn absolute(given: &str) -> String {
    let path = Path::new(given);
    let absolute = path.is_file().then(|| {
        std::path::absolute(path)
            .ok()?
            .into_os_string()
            .into_string()
            .ok()
    });
    absolute.flatten().unwrap_or_else(|| given.to_owned())
}
