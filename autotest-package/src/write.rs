//! Makes a suite's package. The same files always make the same bytes.

mod record;

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use bzip2::Compression;
use bzip2::write::BzEncoder;
use tar::{Builder, EntryType, Header};
use tempfile::NamedTempFile;

use crate::checksum::Sha256Sum;
use crate::checksum_list::InvalidLine;
use crate::error::Refusal;
use crate::layout::Layout;
use crate::limits::Limits;
use crate::manifest::{InvalidManifest, Manifest, Mode, PackedFile};
use crate::member_path::MemberPath;
use crate::members::Kind;

pub use record::record_checksum;

/// A package in the making: an executable, a script that starts it, data and licences.
///
/// ```no_run
/// use autotest_package::{Content, Packing};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let executable = Content::File("target/release/bvt".into());
/// let mut packing = Packing::new("bvt", "1.2.0", "x86_64-unknown-linux-musl", executable);
/// packing.data("blobs/small.bin", Content::Bytes(vec![0; 512]))?;
/// packing.write_into("packages".as_ref())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Packing {
    suite: String,
    version: String,
    target: String,
    modified_s: u64,
    files: BTreeMap<String, (Mode, Content)>,
    layout: Layout,
    /// The reason why the executable cannot have the name of the suite.
    refusal: Option<Refusal>,
}

/// The script that starts the executable.
const SCRIPT: &str = "run";

/// The contents of a file to pack.
#[derive(Debug, Clone)]
pub enum Content {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a file, which must not change while it is packed.
    File(PathBuf),
}

/// An error when making a package.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A file that is to be packed cannot be read.
    #[error("failed to read `{path}`: {source}", path = path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The package cannot be written.
    #[error("failed to write the package: {0}")]
    Write(#[source] io::Error),
    /// A path that is not allowed in a package.
    #[error("the file `{path}` {refusal}")]
    File {
        /// Its path in the package.
        path: String,
        /// The reason.
        refusal: Refusal,
    },
    /// The suite's name, version or target cannot be used.
    #[error("the package would have an invalid manifest: {0}")]
    Manifest(#[from] InvalidManifest),
    /// The list of a repository's checksums cannot be read.
    #[error("`packages.checksum`: {0}")]
    List(InvalidLine),
    /// A file changed while it was packed.
    #[error("`{0}` changed while it was packed: try again")]
    Changed(String),
}

impl Packing {
    /// A package with an executable, which gets the name of the suite, and the script `run`, which starts it.
    pub fn new(suite: &str, version: &str, target: &str, executable: Content) -> Packing {
        let run = format!("#!/bin/sh\nexec \"$(dirname \"$0\")/{suite}\" \"$@\"\n");
        let files = [
            (suite.to_owned(), (Mode::Executable, executable)),
            (
                SCRIPT.to_owned(),
                (Mode::Executable, Content::Bytes(run.into_bytes())),
            ),
        ];
        let mut layout = Layout::default();
        layout.take(Manifest::ENTRY);
        layout.take(SCRIPT);
        let refusal = place(&mut layout, suite).err();
        Packing {
            suite: suite.to_owned(),
            version: version.to_owned(),
            target: target.to_owned(),
            modified_s: 0,
            files: BTreeMap::from(files),
            layout,
            refusal,
        }
    }

    /// Sets the modification time of all files, in seconds since 1970: the value of SOURCE_DATE_EPOCH.
    pub fn modified(&mut self, seconds: u64) -> &mut Packing {
        self.modified_s = seconds;
        self
    }

    /// Adds a data file at a path beside the executable.
    pub fn data(&mut self, path: &str, content: Content) -> Result<&mut Packing, WriteError> {
        self.add(path.to_owned(), content)
    }

    /// Adds a licence.
    pub fn license(&mut self, path: &str, content: Content) -> Result<&mut Packing, WriteError> {
        self.add(format!("licenses/{path}"), content)
    }

    fn add(&mut self, path: String, content: Content) -> Result<&mut Packing, WriteError> {
        match place(&mut self.layout, &path) {
            Err(refusal) => Err(WriteError::File { path, refusal }),
            Ok(()) => {
                self.files.insert(path, (Mode::Data, content));
                Ok(self)
            }
        }
    }

    /// Writes the package into a directory, under its name, whole or not at all. Returns its path and its manifest.
    pub fn write_into(&self, dir: &Path) -> Result<(PathBuf, Manifest), WriteError> {
        let mut file = new_file(dir)?;
        let manifest = self.write(&mut file)?;
        let path = dir.join(manifest.file_name());
        file.persist(&path)
            .map_err(|error| WriteError::Write(error.error))?;
        Ok((path, manifest))
    }

    /// Writes the package.
    pub fn write(&self, out: impl Write) -> Result<Manifest, WriteError> {
        let manifest = self.manifest()?;
        let json = serde_json::to_vec_pretty(&manifest)
            .map_err(|error| WriteError::Write(error.into()))?;
        let mut archive = Builder::new(BzEncoder::new(out, Compression::best()));
        let mut header = self.header(Mode::Data, json.len() as u64);
        archive
            .append_data(&mut header, Manifest::ENTRY, json.as_slice())
            .map_err(WriteError::Write)?;
        for (file, (mode, content)) in manifest.files.iter().zip(self.files.values()) {
            let mut header = self.header(*mode, file.size);
            // A file whose size changed is noticed below; any other change is found by the checksum when it is
            // unpacked.
            let mut contents = content.open()?.take(file.size);
            archive
                .append_data(&mut header, &file.path, &mut contents)
                .map_err(WriteError::Write)?;
            if contents.limit() > 0 || content.len()? != file.size {
                return Err(WriteError::Changed(file.path.clone()));
            }
        }
        let compressed = archive.into_inner().map_err(WriteError::Write)?;
        compressed
            .finish()
            .and_then(|mut out| out.flush())
            .map_err(WriteError::Write)?;
        Ok(manifest)
    }

    fn manifest(&self) -> Result<Manifest, WriteError> {
        let files: Result<Vec<PackedFile>, WriteError> = self
            .files
            .iter()
            .map(|(path, (mode, content))| packed_file(path, *mode, content))
            .collect();
        let manifest = Manifest::of([&self.suite, &self.version, &self.target], files?)?;
        match self.refusal.clone() {
            None => Ok(manifest),
            Some(refusal) => Err(WriteError::File {
                path: self.suite.clone(),
                refusal,
            }),
        }
    }

    fn header(&self, mode: Mode, size: u64) -> Header {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(size);
        header.set_mode(mode.bits());
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(self.modified_s);
        header
    }
}

impl Content {
    fn open(&self) -> Result<Box<dyn Read + '_>, WriteError> {
        match self {
            Content::Bytes(bytes) => Ok(Box::new(bytes.as_slice())),
            Content::File(path) => {
                let file = File::open(path).map_err(reading(path))?;
                Ok(Box::new(file))
            }
        }
    }

    fn len(&self) -> Result<u64, WriteError> {
        match self {
            Content::Bytes(bytes) => Ok(bytes.len() as u64),
            Content::File(path) => fs::metadata(path)
                .map(|file| file.len())
                .map_err(reading(path)),
        }
    }
}

/// Adds a file to a layout, under the rules of unpacking.
fn place(layout: &mut Layout, path: &str) -> Result<(), Refusal> {
    if path == Manifest::ENTRY {
        return Err(Refusal::Reserved);
    }
    let path = MemberPath::parse_plain(path.as_bytes(), &Limits::default())?;
    layout.place(&path, &Kind::File)
}

fn packed_file(path: &str, mode: Mode, content: &Content) -> Result<PackedFile, WriteError> {
    let sha256 = Sha256Sum::of(content.open()?).map_err(|source| WriteError::Read {
        path: path.into(),
        source,
    })?;
    Ok(PackedFile {
        path: path.to_owned(),
        size: content.len()?,
        sha256,
        mode,
    })
}

/// Creates a file with a temporary name.
fn new_file(dir: &Path) -> Result<NamedTempFile, WriteError> {
    tempfile::Builder::new()
        .prefix(".packing-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(dir)
        .map_err(WriteError::Write)
}

fn reading(path: &Path) -> impl FnOnce(io::Error) -> WriteError {
    let path = path.to_owned();
    |source| WriteError::Read { path, source }
}
