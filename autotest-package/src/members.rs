//! Reads the entries of an archive, one after the other. Each header is checked before anything in it is used.
//!
//! The crate `tar` only decodes the fields of headers. It does not read the archive, because it would accept long names
//! of any length, overlook data after the end, and skip headers that contradict each other.

mod blocks;
mod extended;

use std::io::Read;

use tar::{EntryType, Header};

use crate::error::{Error, Refusal};
use crate::limits::Limits;
use crate::member_path::MemberPath;
use blocks::{BLOCK_BYTES, Blocks};
use extended::Extended;

/// The maximum size of an extended header, in bytes, in addition to the paths in it.
const EXTENDED_BYTES: u64 = 16 << 10;

/// An entry. Its contents are read from [`Members`].
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The path as it is in the archive.
    pub(crate) raw_path: Vec<u8>,
    pub(crate) kind: Kind,
    /// The size in bytes; 0 except for a file.
    pub(crate) size: u64,
    /// The permissions.
    pub(crate) mode: u32,
}

/// The kind of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Directory,
    /// With its target, as it is in the archive.
    SymbolicLink(Vec<u8>),
    /// With the path of an earlier entry.
    HardLink(Vec<u8>),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Kind::File => "file",
            Kind::Directory => "directory",
            Kind::SymbolicLink(_) => "symbolic link",
            Kind::HardLink(_) => "hard link",
        }
    }
}

impl Member {
    /// An error about this entry.
    pub(crate) fn refused(&self, refusal: Refusal) -> Error {
        Error::entry(&self.raw_path, refusal)
    }

    pub(crate) fn path(&self, limits: &Limits) -> Result<MemberPath, Error> {
        MemberPath::parse(&self.raw_path, limits).map_err(|refusal| self.refused(refusal))
    }
}

/// The entries of an archive.
pub(crate) struct Members<R> {
    blocks: Blocks<R>,
    limits: Limits,
    seen: usize,
    /// The unread contents of the current entry, and the padding after them.
    unread_bytes: u64,
    padding_bytes: usize,
}

impl<R: Read> Members<R> {
    pub(crate) fn new(input: R, limits: Limits) -> Members<R> {
        Members {
            blocks: Blocks::new(input, &limits),
            limits,
            seen: 0,
            unread_bytes: 0,
            padding_bytes: 0,
        }
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The next entry. `None` at the end of the archive, which is checked to be also the end of the file.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, Error> {
        let mut extended = Extended::default();
        loop {
            self.skip_contents()?;
            let Some(header) = self.header()? else {
                return match extended.is_empty() {
                    true => Ok(None),
                    false => Err(Error::Corrupt("a long name belongs to no entry".to_owned())),
                };
            };
            match header.entry_type() {
                EntryType::GNULongName => extended.long_path(self.extended_header()?)?,
                EntryType::GNULongLink => extended.long_link(self.extended_header()?)?,
                EntryType::XHeader => extended.pax(&self.extended_header()?)?,
                EntryType::XGlobalHeader => extended::check_global(&self.extended_header()?)?,
                _ => return self.member(&header, extended).map(Some),
            }
        }
    }

    /// Reads contents of the current entry. Returns nothing at their end.
    pub(crate) fn read<'b>(&mut self, buffer: &'b mut [u8]) -> Result<&'b [u8], Error> {
        let most = self.unread_bytes.min(buffer.len() as u64) as usize;
        let buffer = &mut buffer[..most];
        self.blocks.fill(buffer)?;
        self.unread_bytes -= most as u64;
        Ok(buffer)
    }

    fn header(&mut self) -> Result<Option<Header>, Error> {
        let block = self.blocks.header()?;
        if block == [0; BLOCK_BYTES] {
            // A second block of zeros follows, but some programs leave it out.
            self.blocks.end()?;
            return Ok(None);
        }
        let header = Header::from_byte_slice(&block).clone();
        let mut counted = header.clone();
        counted.set_cksum();
        let corrupt = |_| Error::Corrupt("a header has an invalid number".to_owned());
        if header.cksum().map_err(corrupt)? != counted.cksum().map_err(corrupt)? {
            return Err(Error::Corrupt("a header has a wrong checksum".to_owned()));
        }
        self.unread_bytes = header.entry_size().map_err(corrupt)?;
        self.padding_bytes =
            (BLOCK_BYTES - (self.unread_bytes % BLOCK_BYTES as u64) as usize) % BLOCK_BYTES;
        self.seen += 1;
        // Each entry may have one or two extended headers.
        match self.seen > 3 * self.limits.entries {
            true => Err(Error::TooManyEntries(self.limits.entries)),
            false => Ok(Some(header)),
        }
    }

    fn extended_header(&mut self) -> Result<Vec<u8>, Error> {
        let most = 2 * self.limits.path_bytes as u64 + EXTENDED_BYTES;
        if self.unread_bytes > most {
            let long = format!("an extended header has more than {most} bytes");
            return Err(Error::Corrupt(long));
        }
        let mut contents = vec![0; self.unread_bytes as usize];
        self.read(&mut contents)?;
        Ok(contents)
    }

    fn member(&self, header: &Header, extended: Extended) -> Result<Member, Error> {
        let raw_path = extended
            .path
            .unwrap_or_else(|| header.path_bytes().into_owned());
        let link = || {
            let short = || header.link_name_bytes().unwrap_or_default().into_owned();
            extended.link.unwrap_or_else(short)
        };
        let refused = |refusal| Error::entry(&raw_path, refusal);
        let kind = match header.entry_type() {
            EntryType::Regular | EntryType::Continuous => Kind::File,
            EntryType::Directory => Kind::Directory,
            EntryType::Symlink => Kind::SymbolicLink(link()),
            EntryType::Link => Kind::HardLink(link()),
            other => return Err(refused(Refusal::Special(special(other)))),
        };
        let mode = header
            .mode()
            .map_err(|_| refused(Refusal::Special("file with an invalid mode")))?;
        if mode & 0o6000 != 0 {
            return Err(refused(Refusal::SetId));
        }
        if kind != Kind::File && self.unread_bytes > 0 {
            return Err(refused(Refusal::HasContents(kind.name())));
        }
        Ok(Member {
            raw_path,
            kind,
            size: self.unread_bytes,
            mode: mode & 0o1777,
        })
    }

    fn skip_contents(&mut self) -> Result<(), Error> {
        let mut buffer = [0; 8 << 10];
        while !self.read(&mut buffer)?.is_empty() {}
        let padding = std::mem::take(&mut self.padding_bytes);
        self.blocks.fill(&mut buffer[..padding])
    }
}

fn special(entry: EntryType) -> &'static str {
    match entry {
        EntryType::Char | EntryType::Block => "device node",
        EntryType::Fifo => "named pipe",
        EntryType::GNUSparse => "sparse file",
        _ => "kind of entry that is not known",
    }
}
