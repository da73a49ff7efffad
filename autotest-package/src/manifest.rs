//! `manifest.json`: the description of a suite's package and its files.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checksum::Sha256Sum;
use crate::error::Refusal;
use crate::limits::Limits;
use crate::member_path::MemberPath;

/// The description of a suite's package and its files. A manifest that was read is valid: its names can be part of a
/// path, and its executable is one of its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    v: u32,
    /// The suite's name.
    pub suite: String,
    /// The suite's version.
    pub version: String,
    /// The Rust target triple for which it was built.
    pub target: String,
    /// The path of the executable, one of `files`.
    pub executable: String,
    /// Every entry except the manifest, sorted by path.
    pub files: Vec<PackedFile>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PackedFile {
    /// The path, relative to the top of the package.
    pub path: String,
    /// The size in bytes.
    pub size: u64,
    /// The sha256 of its contents.
    pub sha256: Sha256Sum,
    /// Its permissions.
    pub mode: Mode,
}

/// The permissions of a file, written in octal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    /// Everybody may read it.
    #[serde(rename = "0644")]
    Data,
    /// Everybody may read and execute it.
    #[serde(rename = "0755")]
    Executable,
}

impl Mode {
    /// The permission bits, as the kernel expects them.
    pub fn bits(self) -> u32 {
        match self {
            Mode::Data => 0o644,
            Mode::Executable => 0o755,
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.bits())
    }
}

/// An error in a manifest.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidManifest {
    /// It is not the JSON of a manifest.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A later version of this format.
    #[error("its format has version {0}, but this program knows version 1: use a newer one")]
    Version(u32),
    /// It is larger than [`Limits::manifest_bytes`].
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// A name that cannot be part of a file's name.
    #[error(
        "its {what} `{value}` is empty or has other characters than letters, digits and `_.+-`"
    )]
    Name {
        /// The name's key.
        what: &'static str,
        /// The name, shortened.
        value: String,
    },
    /// A version that does not begin with a digit, so that the file's name would be ambiguous.
    #[error("its version `{0}` does not begin with a digit")]
    NotAVersion(String),
    /// A path that is refused.
    #[error("its file `{path}` {refusal}")]
    File {
        /// The path, shortened.
        path: String,
        /// The reason.
        refusal: Refusal,
    },
    /// It names no executable file.
    #[error("its executable `{0}` is not one of its files, or has not the mode 0755")]
    Executable(String),
}

impl Manifest {
    /// The name of its entry in the archive.
    pub const ENTRY: &str = "manifest.json";

    /// A manifest of these files.
    #[cfg(feature = "write")]
    pub(crate) fn of(
        names: [&str; 3],
        files: Vec<PackedFile>,
    ) -> Result<Manifest, InvalidManifest> {
        let [suite, version, target] = names.map(str::to_owned);
        let executable = suite.clone();
        let manifest = Manifest {
            v: 1,
            suite,
            version,
            target,
            executable,
            files,
        };
        manifest.validate(&Limits::default())?;
        Ok(manifest)
    }

    /// Reads and validates a manifest.
    pub fn parse(json: &[u8]) -> Result<Manifest, InvalidManifest> {
        Manifest::parse_within(json, &Limits::default())
    }

    pub(crate) fn parse_within(json: &[u8], limits: &Limits) -> Result<Manifest, InvalidManifest> {
        /// A later version may have other keys.
        #[derive(Deserialize)]
        struct Versioned {
            v: u32,
        }
        let Versioned { v } = serde_json::from_slice(json)?;
        if v != 1 {
            return Err(InvalidManifest::Version(v));
        }
        let manifest: Manifest = serde_json::from_slice(json)?;
        manifest.validate(limits)?;
        Ok(manifest)
    }

    /// The name of the package: `SUITE-VERSION-TARGET.tar.bz2`.
    pub fn file_name(&self) -> String {
        format!("{}-{}-{}.tar.bz2", self.suite, self.version, self.target)
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&PackedFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Checks that a package can have this version.
    ///
    /// # Errors
    /// If it does not begin with a digit, or has characters that a version cannot have.
    pub fn check_version(version: &str) -> Result<(), InvalidManifest> {
        check_name("version", version)?;
        match version.starts_with(|first: char| first.is_ascii_digit()) {
            true => Ok(()),
            false => Err(InvalidManifest::NotAVersion(version.to_owned())),
        }
    }

    fn validate(&self, limits: &Limits) -> Result<(), InvalidManifest> {
        check_name("suite", &self.suite)?;
        Manifest::check_version(&self.version)?;
        check_name("target", &self.target)?;
        self.validate_files(limits)?;
        match self.file(&self.executable) {
            Some(file) if file.mode == Mode::Executable => Ok(()),
            _ => Err(InvalidManifest::Executable(crate::error::shown(
                self.executable.as_bytes(),
            ))),
        }
    }

    fn validate_files(&self, limits: &Limits) -> Result<(), InvalidManifest> {
        let mut paths = BTreeSet::new();
        for file in &self.files {
            let checked =
                MemberPath::parse_plain(file.path.as_bytes(), limits).and_then(|path| match paths
                    .insert(path)
                {
                    true if file.path == Manifest::ENTRY => Err(Refusal::Reserved),
                    true => Ok(()),
                    false => Err(Refusal::Twice),
                });
            checked.map_err(|refusal| InvalidManifest::File {
                path: crate::error::shown(file.path.as_bytes()),
                refusal,
            })?;
        }
        Ok(())
    }
}

/// Checks that a name can be part of a file's name, and neither hides the file nor looks like a flag.
fn check_name(what: &'static str, value: &str) -> Result<(), InvalidManifest> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    let begins_well = value.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    match begins_well && value.len() <= 100 && value.chars().all(is_plain) {
        true => Ok(()),
        false => Err(InvalidManifest::Name {
            what,
            value: crate::error::shown(value.as_bytes()),
        }),
    }
}
