//! The registry of all tests in the binary, with their ids.

mod controls;
mod hooks;
mod secrets;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use autotest_core::{TestDef, excerpt, name};

use crate::__private::registered;
pub(crate) use controls::{ControlFunction, Controls};
pub(crate) use hooks::{check_hook, check_hooks, job_hooks};
pub(crate) use secrets::{OPTIONS_VARIABLE, VARIABLE_PREFIX, variable_of};

/// A test and its id.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// `module::path::name`, as libtest would print it.
    pub(crate) id: &'static str,
    pub(crate) def: &'static TestDef,
}

impl Test {
    /// The id; then the place, so that a collision is always reported in the same order.
    fn sort_key(&self) -> (&str, &str, u32) {
        (self.id, self.def.module.file, self.def.line)
    }

    /// The name of its directory.
    pub(crate) fn directory(&self) -> String {
        name::directory(self.id)
    }

    /// Its definition: `file:line`.
    pub(crate) fn place(&self) -> String {
        format!("{}:{}", self.def.module.file, self.def.line)
    }
}

/// The tests of the binary, sorted by id.
#[derive(Debug)]
pub(crate) struct Registry {
    tests: Vec<Test>,
    main_crate: String,
    /// The names of secret parameters, once they were needed.
    secrets: OnceLock<Vec<&'static str>>,
}

const USUAL_ID_BYTES: usize = 64;

/// All tests whose names are not allowed or collide, one line each.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RegistrationError(String);

impl Registry {
    /// Collects the tests that the macros registered. `main_crate` is the crate with `main!`; the ids of its
    /// tests do not include the crate's name.
    pub(crate) fn collect(main_crate: &str) -> Result<Registry, RegistrationError> {
        let mut modules: Vec<&'static [TestDef]> = registered().collect();
        // The tests of a module are mostly in order. Sorting the modules first leaves little work for the
        // sort of all tests, which makes use of sorted runs.
        modules.sort_unstable_by_key(|tests| tests.first().map(|def| (def.module.path, def.name)));
        Registry::new(modules.into_iter().flatten(), main_crate)
    }

    /// Stores it until the end of the process, since everything borrows it. It is in a static, so that
    /// LeakSanitizer does not report it as a leak.
    pub(crate) fn into_static(self) -> &'static Registry {
        static KEPT: OnceLock<Registry> = OnceLock::new();
        KEPT.get_or_init(|| self)
    }

    /// Allocates all ids as one leaked text: separate allocations would spread over more pages and make every
    /// later fork slower.
    fn new(
        defs: impl Iterator<Item = &'static TestDef> + Clone,
        main_crate: &str,
    ) -> Result<Registry, RegistrationError> {
        // Room for usual ids. Pages that are never written to cost nothing.
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
        check(&tests)?;
        let main_crate = main_crate.to_owned();
        Ok(Registry {
            tests,
            main_crate,
            secrets: OnceLock::new(),
        })
    }

    /// Whether `path` is that of the test's item, and not its id. An editor asks for a test by that: it does not
    /// know of `name = "…"`, and writes raw identifiers with their `r#`.
    pub(crate) fn is_item(&self, test: &Test, path: &str) -> bool {
        let name = match test.def.renamed {
            Some(item) => item,
            None if path.contains("r#") => test.def.name,
            None => return false,
        };
        let module = module(test.def, &self.main_crate);
        let path = path.replace("r#", "");
        path.strip_suffix(name).is_some_and(|rest| match module {
            "" => rest.is_empty(),
            module => rest.strip_suffix("::") == Some(module),
        })
    }

    /// The control functions of the binary.
    ///
    /// # Errors
    /// If their names are not allowed or collide.
    pub(crate) fn controls(&self) -> Result<&'static Controls, RegistrationError> {
        Controls::collect(&self.main_crate)
    }

    pub(crate) fn tests(&self) -> &[Test] {
        &self.tests
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Test> {
        let found = self.tests.binary_search_by(|test| test.id.cmp(id));
        found.ok().map(|i| &self.tests[i])
    }

    /// The test with this id.
    ///
    /// # Errors
    /// If there is none, with a message that names the nearest.
    pub(crate) fn named(&self, id: &str) -> Result<&Test, String> {
        self.get(id).ok_or_else(|| {
            let nearest = self.nearest(id);
            let meant = nearest.map_or_else(String::new, |id| format!("; did you mean `{id}`?"));
            format!("{}: test does not exist{meant}", excerpt(id))
        })
    }

    /// The id that the user probably meant: one that is similar to `name`, or whose last part is.
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

/// The parts of a test's id.
fn id(def: &'static TestDef, main_crate: &str) -> [&'static str; 5] {
    let module = match def.renamed {
        Some(_) => "",
        None => module(def, main_crate),
    };
    let case = def.case.map_or("", |case| case.name);
    let colons = |name: &str| if name.is_empty() { "" } else { "::" };
    [module, colons(module), def.name, colons(case), case]
}

/// The module of a test, as its id has it.
fn module(def: &'static TestDef, main_crate: &str) -> &'static str {
    let path = def.module.path;
    match path.strip_prefix(main_crate) {
        Some("") => "",
        Some(below) => below.strip_prefix("::").unwrap_or(path),
        None => path,
    }
}

fn check(tests: &[Test]) -> Result<(), RegistrationError> {
    let mut errors: Vec<String> = tests.iter().filter_map(refused).collect();
    // Without dots, different ids have different directories.
    if tests.iter().any(|test| test.id.contains('.')) {
        errors.extend(shared_directories(tests));
    } else {
        let pairs = tests.windows(2).filter(|pair| pair[0].id == pair[1].id);
        errors.extend(pairs.map(|pair| collision(&pair[0], &pair[1])));
    }
    match errors.is_empty() {
        true => Ok(()),
        false => Err(RegistrationError(errors.join("\n"))),
    }
}

fn shared_directories(tests: &[Test]) -> Vec<String> {
    let mut directories: BTreeMap<String, &Test> = BTreeMap::new();
    let shared = tests.iter().filter_map(|test| {
        let other = directories.insert(test.directory(), test)?;
        Some(collision(other, test))
    });
    shared.collect()
}

/// Checks a test's id, which is also the name of a directory and a field of the status log.
fn refused(test: &Test) -> Option<String> {
    let error = name::check(test.id).err()?;
    let (place, id) = (test.place(), excerpt(test.id));
    Some(format!(
        "the test at {place} cannot be called {id:?}: {error}; rename it"
    ))
}

fn collision(one: &Test, other: &Test) -> String {
    let (here, there) = (one.place(), other.place());
    let (id, other_id) = (excerpt(one.id), excerpt(other.id));
    match one.id == other.id {
        true => format!("two tests are called `{id}`: at {here} and at {there}; rename one"),
        false => {
            let directory = one.directory();
            let directory = excerpt(&directory);
            format!(
                "the tests `{id}` at {here} and `{other_id}` at {there} share the directory \
                 `{directory}`; rename one"
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use autotest_core::{Details, Module};

    use super::*;

    const A: Details = Details {
        renamed: Some("function"),
        module: &Module {
            path: "a",
            file: "src/a.rs",
        },
        ..Details::DEFAULT
    };

    const NET: Details = Details {
        module: &Module {
            path: "suite::net",
            file: "src/net.rs",
        },
        ..Details::DEFAULT
    };

    fn def(name: &'static str, line: u32) -> &'static TestDef {
        leak(name, line, &NET)
    }

    fn verbatim(name: &'static str) -> &'static TestDef {
        leak(name, 7, &A)
    }

    fn leak(name: &'static str, line: u32, details: &'static Details) -> &'static TestDef {
        Box::leak(Box::new(TestDef {
            name,
            line,
            details,
            ..TestDef::DEFAULT
        }))
    }

    fn registry(
        defs: &[&'static TestDef],
        main_crate: &str,
    ) -> Result<Registry, RegistrationError> {
        Registry::new(defs.iter().copied(), main_crate)
    }

    #[track_caller]
    fn check_error(defs: &[&'static TestDef], expected: &str) {
        let error = registry(defs, "suite").unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn tests_of_the_main_crate_lose_its_name() {
        let id = |main_crate| registry(&[def("ping", 1)], main_crate).unwrap().tests()[0].id;
        assert_eq!(id("suite"), "net::ping");
        assert_eq!(id("other"), "suite::net::ping");
    }

    #[test]
    fn a_test_with_a_name_of_its_own_has_the_path_of_its_item() {
        let registry = registry(&[verbatim("net.ping"), def("try", 3)], "suite").unwrap();
        let [renamed, raw] = registry.tests() else {
            panic!("two tests")
        };
        assert!(registry.is_item(renamed, "a::function"));
        assert!(registry.is_item(raw, "net::r#try"));
        for (test, path) in [
            (renamed, "function"),
            (renamed, "a::net.ping"),
            (renamed, "afunction"),
            (raw, "r#try"),
            (raw, "net::r#tr"),
        ] {
            assert!(!registry.is_item(test, path), "{path}");
        }
    }

    #[test]
    fn two_tests_with_one_id_are_refused() {
        check_error(
            &[def("ping", 3), def("ping", 9)],
            "two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:9; rename one",
        );
    }

    #[test]
    fn a_name_that_the_status_log_cannot_hold_is_refused() {
        check_error(
            &[verbatim(" ping")],
            "the test at src/a.rs:7 cannot be called \" ping\": it is empty, or has a `/`, a \
             control character, or a leading dot or blank; rename it",
        );
    }

    #[test]
    fn all_names_that_are_not_allowed_are_reported_at_once() {
        check_error(
            &[
                verbatim("status"),
                verbatim("tap"),
                def("ping", 3),
                def("ping", 9),
            ],
            "the test at src/a.rs:7 cannot be called \"status\": `status` is reserved in the results \
             tree (the status log of each test); rename it\n\
             the test at src/a.rs:7 cannot be called \"tap\": `tap` is reserved in the results \
             tree (the job's TAP report); rename it\n\
             two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:9; rename one",
        );
    }

    #[test]
    fn a_long_name_is_refused_and_cut_in_the_message() {
        let id = "x".repeat(300);
        let shown = "x".repeat(100);
        check_error(
            &[verbatim(Box::leak(id.into_boxed_str()))],
            &format!(
                "the test at src/a.rs:7 cannot be called \"{shown} [cut: 300 bytes in all]\": its \
                 directory's name has 300 bytes, more than 236; rename it"
            ),
        );
    }

    #[test]
    fn two_tests_with_one_directory_are_refused() {
        check_error(
            &[def("ping", 3), verbatim("net.ping")],
            "the tests `net.ping` at src/a.rs:7 and `net::ping` at src/net.rs:3 share the \
             directory `net.ping`; rename one",
        );
    }
}
