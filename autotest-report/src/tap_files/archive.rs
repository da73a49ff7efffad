//! `tap.tar.gz`: an archive of the TAP files. It is reproducible: the same journal gives the same bytes.

use std::io;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use crate::tree::Tree;

/// An archive under construction.
pub(super) struct Archive(Builder<GzEncoder<Vec<u8>>>);

impl Archive {
    pub(super) fn new() -> Archive {
        // The header of the compressed file has no name and no time.
        let out = GzEncoder::new(Vec::new(), Compression::default());
        Archive(Builder::new(out))
    }

    /// Adds a file, last changed at `t`.
    pub(super) fn add(&mut self, path: &str, text: &str, t: f64) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::Regular);
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(t.max(0.0) as u64);
        self.0.append_data(&mut header, path, text.as_bytes())
    }

    pub(super) fn finish(self, tree: &Tree) -> io::Result<()> {
        let archive = self.0.into_inner()?.finish()?;
        tree.write_whole("tap.tar.gz", &archive)
    }
}
