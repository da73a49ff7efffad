//! A package that is being read.

use std::io::Read;
use std::path::Path;

use crate::checksum::Sha256Sum;
use crate::elf::Architecture;
use crate::error::{Error, Refusal};
use crate::limits::Limits;
use crate::manifest::{InvalidManifest, Manifest, PackedFile};
use crate::members::{Kind, Member, Members};
use crate::unpack::{self, Staged};

/// A package that is being read, from its first byte to its last. It may be a suite's, with a manifest, or one of the
/// original.
///
/// All methods that read it refuse:
/// - paths that are absolute, have `..`, control characters or names that are too long;
/// - links out of the package, or through other links; devices, pipes, setuid and setgid;
/// - two entries with the same path, also in another case, and entries below something that is not a directory;
/// - more bytes, entries or headers than the [`Limits`] allow, counted as they are decompressed;
/// - sizes that an extended header claims, and sparse files;
/// - an archive that is truncated or corrupt, or continues after its end.
///
/// In a suite's package, every entry must also be in the manifest, with its size, sha256 and mode, and none
/// may be missing.
pub struct Package<R> {
    contents: Contents,
    members: Members<R>,
}

/// The contents of the archive that have not been read yet.
pub(crate) enum Contents {
    /// The files of a manifest, which has been read.
    Suite(Manifest),
    /// Any entries. The first entry's header has been read.
    Plain(Option<Member>),
}

impl<R: Read> Package<R> {
    /// Reads the beginning of a package: its manifest, if it has one.
    pub fn open(input: R, limits: Limits) -> Result<Package<R>, Error> {
        let mut members = Members::new(input, limits);
        let contents = match members.next()? {
            Some(first) if first.raw_path == Manifest::ENTRY.as_bytes() => {
                Contents::Suite(read_manifest(&mut members, &first)?)
            }
            first => Contents::Plain(first),
        };
        Ok(Package { contents, members })
    }

    /// The manifest of a suite's package; `None` for one of the original.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.contents {
            Contents::Suite(manifest) => Some(manifest),
            Contents::Plain(_) => None,
        }
    }

    /// Reads one file of a suite's package and checks it. The rest of the archive is not read.
    pub fn read_file(mut self, path: &str, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let Contents::Suite(manifest) = self.contents else {
            return Err(Error::NoManifest);
        };
        let missing = || Error::entry(path.as_bytes(), Refusal::Missing);
        let listed = manifest.file(path).ok_or_else(missing)?;
        while let Some(member) = self.members.next()? {
            if member.raw_path == path.as_bytes() {
                return read_listed(&mut self.members, &member, listed, limit_bytes);
            }
        }
        Err(missing())
    }

    /// Reads the executable of a suite's package and checks it.
    pub fn read_executable(self, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let manifest = self.manifest().ok_or(Error::NoManifest)?;
        let executable = manifest.executable.clone();
        self.read_file(&executable, limit_bytes)
    }

    /// Unpacks everything into a new directory in `parent`, which must exist, and checks all of it. If that fails, the
    /// new directory is removed. With an `architecture`, the executable must be for it.
    pub fn stage(self, parent: &Path, architecture: Option<Architecture>) -> Result<Staged, Error> {
        unpack::stage(self.contents, self.members, parent, architecture)
    }
}

fn read_manifest<R: Read>(members: &mut Members<R>, member: &Member) -> Result<Manifest, Error> {
    if member.kind != Kind::File {
        return Err(member.refused(Refusal::NotAFile(member.kind.name())));
    }
    let most = members.limits().manifest_bytes;
    if member.size > most {
        return Err(InvalidManifest::TooLarge(most).into());
    }
    let json = read_contents(members)?;
    Ok(Manifest::parse_within(&json, members.limits())?)
}

fn read_listed<R: Read>(
    members: &mut Members<R>,
    member: &Member,
    listed: &PackedFile,
    limit_bytes: u64,
) -> Result<Vec<u8>, Error> {
    listed.check_header(member)?;
    if member.size > limit_bytes {
        return Err(member.refused(Refusal::TooLarge(limit_bytes)));
    }
    let contents = read_contents(members)?;
    // Reading from memory does not fail.
    let found = Sha256Sum::of(contents.as_slice()).map_err(Error::Read)?;
    listed.check_sum(found)?;
    Ok(contents)
}

/// Reads all contents of the current entry, whose size has been checked. Memory grows with the actual contents.
fn read_contents<R: Read>(members: &mut Members<R>) -> Result<Vec<u8>, Error> {
    let mut contents = Vec::new();
    let mut buffer = vec![0; 64 << 10];
    loop {
        match members.read(&mut buffer)? {
            [] => return Ok(contents),
            read => contents.extend_from_slice(read),
        }
    }
}

impl PackedFile {
    /// Checks that the header of an entry matches this file.
    pub(crate) fn check_header(&self, member: &Member) -> Result<(), Error> {
        let refusal = if member.kind != Kind::File {
            Refusal::NotAFile(member.kind.name())
        } else if member.size != self.size {
            Refusal::Size(member.size, self.size)
        } else if member.mode != self.mode.bits() {
            Refusal::OtherMode(member.mode, self.mode)
        } else {
            return Ok(());
        };
        Err(member.refused(refusal))
    }

    pub(crate) fn check_sum(&self, found: Sha256Sum) -> Result<(), Error> {
        let expected = self.sha256;
        match found == expected {
            true => Ok(()),
            false => Err(Error::entry(
                self.path.as_bytes(),
                Refusal::Checksum { found, expected },
            )),
        }
    }
}
