//! The registry of all tests in the binary, by id.

mod controls;
#[cfg(feature = "host")]
mod described;
mod hooks;
#[cfg(feature = "packages")]
mod packages;
#[cfg(feature = "profilers")]
mod profilers;
mod secrets;
mod site;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use autotest_core::id::{self, IdOf, Identified, refused};
use autotest_core::{TestDef, excerpt, name};

use crate::__private::{Main, registered};
pub(crate) use controls::{ControlFunction, Controls};
#[cfg(feature = "host")]
pub(crate) use described::Others;
pub(crate) use hooks::{check_hooks, job_hooks};
#[cfg(feature = "profilers")]
pub(crate) use profilers::{check_profilers, check_profilers_of, of_run, profiler, profilers};
pub(crate) use secrets::{OPTIONS_VARIABLE, VARIABLE_PREFIX, variable_of};

/// A test and its id.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// `module::path::name`, as libtest would print it.
    pub(crate) id: &'static str,
    pub(crate) def: &'static TestDef,
}

impl Test {
    /// Sorts by id, then by place, so that a collision is always reported in the same order.
    fn sort_key(&self) -> (&str, &str, u32) {
        (self.id, self.def.module.file, self.def.line)
    }

    /// The name of the directory of its runs.
    pub(crate) fn directory(&self) -> String {
        #[cfg(feature = "packages")]
        if self.is_package() {
            return self.package_name();
        }
        name::directory(self.id)
    }

    /// The directory in which it is installed, below `installed`, that of all tests.
    pub(crate) fn installdir(&self, installed: &Path) -> PathBuf {
        #[cfg(feature = "packages")]
        if self.is_package() {
            return self.package_dir(installed);
        }
        installed.join(self.directory())
    }

    /// The place of its definition, as `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.def.module.file, self.def.line)
    }
}

impl Identified for Test {
    fn id(&self) -> &str {
        self.id
    }

    fn place(&self) -> (&str, u32) {
        (self.def.module.file, self.def.line)
    }
}

/// The tests of the binary, sorted by id.
#[derive(Debug)]
pub(crate) struct Registry {
    tests: Vec<Test>,
    main: Main,
    /// Tests that a site's own version replaces.
    replaced: Vec<Test>,
    /// The names of secret parameters, collected on demand.
    secrets: OnceLock<Vec<&'static str>>,
    /// The control functions and hooks, if the binary is only described.
    #[cfg(feature = "host")]
    described: Option<&'static described::Others>,
    #[cfg(feature = "packages")]
    packages: packages::Packages,
}

const USUAL_ID_BYTES: usize = 64;

/// All tests whose names are illegal or collide, one per line.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RegistrationError(String);

impl Registry {
    /// Collects the registered tests, except those of other suites than the binary's.
    pub(crate) fn collect(main: &Main) -> Result<Registry, RegistrationError> {
        let mut modules: Vec<&'static [TestDef]> = registered().collect();
        // The tests of a module are mostly in order. Sorting modules first leaves little work for the sort of all
        // tests, which makes use of sorted runs.
        modules.sort_unstable_by_key(|tests| tests.first().map(|def| (def.module.path, def.name)));
        let tests = modules.into_iter().flatten();
        match main.suite {
            None => Registry::new(tests, main),
            Some(_) => {
                let tests = tests.filter(|def| main.has(def.meta.suites));
                Registry::new(tests, main)
            }
        }
    }

    /// Keeps only the tests for which `is_member` returns `true`.
    pub(crate) fn retain(mut self, is_member: impl Fn(&Test) -> bool) -> Registry {
        self.tests.retain(is_member);
        self
    }

    /// Stores the registry until the process ends, since everything borrows it. It is in a static, so that
    /// LeakSanitizer does not report it as a leak.
    pub(crate) fn into_static(self) -> &'static Registry {
        static KEPT: OnceLock<Registry> = OnceLock::new();
        KEPT.get_or_init(|| self)
    }

    /// Allocates all ids as one leaked text: separate allocations would spread over more pages, and slow down every
    /// later fork.
    fn new(
        defs: impl Iterator<Item = &'static TestDef> + Clone,
        main: &Main,
    ) -> Result<Registry, RegistrationError> {
        let main_crate = main.own_crate();
        // Room for ids of typical length. Pages that are never written to cost nothing.
        let mut ids = String::with_capacity(defs.clone().count() * USUAL_ID_BYTES);
        defs.clone().for_each(|def| ids.extend(id(def, main_crate)));
        let mut ids: &'static str = ids.leak();
        let mut tests = Vec::with_capacity(defs.clone().count());
        for def in defs {
            let len = id(def, main_crate).iter().map(|piece| piece.len()).sum();
            let (id, others) = ids.split_at(len);
            tests.push(Test { id, def });
            ids = others;
        }
        tests.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        let replaced = site::take_replaced(&mut tests);
        check(&tests)?;
        Ok(Registry {
            tests,
            main: *main,
            replaced,
            secrets: OnceLock::new(),
            #[cfg(feature = "host")]
            described: None,
            #[cfg(feature = "packages")]
            packages: packages::Packages::default(),
        })
    }

    /// `true` if `path` is the path of the test's item, and not its id. An editor uses that to name a test: it does not
    /// know about `name = "…"`, and writes raw identifiers with their `r#`.
    pub(crate) fn is_item(&self, test: &Test, path: &str) -> bool {
        let name = match test.def.renamed {
            Some(item) => item,
            None if path.contains("r#") => test.def.name,
            None => return false,
        };
        let module = id::module(test.def.module.path, self.main.own_crate());
        let path = path.replace("r#", "");
        path.strip_suffix(name).is_some_and(|rest| match module {
            "" => rest.is_empty(),
            module => rest.strip_suffix("::") == Some(module),
        })
    }

    /// The control functions of the binary.
    ///
    /// # Errors
    /// If their names are illegal or collide.
    pub(crate) fn controls(&self) -> Result<&'static Controls, RegistrationError> {
        Controls::collect(self.main.own_crate())
    }

    pub(crate) fn tests(&self) -> &[Test] {
        &self.tests
    }

    /// The arguments of `main!`.
    pub(crate) fn main(&self) -> &Main {
        &self.main
    }

    /// The tests that a site's own version replaces, sorted by id.
    pub(crate) fn replaced(&self) -> &[Test] {
        &self.replaced
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Test> {
        let found = self.tests.binary_search_by(|test| test.id.cmp(id));
        let found = found.ok().map(|i| &self.tests[i]);
        #[cfg(feature = "packages")]
        let found = found.or_else(|| self.package(id).ok());
        found
    }

    /// The test with this id.
    ///
    /// # Errors
    /// If there is no such test; the message suggests the nearest id.
    pub(crate) fn named(&self, id: &str) -> Result<&Test, String> {
        #[cfg(feature = "packages")]
        if crate::packages::is_package(id) {
            return self.package(id);
        }
        self.get(id).ok_or_else(|| {
            let nearest = self.nearest(id);
            let meant = nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            format!("{}: test does not exist{meant}", excerpt(id))
        })
    }

    /// The id that the user probably meant: one that resembles `name`, or whose last part does.
    pub(crate) fn nearest(&self, name: &str) -> Option<&str> {
        let whole = autotest_core::nearest(name, self.tests.iter().map(|test| test.id));
        whole.or_else(|| {
            let names = self.tests.iter().map(|test| test.def.name);
            let near = autotest_core::nearest(name, names)?;
            let mut tests = self.tests.iter();
            tests.find(|test| test.def.name == near).map(|test| test.id)
        })
    }
}

/// The parts of a test's id, to be concatenated.
fn id(def: &'static TestDef, main_crate: &str) -> [&'static str; 5] {
    let id = IdOf {
        module: def.module.path,
        name: def.name,
        is_verbatim: def.renamed.is_some(),
        case: def.case.map_or("", |case| case.name),
    };
    id.pieces(main_crate)
}

fn check(tests: &[Test]) -> Result<(), RegistrationError> {
    let errors = refused(tests);
    match errors.is_empty() {
        true => Ok(()),
        false => Err(RegistrationError(errors.join("\n"))),
    }
}
