//! The ids of tests: how they are formed, and which ones a binary may not have together.
//!
//! The registry of a binary and the reader of its metadata call the same functions. This module must not know
//! where a test comes from.

use std::collections::BTreeMap;

use crate::excerpt::excerpt;
use crate::name;

/// The parts from which an id is formed.
#[derive(Clone, Copy, Debug)]
pub struct IdOf<'a> {
    /// The path of the module, beginning with the crate's name.
    pub module: &'a str,
    /// The name of the item, or the text of `name = "…"`.
    pub name: &'a str,
    /// Whether the name is the whole id (`name = "…"`), without the module's path.
    pub is_verbatim: bool,
    /// The name of the case; empty for none.
    pub case: &'a str,
}

impl<'a> IdOf<'a> {
    /// The pieces of the id. `main_crate` is the crate with `main!`; the ids of its tests do not include the
    /// crate's name.
    ///
    /// ```
    /// use autotest_core::id::IdOf;
    /// let ping = IdOf { module: "suite::net", name: "ping", is_verbatim: false, case: "v6" };
    /// assert_eq!(ping.pieces("suite").concat(), "net::ping::v6");
    /// ```
    pub fn pieces(self, main_crate: &str) -> [&'a str; 5] {
        let module = match self.is_verbatim {
            true => "",
            false => module(self.module, main_crate),
        };
        let colons = |name: &str| if name.is_empty() { "" } else { "::" };
        [
            module,
            colons(module),
            self.name,
            colons(self.case),
            self.case,
        ]
    }
}

/// The path of a module as it appears in ids.
pub fn module<'a>(path: &'a str, main_crate: &str) -> &'a str {
    match path.strip_prefix(main_crate) {
        Some("") => "",
        Some(below) => below.strip_prefix("::").unwrap_or(path),
        None => path,
    }
}

/// A test with an id and a place in the source.
pub trait Identified {
    /// Its id.
    fn id(&self) -> &str;
    /// The file and line of its name.
    fn place(&self) -> (&str, u32);
}

/// A message for each name that is not allowed or collides. `tests` must be sorted by id.
pub fn refused<T: Identified>(tests: &[T]) -> Vec<String> {
    let mut errors: Vec<String> = tests.iter().filter_map(refused_name).collect();
    // Without dots, different ids have different directories.
    if tests.iter().any(|test| test.id().contains('.')) {
        errors.extend(shared_directories(tests));
    } else {
        let pairs = tests.windows(2).filter(|pair| pair[0].id() == pair[1].id());
        errors.extend(pairs.map(|pair| collision(&pair[0], &pair[1])));
    }
    errors
}

fn shared_directories<T: Identified>(tests: &[T]) -> Vec<String> {
    let mut directories: BTreeMap<String, &T> = BTreeMap::new();
    let shared = tests.iter().filter_map(|test| {
        let other = directories.insert(name::directory(test.id()), test)?;
        Some(collision(other, test))
    });
    shared.collect()
}

/// Checks a test's id, which is also the name of a directory and a field of the status log.
fn refused_name<T: Identified>(test: &T) -> Option<String> {
    let error = name::check(test.id()).err()?;
    let (place, id) = (place(test), excerpt(test.id()));
    Some(format!(
        "the test at {place} cannot be called {id:?}: {error}; rename it"
    ))
}

fn collision<T: Identified>(one: &T, other: &T) -> String {
    let (here, there) = (place(one), place(other));
    let (id, other_id) = (excerpt(one.id()), excerpt(other.id()));
    match one.id() == other.id() {
        true => format!("two tests are called `{id}`: at {here} and at {there}; rename one"),
        false => {
            let directory = name::directory(one.id());
            let directory = excerpt(&directory);
            format!(
                "the tests `{id}` at {here} and `{other_id}` at {there} share the directory \
                 `{directory}`; rename one"
            )
        }
    }
}

fn place<T: Identified>(test: &T) -> String {
    let (file, line) = test.place();
    format!("{file}:{line}")
}
