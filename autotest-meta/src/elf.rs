//! Finds the section `autotest_meta`.
//!
//! It reads only headers, the names of sections and the section itself, so that the size of a binary does not matter.
//! This module must not know what the section contains.

use std::borrow::Cow;
use std::io::{self, Read, Seek};

use object::Endianness;
use object::elf::{FileHeader32, FileHeader64};
use object::read::archive::ArchiveFile;
use object::read::elf::{FileHeader, SectionHeader};
use object::read::{FileKind, ReadCache, ReadRef};

use autotest_package::Architecture;

use crate::error::Problem;

/// The maximum size of the section, in bytes: a hundred times that of a suite with a thousand tests.
pub const MAX_BYTES: u64 = 32 << 20;

/// The maximum number of sections in a file.
pub const MAX_SECTIONS: u32 = 1 << 17;

/// The maximum size of an archive (`.rlib`, `.a`), in bytes. Unlike other files, it is read as a whole.
pub const MAX_ARCHIVE_BYTES: u64 = 256 << 20;

const NAME: &[u8] = b"autotest_meta\0";

/// The section of a file.
#[derive(Default)]
pub(crate) struct Section<'a> {
    pub(crate) text: Cow<'a, [u8]>,
    /// `None` until an ELF file has been seen.
    pub(crate) architecture: Option<Architecture>,
}

impl<'a> Section<'a> {
    /// Reads the section of an open file, and calls `then` with it.
    pub(crate) fn of_reader<R: Read + Seek, T>(
        mut file: R,
        then: impl FnOnce(&Section<'_>) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        let cache = ReadCache::new(&mut file);
        match FileKind::parse(&cache) {
            Ok(FileKind::Archive) => {
                drop(cache);
                then(&Section::of_bytes(&whole(&mut file)?)?)
            }
            Ok(kind) => then(&Section::of_elf(kind, &cache)?),
            Err(_) => Err(Problem::NotElf),
        }
    }

    /// Reads the section from the content of a file.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Result<Section<'a>, Problem> {
        match FileKind::parse(bytes) {
            Ok(FileKind::Archive) => Section::of_archive(bytes),
            Ok(kind) => Section::of_elf(kind, bytes),
            Err(_) => Err(Problem::NotElf),
        }
    }

    fn of_elf<R: ReadRef<'a>>(kind: FileKind, data: R) -> Result<Section<'a>, Problem> {
        let mut section = Section::default();
        section.add(kind, data)?;
        section.or_none()
    }

    fn of_archive(bytes: &'a [u8]) -> Result<Section<'a>, Problem> {
        let damaged = |error: object::Error| Problem::Damaged(error.to_string());
        let archive = ArchiveFile::parse(bytes).map_err(damaged)?;
        let mut section = Section::default();
        for member in archive.members() {
            let data = member.and_then(|member| member.data(bytes));
            let data = data.map_err(damaged)?;
            // An `.rlib` also contains Rust's own metadata, which is not ELF.
            if let Ok(kind @ (FileKind::Elf32 | FileKind::Elf64)) = FileKind::parse(data) {
                section.add(kind, data)?;
            }
        }
        section.or_none()
    }

    fn or_none(self) -> Result<Section<'a>, Problem> {
        match self.text.is_empty() {
            true => Err(Problem::NoSection),
            false => Ok(self),
        }
    }

    /// Adds the sections of an ELF file.
    fn add<R: ReadRef<'a>>(&mut self, kind: FileKind, data: R) -> Result<(), Problem> {
        match kind {
            FileKind::Elf32 => self.add_sections::<FileHeader32<Endianness>, R>(data),
            FileKind::Elf64 => self.add_sections::<FileHeader64<Endianness>, R>(data),
            _ => Err(Problem::NotElf),
        }
    }

    /// Adds all sections with the name, since an object file may have several.
    fn add_sections<Elf, R>(&mut self, data: R) -> Result<(), Problem>
    where
        Elf: FileHeader<Endian = Endianness>,
        R: ReadRef<'a>,
    {
        let damaged = |error: object::Error| Problem::Damaged(error.to_string());
        let header = Elf::parse(data).map_err(damaged)?;
        let endian = header.endian().map_err(damaged)?;
        self.architecture.get_or_insert(Architecture::new(
            header.e_machine(endian).0,
            header.is_class_64(),
            header.is_little_endian(),
        ));
        if header.shnum(endian, data).map_err(damaged)? > MAX_SECTIONS {
            return Err(Problem::Damaged("there are too many sections".to_owned()));
        }
        let sections = header.section_headers(endian, data).map_err(damaged)?;
        if sections.is_empty() {
            return Ok(());
        }
        let names = header.shstrndx(endian, data).map_err(damaged)?;
        let Some(names) = sections.get(names as usize) else {
            return Err(Problem::Damaged(
                "the names of sections are missing".to_owned(),
            ));
        };
        let names = content(names, endian, data)?;
        for section in sections {
            let name = names.get(section.sh_name(endian) as usize..);
            if name.is_some_and(|name| name.starts_with(NAME)) {
                let content = content(section, endian, data)?;
                self.append(content)?;
            }
        }
        Ok(())
    }

    /// Appends text. A single section, as executables have, is not copied.
    fn append(&mut self, text: &'a [u8]) -> Result<(), Problem> {
        if (self.text.len() + text.len()) as u64 > MAX_BYTES {
            return Err(Problem::TooLarge);
        }
        match self.text.is_empty() {
            true => self.text = Cow::Borrowed(text),
            false => self.text.to_mut().extend_from_slice(text),
        }
        Ok(())
    }
}

/// The content of a section, unless it is too large.
fn content<'a, S, R>(section: &S, endian: Endianness, data: R) -> Result<&'a [u8], Problem>
where
    S: SectionHeader<Endian = Endianness>,
    R: ReadRef<'a>,
{
    if section.sh_size(endian).into() > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    let content = section.data(endian, data);
    content.map_err(|error| Problem::Damaged(error.to_string()))
}

fn whole<R: Read + Seek>(file: &mut R) -> Result<Vec<u8>, Problem> {
    file.rewind()?;
    let mut bytes = Vec::new();
    file.take(MAX_ARCHIVE_BYTES + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > MAX_ARCHIVE_BYTES {
        true => Err(io::Error::other("it is an archive of more than 256 MiB").into()),
        false => Ok(bytes),
    }
}
