//! Finds the data files of tests (`data("…")`): beside the executable or, under cargo, in `data` of the crate that
//! contains the test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use autotest_core::TestDef;

use crate::registry::Test;

/// The directories to search.
#[derive(Clone, Debug, Default)]
pub(crate) struct DataDirs {
    /// The directory of the executable.
    beside: PathBuf,
    /// The package that cargo runs; its workspace is that directory or above it.
    package: Option<PathBuf>,
}

impl DataDirs {
    pub(crate) fn of_process() -> DataDirs {
        let program = std::env::current_exe().unwrap_or_default();
        DataDirs {
            beside: program.parent().map(Path::to_owned).unwrap_or_default(),
            package: std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from),
        }
    }

    /// The directory with all data files of a test; `None` if the test has none, or no directory has them all.
    pub(crate) fn of(&self, def: &TestDef) -> Option<PathBuf> {
        let files = def.meta.data;
        if files.is_empty() {
            return None;
        }
        let has_all = |dir: &PathBuf| files.iter().all(|file| dir.join(file).is_file());
        let beside = Some(self.beside.clone()).filter(has_all);
        beside.or_else(|| self.of_source(def).filter(has_all))
    }

    /// The directory `data` of the crate that contains the test. Source paths are relative to the workspace, which is
    /// the package's directory or above it.
    fn of_source(&self, def: &TestDef) -> Option<PathBuf> {
        let package = self.package.as_deref()?;
        let mut sources = package.ancestors().map(|dir| dir.join(def.module.file));
        let source = sources.find(|source| source.is_file())?;
        let mut dirs = source.ancestors().skip(1);
        let of_crate = dirs.find(|dir| dir.join("Cargo.toml").is_file())?;
        Some(of_crate.join("data"))
    }

    /// A message about the missing data files of these tests, if there are any.
    pub(crate) fn missing<'a>(&self, tests: impl Iterator<Item = &'a Test>) -> Option<String> {
        let mut lines = BTreeSet::new();
        for test in tests.filter(|test| !test.def.meta.data.is_empty()) {
            if self.of(test.def).is_none() {
                lines.insert(self.missing_of(test));
            }
        }
        let lines: Vec<String> = lines.into_iter().collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn missing_of(&self, test: &Test) -> String {
        let source = self.of_source(test.def);
        let dir = source.as_ref().unwrap_or(&self.beside);
        let missing = test
            .def
            .meta
            .data
            .iter()
            .filter(|file| !dir.join(file).is_file());
        let missing: Vec<_> = missing.map(|file| format!("`{file}`")).collect();
        let beside = self.beside.display();
        let place = match &source {
            Some(dir) => format!(
                "in `{}`, or beside the executable, in `{beside}`",
                dir.display()
            ),
            None => format!("beside the executable, in `{beside}`"),
        };
        format!(
            "data files of `{}` are missing: {}; put them {place}",
            test.id,
            missing.join(", ")
        )
    }
}
