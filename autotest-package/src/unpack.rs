//! Unpacks a package into a new directory, which gets its name once everything is checked.

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::checksum::Sha256Sum;
use crate::elf::{Architecture, HEADER_BYTES};
use crate::error::{Error, Refusal};
use crate::layout::Layout;
use crate::manifest::{Manifest, Mode};
use crate::member_path::MemberPath;
use crate::members::{Kind, Member, Members};
use crate::package::Contents;

/// A package that is unpacked and checked, in a directory with a temporary name. It is removed unless it is committed.
#[derive(Debug)]
pub struct Staged {
    dir: TempDir,
    manifest: Option<Manifest>,
}

impl Staged {
    /// The beginning of the temporary name of a directory in which a package is unpacked; random letters follow. A
    /// program that is killed leaves the directory behind.
    pub const PREFIX: &str = ".unpacking-";

    /// The directory, so that callers can add files that are to appear with the package.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The manifest of a suite's package.
    pub fn manifest(&self) -> Option<&Manifest> {
        self.manifest.as_ref()
    }

    /// Gives the directory its name. Only an empty directory may have that name already.
    pub fn commit(self, into: &Path) -> Result<Option<Manifest>, Error> {
        fs::set_permissions(self.path(), Permissions::from_mode(0o755))
            .map_err(Error::writing(self.path()))?;
        fs::rename(self.path(), into).map_err(Error::writing(into))?;
        // The temporary directory is not there any more.
        let _ = self.dir.keep();
        Ok(self.manifest)
    }

    /// Gives the directory its name, and removes the file or directory that has the name now; after an error, that one
    /// still has it.
    pub fn replace(self, into: &Path) -> Result<Option<Manifest>, Error> {
        let parent = into.parent().unwrap_or(Path::new("."));
        let aside = new_dir(parent)?;
        let old = aside.path().join("old");
        let is_moved = match fs::rename(into, &old) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(Error::writing(into)(error)),
        };
        let committed = self.commit(into);
        if committed.is_err() && is_moved {
            // The old package is better than none. If this fails as well, there is nothing left to try.
            let _ = fs::rename(&old, into);
        }
        committed
    }
}

fn new_dir(parent: &Path) -> Result<TempDir, Error> {
    tempfile::Builder::new()
        .prefix(Staged::PREFIX)
        .tempdir_in(parent)
        .map_err(Error::writing(parent))
}

pub(crate) fn stage<R: Read>(
    contents: Contents,
    members: Members<R>,
    parent: &Path,
    architecture: Option<Architecture>,
) -> Result<Staged, Error> {
    let dir = new_dir(parent)?;
    let mut unpacking = Unpacking {
        dir: dir.path().to_owned(),
        layout: Layout::default(),
        members,
    };
    let manifest = match contents {
        Contents::Suite(manifest) => unpacking.suite(&manifest).map(|()| Some(manifest))?,
        Contents::Plain(first) => unpacking.plain(first).map(|()| None)?,
    };
    if let (Some(manifest), Some(architecture)) = (&manifest, architecture) {
        check_architecture(dir.path(), manifest, architecture)?;
    }
    Ok(Staged { dir, manifest })
}

/// The state of unpacking. Symbolic links are made after all files are written, so that nothing is written through a
/// link.
struct Unpacking<R> {
    dir: PathBuf,
    layout: Layout,
    members: Members<R>,
}

impl<R: Read> Unpacking<R> {
    /// Unpacks the files of a manifest, and the manifest.
    fn suite(&mut self, manifest: &Manifest) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(manifest).map_err(io::Error::from);
        let at = self.dir.join(Manifest::ENTRY);
        json.and_then(|json| fs::write(&at, json))
            .map_err(Error::writing(at))?;
        self.layout.take(Manifest::ENTRY);
        let mut left: BTreeMap<&[u8], _> = manifest
            .files
            .iter()
            .map(|file| (file.path.as_bytes(), file))
            .collect();
        while let Some(member) = self.members.next()? {
            let path = member.path(self.members.limits())?;
            self.layout.add(&member, &path, self.members.limits())?;
            let Some(listed) = left.remove(member.raw_path.as_slice()) else {
                return Err(member.refused(Refusal::Unlisted));
            };
            listed.check_header(&member)?;
            let found = self.write(&path, listed.mode)?;
            listed.check_sum(found)?;
        }
        match left.into_keys().next() {
            Some(missing) => Err(Error::entry(missing, Refusal::Missing)),
            None => Ok(()),
        }
    }

    /// Unpacks a package without a manifest.
    fn plain(&mut self, first: Option<Member>) -> Result<(), Error> {
        let mut next = first;
        while let Some(member) = next {
            self.plain_member(&member)?;
            next = self.members.next()?;
        }
        for (link, target) in self.layout.checked_links()? {
            let at = self.dir.join(link.as_str());
            symlink(target, &at).map_err(Error::writing(at))?;
        }
        Ok(())
    }

    fn plain_member(&mut self, member: &Member) -> Result<(), Error> {
        if member.raw_path == Manifest::ENTRY.as_bytes() {
            return Err(member.refused(Refusal::NotFirst));
        }
        let limits = self.members.limits();
        let path = member.path(limits)?;
        if path.is_top() && member.kind == Kind::Directory {
            return Ok(());
        }
        self.layout.add(member, &path, limits)?;
        match &member.kind {
            Kind::File if member.mode & 0o111 != 0 => self.write(&path, Mode::Executable).map(drop),
            Kind::File => self.write(&path, Mode::Data).map(drop),
            Kind::Directory => self.make_dirs(&path),
            Kind::SymbolicLink(_) => self.make_parents(&path),
            Kind::HardLink(of) => self.hard_link(member, &path, of),
        }
    }

    fn hard_link(&self, member: &Member, path: &MemberPath, of: &[u8]) -> Result<(), Error> {
        let of = self.layout.linked_file(member, of, self.members.limits())?;
        self.make_parents(path)?;
        let at = self.dir.join(path.as_str());
        fs::hard_link(self.dir.join(of.as_str()), &at).map_err(Error::writing(at))
    }

    /// Writes the contents of the current entry to a new file.
    fn write(&mut self, path: &MemberPath, mode: Mode) -> Result<Sha256Sum, Error> {
        self.make_parents(path)?;
        let at = self.dir.join(path.as_str());
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&at)
            .map_err(Error::writing(&at))?;
        let mut digest = Sha256::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = self.members.read(&mut buffer)?;
            if read.is_empty() {
                break;
            }
            digest.update(read);
            file.write_all(read).map_err(Error::writing(&at))?;
        }
        // Regardless of the umask.
        file.set_permissions(Permissions::from_mode(mode.bits()))
            .map_err(Error::writing(&at))?;
        Ok(Sha256Sum::finish(digest))
    }

    fn make_parents(&self, path: &MemberPath) -> Result<(), Error> {
        // Usually it exists, and so do those above it.
        match self.dir.join(path.parent()).is_dir() {
            true => Ok(()),
            false => path.ancestors().try_for_each(|dir| self.make_dir(dir)),
        }
    }

    fn make_dirs(&self, path: &MemberPath) -> Result<(), Error> {
        self.make_parents(path)?;
        self.make_dir(path.as_str())
    }

    fn make_dir(&self, path: &str) -> Result<(), Error> {
        let at = self.dir.join(path);
        let made = match fs::create_dir(&at) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(()),
            made => made.and_then(|()| fs::set_permissions(&at, Permissions::from_mode(0o755))),
        };
        made.map_err(Error::writing(at))
    }
}

fn check_architecture(dir: &Path, manifest: &Manifest, wanted: Architecture) -> Result<(), Error> {
    let path = manifest.executable.as_str();
    let at = dir.join(path);
    let mut header = Vec::new();
    File::open(&at)
        .and_then(|file| file.take(HEADER_BYTES as u64).read_to_end(&mut header))
        .map_err(Error::writing(at))?;
    let refusal = match Architecture::of(&header) {
        Some(found) if found == wanted => return Ok(()),
        Some(found) => Refusal::OtherArchitecture(found, wanted),
        None => Refusal::NotElf,
    };
    Err(Error::entry(path.as_bytes(), refusal))
}
