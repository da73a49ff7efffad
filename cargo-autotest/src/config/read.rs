//! Reads suites from the configuration files.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::place::File;
use super::targets::Everything;
use super::{ConfigError, Configuration, FILE, Placed, Section, Suite, SuiteKeys, placed};
use crate::workspace::Workspace;

/// The parts of a manifest that can configure suites.
#[derive(Default, Deserialize)]
struct Manifest {
    workspace: Option<Table>,
    package: Option<Table>,
}

#[derive(Default, Deserialize)]
struct Table {
    metadata: Option<Metadata>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    autotest: Option<Section>,
}

impl Table {
    fn section(table: Option<Table>) -> Option<Section> {
        table?.metadata?.autotest
    }
}

impl Configuration {
    /// Reads the suites that the workspace and its members configure.
    ///
    /// # Errors
    /// If a file cannot be read or is not valid, if `autotest.toml` and a manifest configure suites, or if two
    /// suites have one name.
    pub(crate) fn read(workspace: &Workspace) -> Result<Configuration, ConfigError> {
        let root = workspace.root();
        let mut found = Found::default();
        let manifest = root.join("Cargo.toml");
        found.add_manifest(&manifest, workspace.member_at(&manifest))?;
        for (name, path) in workspace.members() {
            if path != manifest {
                found.add_manifest(path, Some(name))?;
            }
        }
        found.add_file(&root.join(FILE))?;
        Ok(Configuration {
            suites: found.suites,
            manifest,
        })
    }
}

/// Files of every package, whose names no executable can have.
const TAKEN: [(&str, &str); 2] = [
    (
        "licenses",
        "a package has a directory `licenses`; choose another name",
    ),
    ("run", "a package has a script `run`; choose another name"),
];

/// The suites found so far.
#[derive(Default)]
struct Found {
    suites: BTreeMap<String, Suite>,
}

impl Found {
    /// Adds what a manifest configures; `package` is the name of its package, if it has one.
    fn add_manifest(&mut self, path: &Path, package: Option<&str>) -> Result<(), ConfigError> {
        let file = File::read(path)?;
        let manifest: Manifest = parse(&file)?;
        if let Some(section) = Table::section(manifest.workspace) {
            self.add(section, &file, None)?;
        }
        if let Some(section) = Table::section(manifest.package) {
            self.add(section, &file, package)?;
        }
        Ok(())
    }

    /// Adds what `autotest.toml` configures, if there is one.
    fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        if !path.exists() {
            return Ok(());
        }
        let file = File::read(path)?;
        let everything: Everything = parse(&file)?;
        let suites = everything.suites;
        if let Some(suite) = self.suites.values().next()
            && !suites.is_empty()
        {
            let message = format!(
                "suites are configured in `{FILE}`, too; move all of them to one of the files"
            );
            return Err(ConfigError::at(&suite.place, message));
        }
        self.add(Section { suites }, &file, None)
    }

    fn add(
        &mut self,
        section: Section,
        file: &File,
        package: Option<&str>,
    ) -> Result<(), ConfigError> {
        for (name, keys) in section.suites {
            let name = placed(name, file);
            let place = &name.place;
            if let Some(problem) = problem_of_name(&name.text) {
                let message = format!("`{}` cannot be the name of a suite: {problem}", name.text);
                return Err(ConfigError::at(place, message));
            }
            if let Some(other) = self.suites.get(&name.text) {
                let message = format!(
                    "the suite `{}` is configured at {}, too; rename one",
                    name.text, other.place
                );
                return Err(ConfigError::at(place, message));
            }
            let suite = suite(name, keys, file, package)?;
            self.suites.insert(suite.name.clone(), suite);
        }
        Ok(())
    }
}

/// The reason why a suite cannot have this name, which is part of the name of its package, and the name of a file in it.
pub(crate) fn problem_of_name(name: &str) -> Option<&'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !begins_well || !name.chars().all(is_allowed) {
        return Some("use letters, digits, `-` and `_`, and begin with a letter");
    }
    // No two files of a package may differ only in case.
    let of_package = TAKEN
        .iter()
        .find(|(taken, _)| name.eq_ignore_ascii_case(taken));
    of_package.map(|(_, problem)| *problem)
}

fn suite(
    name: Placed,
    keys: SuiteKeys,
    file: &File,
    package: Option<&str>,
) -> Result<Suite, ConfigError> {
    let own = package.map(|package| Placed {
        text: package.to_owned(),
        place: name.place.clone(),
    });
    let all = |texts: Vec<Spanned<String>>| texts.into_iter().map(|it| placed(it, file)).collect();
    let crates = keys.crates.map_or_else(|| Vec::from_iter(own), all);
    if crates.is_empty() {
        let message = format!(
            "the suite `{}` has no crates; list the packages of its tests: crates = [\"…\"]",
            name.text
        );
        return Err(ConfigError::at(&name.place, message));
    }
    let version = keys.version.map(|version| placed(version, file));
    if let Some(version) = &version {
        autotest_package::Manifest::check_version(&version.text)
            .map_err(|error| ConfigError::at(&version.place, error.to_string()))?;
    }
    Ok(Suite {
        crates,
        attr: keys.attr.map(|attr| placed(attr, file)),
        data: all(keys.data),
        version,
        description: keys.description,
        name: name.text,
        place: name.place,
    })
}

pub(super) fn parse<'de, T: Deserialize<'de>>(file: &'de File) -> Result<T, ConfigError> {
    toml::from_str(&file.text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        ConfigError::at(&file.place(start), explained(error.message()))
    })
}

/// Rewrites serde's message about an unknown key, which lists the known keys, to suggest the most similar one.
fn explained(message: &str) -> String {
    let Some(rest) = message.strip_prefix("unknown field `") else {
        return message.to_owned();
    };
    let mut quoted = rest.split('`').step_by(2);
    let unknown = quoted.next().unwrap_or_default();
    let known: Vec<&str> = quoted.filter(|name| !name.is_empty()).collect();
    match autotest_core::nearest(unknown, known.iter().copied()) {
        Some(near) => format!("unknown key `{unknown}`; did you mean `{near}`?"),
        None => format!("unknown key `{unknown}`; there are {}", list(&known)),
    }
}

fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
