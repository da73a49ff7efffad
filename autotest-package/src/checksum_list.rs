//! `packages.checksum`: the checksums of a repository's packages, which is also the list of the packages.

use std::fmt;

use crate::checksum::Checksum;

/// The lines of a `packages.checksum`, in their order: a checksum, a space and the name of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChecksumList(Vec<(Checksum, String)>);

/// A line that is not a checksum and a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a checksum and the name of a file")]
pub struct InvalidLine {
    /// Counted from 1.
    pub line: usize,
}

impl ChecksumList {
    /// The file's name in a repository.
    pub const FILE_NAME: &str = "packages.checksum";

    /// The suffix that turns the name of a package into that of the file with only its checksum.
    pub const SIDECAR_SUFFIX: &str = ".checksum";

    /// Reads the file. The order of its lines is arbitrary; empty ones are skipped, and a `*` before a name,
    /// as `sha256sum --binary` writes it, is dropped.
    pub fn parse(text: &str) -> Result<ChecksumList, InvalidLine> {
        let lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        lines
            .map(|(index, line)| parse_line(line).ok_or(InvalidLine { line: index + 1 }))
            .collect::<Result<_, _>>()
            .map(ChecksumList)
    }

    /// Reads the file beside a package, which has its checksum, alone or followed by its name.
    pub fn parse_sidecar(text: &str) -> Result<Checksum, InvalidLine> {
        let first = text.split_whitespace().next();
        first
            .and_then(|checksum| checksum.parse().ok())
            .ok_or(InvalidLine { line: 1 })
    }

    /// All checksums of a package. If there is a sha256, the md5 is not needed.
    pub fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Checksum> + 'a {
        let lines = self.0.iter().filter(move |(_, of)| of == name);
        lines.map(|(checksum, _)| *checksum)
    }

    /// The checksum by which a package is checked: the last sha256, otherwise the last md5.
    pub fn best(&self, name: &str) -> Option<Checksum> {
        let sha256 = self
            .of(name)
            .filter(|checksum| matches!(checksum, Checksum::Sha256(_)))
            .last();
        sha256.or_else(|| self.of(name).last())
    }

    /// The names of the files, in the order of the lines. A name may occur twice.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, name)| name.as_str())
    }

    /// Replaces all checksums of a package by this one.
    pub fn set(&mut self, name: &str, checksum: Checksum) {
        self.0.retain(|(_, of)| of != name);
        self.0.push((checksum, name.to_owned()));
    }
}

impl fmt::Display for ChecksumList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = self.0.iter();
        lines.try_for_each(|(checksum, name)| writeln!(f, "{checksum} {name}"))
    }
}

fn parse_line(line: &str) -> Option<(Checksum, String)> {
    let (checksum, name) = line.trim().split_once(char::is_whitespace)?;
    let name = name.trim_start().trim_start_matches('*');
    let is_name = !name.is_empty() && !name.contains('/');
    is_name.then(|| Some((checksum.parse().ok()?, name.to_owned())))?
}
