//! All tests of the binary, with their ids.

use std::collections::BTreeMap;

use autotest_core::TestDef;

use crate::__private::registered;

/// A test and its id.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    /// `module::path::name`, as libtest would print it.
    pub(crate) id: &'static str,
    pub(crate) def: &'static TestDef,
}

impl Test {
    /// By id; the place only so that a collision is always told in one order.
    fn sort_key(&self) -> (&str, &str, u32) {
        (self.id, self.def.module.file, self.def.line)
    }

    /// The name of its directory: its id with `.` for `::`. A plain loop: `str::replace` sets up a search
    /// that costs three times as much as such a short text.
    pub(crate) fn directory(&self) -> String {
        let mut directory = String::with_capacity(self.id.len());
        let mut chars = self.id.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                ':' if chars.next_if_eq(&':').is_some() => directory.push('.'),
                c => directory.push(c),
            }
        }
        directory
    }
}

/// The tests of the binary, sorted by id.
#[derive(Debug)]
pub(crate) struct Registry {
    tests: Vec<Test>,
}

/// Tests that can not stand side by side.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct RegistrationError(String);

impl Registry {
    /// Collects what the macros registered. `main_crate` is the crate with `main!`; its tests lose
    /// the crate's name.
    pub(crate) fn collect(main_crate: &str) -> Result<Registry, RegistrationError> {
        let defs: Vec<&'static TestDef> = registered().flatten().collect();
        Registry::new(&defs, main_crate)
    }

    /// The ids are one text, which is borrowed to the end of the process: each a text of its own made
    /// every later fork dearer by its page of heap.
    fn new(defs: &[&'static TestDef], main_crate: &str) -> Result<Registry, RegistrationError> {
        let mut ids = String::new();
        let mut places = Vec::with_capacity(defs.len());
        for def in defs {
            let begin = ids.len();
            push_id(&mut ids, def, main_crate);
            places.push(begin..ids.len());
        }
        let ids: &'static str = Box::leak(ids.into_boxed_str());
        let tests = defs.iter().zip(places);
        let tests = tests.map(|(def, place)| Test {
            id: &ids[place],
            def,
        });
        let mut tests: Vec<Test> = tests.collect();
        // Most modules are in order already, which this sort makes use of.
        tests.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        check(&tests)?;
        Ok(Registry { tests })
    }

    pub(crate) fn tests(&self) -> &[Test] {
        &self.tests
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Test> {
        let found = self.tests.binary_search_by(|test| test.id.cmp(id));
        found.ok().map(|i| &self.tests[i])
    }

    /// The id that was probably meant: near by its whole spelling, else by the test's own name.
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

fn push_id(ids: &mut String, def: &TestDef, main_crate: &str) {
    if !def.is_verbatim {
        let path = def.module.path;
        let module = match path.strip_prefix(main_crate) {
            Some("") => "",
            Some(below) => below.strip_prefix("::").unwrap_or(path),
            None => path,
        };
        ids.push_str(module);
        if !module.is_empty() {
            ids.push_str("::");
        }
    }
    ids.push_str(def.name);
    if let Some(case) = def.case {
        ids.push_str("::");
        ids.push_str(case.name);
    }
}

fn check(tests: &[Test]) -> Result<(), RegistrationError> {
    tests.iter().try_for_each(check_id)?;
    // Without a dot in it, an id says which directory it has and its directory which id.
    if tests.iter().any(|test| test.id.contains('.')) {
        return check_directories(tests);
    }
    let mut pairs = tests.windows(2);
    match pairs.find(|pair| pair[0].id == pair[1].id) {
        Some(pair) => Err(collision(&pair[0], &pair[1])),
        None => Ok(()),
    }
}

fn check_directories(tests: &[Test]) -> Result<(), RegistrationError> {
    let mut directories: BTreeMap<String, &Test> = BTreeMap::new();
    for test in tests {
        if let Some(other) = directories.insert(test.directory(), test) {
            return Err(collision(other, test));
        }
    }
    Ok(())
}

/// An id is also the name of a directory and a field of the status log.
fn check_id(test: &Test) -> Result<(), RegistrationError> {
    let id = test.id;
    let is_illegal = |c: char| c.is_control() || c == '/';
    if id.is_empty() || id.starts_with(['.', ' ']) || id.contains(is_illegal) {
        let place = place(test);
        return Err(RegistrationError(format!(
            "the test at {place} can not be called {id:?}: use a name without `/`, control \
             characters or a leading dot or blank"
        )));
    }
    Ok(())
}

fn collision(one: &Test, other: &Test) -> RegistrationError {
    let (here, there) = (place(one), place(other));
    RegistrationError(if one.id == other.id {
        format!(
            "two tests are called `{}`: at {here} and at {there}; rename one",
            one.id
        )
    } else {
        format!(
            "the tests `{}` at {here} and `{}` at {there} share the directory `{}`; rename one",
            one.id,
            other.id,
            one.directory()
        )
    })
}

fn place(test: &Test) -> String {
    format!("{}:{}", test.def.module.file, test.def.line)
}

#[cfg(test)]
mod tests {
    use autotest_core::Module;

    use super::*;

    const A: Module = Module {
        path: "a",
        file: "src/a.rs",
    };

    fn def(name: &'static str, line: u32) -> &'static TestDef {
        Box::leak(Box::new(TestDef {
            name,
            line,
            module: &Module {
                path: "suite::net",
                file: "src/net.rs",
            },
            ..TestDef::DEFAULT
        }))
    }

    #[track_caller]
    fn check_error(defs: &[&'static TestDef], expected: &str) {
        let error = Registry::new(defs, "suite").unwrap_err();
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn tests_of_the_main_crate_lose_its_name() {
        let registry = Registry::new(&[def("ping", 1)], "suite").unwrap();
        assert_eq!(registry.tests()[0].id, "net::ping");
        let registry = Registry::new(&[def("ping", 1)], "other").unwrap();
        assert_eq!(registry.tests()[0].id, "suite::net::ping");
    }

    #[test]
    fn two_tests_with_one_id_are_refused() {
        check_error(
            &[def("ping", 3), def("ping", 9)],
            "two tests are called `net::ping`: at src/net.rs:3 and at src/net.rs:9; rename one",
        );
    }

    #[test]
    fn a_name_that_the_status_log_can_not_hold_is_refused() {
        let indented = Box::leak(Box::new(TestDef {
            name: " ping",
            is_verbatim: true,
            module: &A,
            line: 7,
            ..TestDef::DEFAULT
        }));
        check_error(
            &[indented],
            "the test at src/a.rs:7 can not be called \" ping\": use a name without `/`, control \
             characters or a leading dot or blank",
        );
    }

    #[test]
    fn two_tests_with_one_directory_are_refused() {
        let dotted = Box::leak(Box::new(TestDef {
            name: "net.ping",
            is_verbatim: true,
            module: &A,
            line: 7,
            ..TestDef::DEFAULT
        }));
        check_error(
            &[def("ping", 3), dotted],
            "the tests `net.ping` at src/a.rs:7 and `net::ping` at src/net.rs:3 share the \
             directory `net.ping`; rename one",
        );
    }
}
