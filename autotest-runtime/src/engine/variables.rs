//! Environment variables.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::EngineError;

/// Looks up environment variables: those of the process, or those that a unit test sets.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a> {
    get: &'a dyn Fn(&str) -> Option<OsString>,
    /// The names that begin with a prefix.
    names: &'a dyn Fn(&str) -> Vec<String>,
}

impl fmt::Debug for Variables<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

fn of_process(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

fn names_of_process(prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (name, _) in std::env::vars_os() {
        if let Ok(name) = name.into_string()
            && name.starts_with(prefix)
        {
            names.push(name);
        }
    }
    names
}

impl Variables<'_> {
    pub(crate) fn of_process() -> Variables<'static> {
        Variables {
            get: &of_process,
            names: &names_of_process,
        }
    }

    /// The names that begin with `prefix`.
    pub(crate) fn names(self, prefix: &str) -> Vec<String> {
        (self.names)(prefix)
    }

    /// The value, which may be empty.
    pub(crate) fn raw(self, name: &str) -> Option<OsString> {
        (self.get)(name)
    }

    /// The value; `None` if it is empty.
    pub(crate) fn get(self, name: &str) -> Option<OsString> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    pub(super) fn is(self, name: &str, value: &str) -> bool {
        self.raw(name).is_some_and(|given| given == value)
    }

    pub(super) fn path(self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    pub(super) fn text(
        self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<String>, EngineError> {
        let text = self.get(name).map(OsString::into_string);
        text.transpose().map_err(|given| EngineError::Value {
            variable: name,
            given: given.to_string_lossy().into_owned(),
            expected,
        })
    }

    pub(super) fn parsed<T: FromStr>(
        self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, EngineError> {
        let Some(text) = self.text(name, expected)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| EngineError::Value {
            variable: name,
            given: text,
            expected,
        })
    }
}

#[cfg(test)]
impl Variables<'_> {
    /// Calls `f` with only these variables.
    pub(crate) fn these<R>(set: &[(&str, &str)], f: impl FnOnce(Variables<'_>) -> R) -> R {
        let look_up = |name: &str| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let names = |prefix: &str| {
            let names = set.iter().map(|(name, _)| (*name).to_owned());
            names.filter(|name| name.starts_with(prefix)).collect()
        };
        f(Variables {
            get: &look_up,
            names: &names,
        })
    }
}
