//! Paths of entries: relative, without `..`, and with names that every file system accepts.

use std::fmt;

use crate::error::Refusal;
use crate::limits::Limits;

/// The path of an entry: names joined by `/`, none of them empty, `.` or `..`. Empty for the top directory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct MemberPath(String);

impl MemberPath {
    /// Reads a path as `tar` writes it, which may begin with `./` and end with `/`.
    pub(crate) fn parse(raw: &[u8], limits: &Limits) -> Result<MemberPath, Refusal> {
        if raw.len() > limits.path_bytes {
            return Err(Refusal::PathTooLong(limits.path_bytes));
        }
        let text = text(raw)?;
        if text.is_empty() {
            return Err(Refusal::NoName);
        }
        if text.starts_with('/') {
            return Err(Refusal::Absolute);
        }
        let mut names = Vec::new();
        for name in text.split('/') {
            match name {
                "" | "." => {}
                ".." => return Err(Refusal::ParentDirectory),
                name if name.len() > 255 => return Err(Refusal::NameTooLong),
                name => names.push(name),
            }
        }
        Ok(MemberPath(names.join("/")))
    }

    /// Reads a path that must be written as `MemberPath` displays it.
    pub(crate) fn parse_plain(raw: &[u8], limits: &Limits) -> Result<MemberPath, Refusal> {
        let path = MemberPath::parse(raw, limits)?;
        match path.0.as_bytes() == raw {
            true => Ok(path),
            false => Err(Refusal::NotPlain(path.0)),
        }
    }

    /// The target of a link, relative to the top directory. It is computed lexically, so no directory on the way may be
    /// a link.
    pub(crate) fn link_target(&self, raw: &[u8], limits: &Limits) -> Result<MemberPath, Refusal> {
        let out = || Refusal::LinkOut(crate::error::shown(raw));
        if raw.len() > limits.path_bytes {
            return Err(Refusal::PathTooLong(limits.path_bytes));
        }
        let target = text(raw)?;
        if target.is_empty() || target.starts_with('/') {
            return Err(out());
        }
        let mut names: Vec<&str> = self.parent().split('/').filter(|n| !n.is_empty()).collect();
        for name in target.split('/') {
            match name {
                "" | "." => {}
                ".." => names.pop().map(|_| ()).ok_or_else(out)?,
                name => names.push(name),
            }
        }
        Ok(MemberPath(names.join("/")))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_top(&self) -> bool {
        self.0.is_empty()
    }

    /// The directory above; empty for the top directory.
    pub(crate) fn parent(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// The directories above it, without the top one, outermost first.
    pub(crate) fn ancestors(&self) -> impl Iterator<Item = &str> {
        let slashes = self.0.match_indices('/');
        slashes.map(|(end, _)| &self.0[..end])
    }
}

impl fmt::Display for MemberPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn text(raw: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(raw).map_err(|_| Refusal::NotText)?;
    match text.contains(char::is_control) {
        true => Err(Refusal::NotText),
        false => Ok(text),
    }
}
