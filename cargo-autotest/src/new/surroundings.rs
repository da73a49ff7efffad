//! The workspace around a new crate, and its membership in it.

use std::path::{Path, PathBuf};

use toml_edit::{Array, DocumentMut, Item, Value};

use super::NewError;
use crate::config;

/// The keys of the table in which a workspace's manifest configures suites.
const SECTION: &[&str] = &["workspace", "metadata", "autotest"];

/// The workspace around a place, if there is one.
pub(super) struct Surroundings(Option<Manifest>);

/// The manifest of a workspace.
#[derive(Clone)]
struct Manifest {
    path: PathBuf,
    document: DocumentMut,
}

/// The relation of a new crate to the workspace around it.
pub(super) enum Membership {
    /// There is no workspace, or it excludes the crate's directory.
    Alone,
    /// The crate becomes a member.
    Member(Member),
}

pub(super) struct Member {
    root: PathBuf,
    has_framework: bool,
    /// Whether suites are configured in `autotest.toml`.
    has_file: bool,
    /// The path and the new text of the workspace's manifest, unless a pattern there includes the crate already.
    joined: Option<(PathBuf, String)>,
}

impl Surroundings {
    /// Finds the workspace as Cargo does: by the nearest manifest upwards that has one.
    ///
    /// # Errors
    /// If a manifest cannot be read.
    pub(super) fn of(parent: &Path) -> Result<Surroundings, NewError> {
        for dir in parent.ancestors() {
            let manifest = Manifest::read(dir.join("Cargo.toml"))?;
            if manifest.as_ref().is_some_and(Manifest::is_of_workspace) {
                return Ok(Surroundings(manifest));
            }
        }
        Ok(Surroundings(None))
    }

    /// The membership of a crate in `dir`, which configures `suite` if that is given.
    ///
    /// # Errors
    /// If the workspace already has a suite of this name.
    pub(super) fn membership_of(
        &self,
        dir: &Path,
        suite: Option<&String>,
    ) -> Result<Membership, NewError> {
        let Surroundings(Some(manifest)) = self else {
            return Ok(Membership::Alone);
        };
        let root = manifest.path.parent().unwrap_or(Path::new("/"));
        let below = dir.strip_prefix(root).unwrap_or(dir);
        if manifest.excludes(below) {
            return Ok(Membership::Alone);
        }
        let file = Manifest::read(root.join(config::FILE))?;
        let places = [(Some(manifest), SECTION), (file.as_ref(), &[])];
        for (manifest, section) in places {
            if let (Some(manifest), Some(suite)) = (manifest, suite)
                && manifest.has_suite(section, suite)
            {
                return Err(NewError::SuiteExists(manifest.path.clone(), suite.clone()));
            }
        }
        Ok(Membership::Member(Member {
            root: root.to_owned(),
            has_framework: manifest.has_framework(),
            has_file: file.is_some(),
            joined: manifest.with_member(below),
        }))
    }
}

impl Manifest {
    /// Reads a file, if there is one.
    fn read(path: PathBuf) -> Result<Option<Manifest>, NewError> {
        if !path.is_file() {
            return Ok(None);
        }
        let text = fs_err::read_to_string(&path)?;
        match text.parse() {
            Ok(document) => Ok(Some(Manifest { path, document })),
            Err(error) => {
                let error: toml_edit::TomlError = error;
                Err(NewError::Manifest(path, error.message().to_owned()))
            }
        }
    }

    fn is_of_workspace(&self) -> bool {
        self.document.get("workspace").is_some()
    }

    /// Whether it configures a suite in the table with these keys.
    fn has_suite(&self, section: &[&str], suite: &str) -> bool {
        let mut keys = section.iter().chain(&["suites"]);
        let suites = keys.try_fold(self.document.as_item(), |item, key| item.get(key));
        suites.is_some_and(|suites| suites.get(suite).is_some())
    }

    fn workspace(&self) -> &Item {
        &self.document["workspace"]
    }

    fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.workspace().get(key).and_then(Item::as_array);
        let items = list.into_iter().flat_map(Array::iter);
        items.filter_map(Value::as_str).collect()
    }

    fn excludes(&self, below: &Path) -> bool {
        let excluded = self.texts("exclude");
        excluded
            .iter()
            .any(|path| below.starts_with(path.trim_start_matches("./")))
    }

    fn has_framework(&self) -> bool {
        let dependencies = self.workspace().get("dependencies");
        dependencies.is_some_and(|dependencies| dependencies.get("autotest").is_some())
    }

    /// The path and the text of the manifest with another member, unless a pattern includes it already.
    fn with_member(&self, below: &Path) -> Option<(PathBuf, String)> {
        let options = glob::MatchOptions {
            require_literal_separator: true,
            ..glob::MatchOptions::default()
        };
        let matches = |pattern: &&str| {
            let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
            glob::Pattern::new(pattern).is_ok_and(|glob| glob.matches_path_with(below, options))
        };
        if self.texts("members").iter().any(matches) {
            return None;
        }
        let mut document = self.document.clone();
        let members = document["workspace"]["members"].or_insert(Item::from(Array::new()));
        let list = members.as_array_mut()?;
        push(list, &below.to_string_lossy());
        Some((self.path.clone(), document.to_string()))
    }
}

/// Adds a text in the style of the list: on a line of its own if the others are.
fn push(list: &mut Array, text: &str) {
    let last = list.iter().last();
    let before = last.and_then(|last| last.decor().prefix()?.as_str().map(str::to_owned));
    let mut value = Value::from(text);
    match before {
        Some(before) if before.contains('\n') => {
            value.decor_mut().set_prefix(before);
            list.push_formatted(value);
        }
        _ => list.push(value),
    }
}

impl Membership {
    pub(super) fn is_member(&self) -> bool {
        self.root().is_some()
    }

    /// The root of the workspace of which it is a member.
    pub(super) fn root(&self) -> Option<&Path> {
        match self {
            Membership::Alone => None,
            Membership::Member(member) => Some(&member.root),
        }
    }

    /// Whether the workspace has the framework among its dependencies.
    pub(super) fn has_framework(&self) -> bool {
        matches!(self, Membership::Member(member) if member.has_framework)
    }

    /// The table of the new crate's manifest that configures a suite of its tests.
    pub(super) fn suite_table(&self, name: &str) -> String {
        match self {
            Membership::Member(member) if member.has_file => String::new(),
            _ => format!(
                "\n[package.metadata.autotest.suites.{name}]\ndescription = \"All tests of {name}\"\n"
            ),
        }
    }

    /// Makes the crate, which has been written, a member, and adds its suite to `autotest.toml` if the workspace has
    /// that file.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(super) fn join(&self, name: &str, is_suite: bool) -> Result<(), NewError> {
        let Membership::Member(member) = self else {
            return Ok(());
        };
        if let Some((path, text)) = &member.joined {
            replace(path, text)?;
        }
        if is_suite && member.has_file {
            let path = member.root.join(config::FILE);
            let text = fs_err::read_to_string(&path)?;
            let table = format!("\n[suites.{name}]\ncrates = [\"{name}\"]\n");
            replace(
                &path,
                &format!("{}{table}", text.trim_end().to_owned() + "\n"),
            )?;
        }
        Ok(())
    }
}

/// Replaces a file atomically.
fn replace(path: &Path, text: &str) -> Result<(), NewError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let permissions = fs_err::metadata(path)?.permissions();
    let file = tempfile::NamedTempFile::new_in(dir)?;
    fs_err::write(file.path(), text)?;
    fs_err::set_permissions(file.path(), permissions)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
