//! The source from which a new crate gets the framework.

use std::fmt;
use std::path::{Path, PathBuf};

use super::NewError;
use super::surroundings::Membership;
use crate::cli::FrameworkArgs;

/// The package that has the library `autotest`.
const PACKAGE: &str = "autotest-runtime";

/// A source of the framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Framework {
    /// The workspace's own dependency.
    Workspace,
    Path(PathBuf),
    Git(String),
    /// crates.io. Nothing is published there yet.
    Published,
}

impl Framework {
    /// Chooses the source that the user names; otherwise the workspace's dependency; otherwise the checkout of this
    /// program; otherwise crates.io.
    ///
    /// # Errors
    /// If the directory that the user names does not contain the framework.
    pub(super) fn choose(
        args: &FrameworkArgs,
        membership: &Membership,
        dir: &Path,
    ) -> Result<Framework, NewError> {
        if let Some(path) = &args.path {
            let found = checked(path).ok_or_else(|| NewError::NoFramework(path.clone()))?;
            return Ok(Framework::Path(seen_from(&found, dir)));
        }
        Ok(match &args.git {
            Some(url) => Framework::Git(url.clone()),
            None if membership.has_framework() => Framework::Workspace,
            None => match checkout() {
                Some(found) => Framework::Path(seen_from(&found, dir)),
                None => Framework::Published,
            },
        })
    }

    /// The dependency, as it is written in a manifest.
    pub(super) fn dependency(&self) -> String {
        let text = |text: &str| toml_edit::Value::from(text).to_string();
        match self {
            Framework::Workspace => "{ workspace = true }".to_owned(),
            Framework::Path(path) => {
                let path = text(&path.to_string_lossy());
                format!("{{ package = \"{PACKAGE}\", path = {path} }}")
            }
            Framework::Git(url) => format!("{{ package = \"{PACKAGE}\", git = {} }}", text(url)),
            Framework::Published => {
                let version = env!("CARGO_PKG_VERSION");
                format!("{{ package = \"{PACKAGE}\", version = \"{version}\" }}")
            }
        }
    }
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Framework::Workspace => f.write_str("the workspace's dependency `autotest`"),
            Framework::Path(path) => write!(f, "{}", path.display()),
            Framework::Git(url) => f.write_str(url),
            Framework::Published => write!(
                f,
                "{PACKAGE} of crates.io, which is not published yet: until then, edit the dependency in \
                 Cargo.toml, or make the crate with --path or --git"
            ),
        }
    }
}

/// Finds the framework in a directory, which may be that of its crate or of its checkout.
fn checked(path: &Path) -> Option<PathBuf> {
    let path = fs_err::canonicalize(path).ok()?;
    [path.clone(), path.join(PACKAGE)]
        .into_iter()
        .find(|dir| has_framework(dir))
}

/// The framework of the checkout from which this program was built, if it is still there.
fn checkout() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    checked(own.parent()?)
}

fn has_framework(dir: &Path) -> bool {
    let manifest = fs_err::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml_edit::DocumentMut = manifest.parse().unwrap_or_default();
    let name = manifest
        .get("package")
        .and_then(|package| package.get("name"));
    name.and_then(|name| name.as_str()) == Some(PACKAGE)
}

/// The path of the framework for a crate in `dir`: relative within the framework's checkout, so that the checkout can
/// be moved.
fn seen_from(framework: &Path, dir: &Path) -> PathBuf {
    let checkout = framework.parent().unwrap_or(framework);
    let Ok(below) = dir.strip_prefix(checkout) else {
        return framework.to_owned();
    };
    let mut path: PathBuf = below.iter().map(|_| "..").collect();
    path.extend(framework.file_name());
    path
}
