//! The configuration of suites: the crates of each, and what else its package contains.
//!
//! It is in `[package.metadata.autotest]` of a crate, in `[workspace.metadata.autotest]`, or in `autotest.toml`
//! beside the workspace's manifest, which also has the targets on which suites run. This module reads it; the caller
//! checks that the crates exist.

mod place;
mod read;
mod targets;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

pub(crate) use place::Place;
pub(crate) use read::problem_of_name;
pub(crate) use targets::{ConfiguredTarget, Inventory};

/// The file beside the workspace's manifest.
pub(crate) const FILE: &str = "autotest.toml";

/// The configuration in one of these places.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    /// The suites, by name.
    #[serde(default)]
    suites: BTreeMap<Spanned<String>, SuiteKeys>,
}

/// The keys of a suite.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SuiteKeys {
    /// The packages whose libraries contain the tests. In a package's own manifest, that package unless given.
    crates: Option<Vec<Spanned<String>>>,
    /// The expression, as for `--attr`, that selects the tests of the suite.
    attr: Option<Spanned<String>>,
    /// Files of the crates' `data` directories to pack besides those that tests name.
    #[serde(default)]
    data: Vec<Spanned<String>>,
    /// The version of the package.
    version: Option<Spanned<String>>,
    /// A description of the suite, in one line.
    description: Option<String>,
}

/// A suite as it is configured.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) name: String,
    pub(crate) crates: Vec<Placed>,
    pub(crate) attr: Option<Placed>,
    pub(crate) data: Vec<Placed>,
    pub(crate) version: Option<Placed>,
    pub(crate) description: Option<String>,
    /// The place of its name.
    pub(crate) place: Place,
}

impl Suite {
    /// The attribute expression that selects its tests.
    pub(crate) fn attr(&self) -> Option<&str> {
        self.attr.as_ref().map(|attr| attr.text.as_str())
    }
}

/// A text of the configuration, with its place.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// All suites, by name.
#[derive(Debug)]
pub(crate) struct Configuration {
    suites: BTreeMap<String, Suite>,
    /// The manifest of the workspace.
    manifest: PathBuf,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("failed to read the configuration: {0}")]
    Unreadable(#[from] std::io::Error),
    #[error("{place}: {message}")]
    Wrong { place: Place, message: String },
    #[error("no suite is called `{0}`{1}")]
    NoSuchSuite(String, String),
    #[error(
        "no suite is configured; add to {0}:\n\n  [workspace.metadata.autotest.suites.NAME]\n  \
         crates = [\"a-crate-of-tests\"]\n"
    )]
    NoSuites(PathBuf),
}

impl ConfigError {
    /// A mistake at a place of the configuration.
    pub(crate) fn at(place: &Place, message: impl Into<String>) -> ConfigError {
        ConfigError::Wrong {
            place: place.clone(),
            message: message.into(),
        }
    }

    /// Whether the command line is wrong, rather than the configuration.
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, ConfigError::NoSuchSuite(..))
    }
}

impl Configuration {
    /// The suites, sorted by name.
    pub(crate) fn suites(&self) -> impl Iterator<Item = &Suite> {
        self.suites.values()
    }

    /// The error for a workspace without suites, which says how to configure one.
    pub(crate) fn has_none(&self) -> ConfigError {
        ConfigError::NoSuites(self.manifest.clone())
    }

    /// The suite with this name.
    ///
    /// # Errors
    /// If there is none. The error suggests the most similar name.
    pub(crate) fn suite(&self, name: &str) -> Result<&Suite, ConfigError> {
        if self.suites.is_empty() {
            return Err(self.has_none());
        }
        self.suites.get(name).ok_or_else(|| {
            let names = self.suites.keys().map(String::as_str);
            let hint = match autotest_core::nearest(name, names.clone()) {
                Some(near) => format!("; did you mean `{near}`?"),
                None => format!("; there are {}", names.collect::<Vec<_>>().join(", ")),
            };
            ConfigError::NoSuchSuite(name.to_owned(), hint)
        })
    }
}

/// Converts the byte range of a text to its place in the file.
fn placed(value: Spanned<String>, file: &place::File) -> Placed {
    let Range { start, .. } = value.span();
    Placed {
        text: value.into_inner(),
        place: file.place(start),
    }
}
