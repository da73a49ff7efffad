//! Keeps the entries of an archive so far, and checks that the next one fits in. Unpacking and packing refuse the same
//! paths.

use std::collections::{BTreeMap, HashMap};

use crate::error::{Error, Refusal, shown};
use crate::limits::Limits;
use crate::member_path::MemberPath;
use crate::members::{Kind, Member};

/// The entries so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layout {
    entries: BTreeMap<String, Known>,
    /// The path of each entry and directory by its lower-case form.
    by_lower_case: HashMap<String, String>,
    links: Vec<Link>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    File,
    Directory,
    /// A directory that only exists because an entry is in it. Its own entry may still follow.
    Parent,
    Link,
}

#[derive(Debug, Clone)]
struct Link {
    path: MemberPath,
    target: MemberPath,
    /// The target as it is in the archive.
    raw_target: String,
}

/// The file with this name is written when a package is installed.
const RESERVED: &str = ".checksum";

impl Layout {
    /// Reserves a name that no entry may have.
    pub(crate) fn take(&mut self, name: &str) {
        self.insert(name, Known::File);
    }

    /// Adds an entry. Refuses one that exceeds the limit, contradicts an earlier entry or links out of the package.
    pub(crate) fn add(
        &mut self,
        member: &Member,
        path: &MemberPath,
        limits: &Limits,
    ) -> Result<(), Error> {
        let added = checked_slash(member, path)
            .and_then(|()| self.place(path, &member.kind))
            .and_then(|()| self.add_link(path, &member.kind, limits));
        added.map_err(|refusal| member.refused(refusal))?;
        // Directories count, too, since each entry could add hundreds of them.
        match self.entries.len() > limits.entries {
            true => Err(Error::TooManyEntries(limits.entries)),
            false => Ok(()),
        }
    }

    /// Adds an entry and the directories above it, or nothing if one of them contradicts an earlier entry.
    pub(crate) fn place(&mut self, path: &MemberPath, kind: &Kind) -> Result<(), Refusal> {
        if path.is_top() {
            return Err(Refusal::NoName);
        }
        if path.as_str() == RESERVED {
            return Err(Refusal::Reserved);
        }
        let missing = self.missing_parents(path)?;
        let known = match kind {
            Kind::File | Kind::HardLink(_) => Known::File,
            Kind::Directory => Known::Directory,
            Kind::SymbolicLink(_) => Known::Link,
        };
        match self.entries.get(path.as_str()) {
            None => self.check_case(path.as_str())?,
            Some(Known::Parent) if known == Known::Directory => {}
            Some(_) => return Err(Refusal::Twice),
        }
        for dir in missing {
            self.insert(dir, Known::Parent);
        }
        self.insert(path.as_str(), known);
        Ok(())
    }

    /// The directories above a path that are not known yet.
    fn missing_parents<'p>(&self, path: &'p MemberPath) -> Result<Vec<&'p str>, Refusal> {
        let mut missing = Vec::new();
        if let Some(Known::Directory | Known::Parent) = self.entries.get(path.parent()) {
            // Then those above it are known, too.
            return Ok(missing);
        }
        for dir in path.ancestors() {
            match self.entries.get(dir) {
                Some(Known::Directory | Known::Parent) => {}
                Some(Known::File | Known::Link) => {
                    return Err(Refusal::BelowAFile(dir.to_owned()));
                }
                None => {
                    self.check_case(dir)?;
                    missing.push(dir);
                }
            }
        }
        Ok(missing)
    }

    fn check_case(&self, path: &str) -> Result<(), Refusal> {
        match self.by_lower_case.get(&path.to_lowercase()) {
            Some(other) => Err(Refusal::OnlyCase(other.clone())),
            None => Ok(()),
        }
    }

    fn insert(&mut self, path: &str, known: Known) {
        self.by_lower_case
            .insert(path.to_lowercase(), path.to_owned());
        self.entries.insert(path.to_owned(), known);
    }

    fn add_link(&mut self, path: &MemberPath, kind: &Kind, limits: &Limits) -> Result<(), Refusal> {
        if let Kind::SymbolicLink(raw) = kind {
            let target = path.link_target(raw, limits)?;
            let raw_target = String::from_utf8_lossy(raw).into_owned();
            self.links.push(Link {
                path: path.clone(),
                target,
                raw_target,
            });
        }
        Ok(())
    }

    /// The earlier file for which a hard link is another name.
    pub(crate) fn linked_file(
        &self,
        member: &Member,
        of: &[u8],
        limits: &Limits,
    ) -> Result<MemberPath, Error> {
        let path = MemberPath::parse(of, limits).ok();
        let is_other = |path: &MemberPath| path.as_str().as_bytes() != member.raw_path;
        path.filter(|path| self.entries.get(path.as_str()) == Some(&Known::File) && is_other(path))
            .ok_or_else(|| member.refused(Refusal::LinkOut(shown(of))))
    }

    /// All symbolic links, with their targets as the archive has them. Each must lead to an entry through directories
    /// alone: after another link, `..` would lead elsewhere than it seems.
    pub(crate) fn checked_links(&self) -> Result<impl Iterator<Item = (&MemberPath, &str)>, Error> {
        for link in &self.links {
            let is_direct = self.passes_only_directories(link);
            let leads_to_entry =
                link.target.is_top() || self.entries.contains_key(link.target.as_str());
            if !is_direct || !leads_to_entry {
                let refusal = Refusal::LinkOut(shown(link.raw_target.as_bytes()));
                return Err(Error::entry(link.path.as_str().as_bytes(), refusal));
            }
        }
        Ok(self
            .links
            .iter()
            .map(|link| (&link.path, link.raw_target.as_str())))
    }

    /// Whether each name on the way to the target, except the last, is a directory, not a link.
    fn passes_only_directories(&self, link: &Link) -> bool {
        let mut at: Vec<&str> = link.path.as_str().split('/').collect();
        at.pop();
        let names: Vec<&str> = link
            .raw_target
            .split('/')
            .filter(|n| !matches!(*n, "" | "."))
            .collect();
        let Some((_, on_the_way)) = names.split_last() else {
            return true;
        };
        on_the_way.iter().all(|name| {
            match *name {
                ".." => drop(at.pop()),
                name => at.push(name),
            }
            let path = at.join("/");
            path.is_empty()
                || matches!(
                    self.entries.get(&path),
                    Some(Known::Directory | Known::Parent)
                )
        })
    }
}

/// Refuses a slash after the name of an entry that is no directory.
fn checked_slash(member: &Member, path: &MemberPath) -> Result<(), Refusal> {
    match member.kind != Kind::Directory && !path.is_top() && member.raw_path.ends_with(b"/") {
        true => Err(Refusal::NotPlain(path.as_str().to_owned())),
        false => Ok(()),
    }
}
