//! Compresses a core file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use rustix::fs::SeekFrom;

use super::crash_dir::create;

/// The size of the blocks to compress.
const BLOCK_BYTES: usize = 1 << 20;

/// Replaces the file `core` of a directory by `core.gz`. A gzip file may consist of several members: each block of a
/// hole is a copy of the same member, so holes take no time.
pub(super) fn compress(dir: &Path) -> io::Result<()> {
    let (from, to) = (dir.join("core"), dir.join("core.gz"));
    let compressed = write(&File::open(&from)?, create(&to)?);
    match compressed {
        Ok(()) => fs::remove_file(from),
        Err(error) => {
            let _ = fs::remove_file(to);
            Err(error)
        }
    }
}

fn write(from: &File, mut to: impl Write) -> io::Result<()> {
    let length = from.metadata()?.len();
    let hole = member(&vec![0; BLOCK_BYTES], Compression::best())?;
    let mut block = vec![0; BLOCK_BYTES];
    let mut at = 0;
    while at < length {
        let data = data_from(from, at).unwrap_or(length);
        while at + BLOCK_BYTES as u64 <= data {
            to.write_all(&hole)?;
            at += BLOCK_BYTES as u64;
        }
        let rest = usize::try_from(length - at).unwrap_or(usize::MAX);
        let block = &mut block[..rest.min(BLOCK_BYTES)];
        from.read_exact_at(block, at)?;
        to.write_all(&member(block, Compression::fast())?)?;
        at += block.len() as u64;
    }
    Ok(())
}

/// The offset of the next data; `None` if only a hole follows. On a file system without holes, everything is data.
fn data_from(file: &File, at: u64) -> Option<u64> {
    match rustix::fs::seek(file, SeekFrom::Data(at)) {
        Ok(data) => Some(data),
        Err(rustix::io::Errno::NXIO) => None,
        Err(_) => Some(at),
    }
}

fn member(block: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(block)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn holes_take_almost_no_space() {
        let length = (20 << 20) + 5;
        let core = tempfile::tempfile().unwrap();
        core.set_len(length).unwrap();
        core.write_all_at(b"data", 7 << 20).unwrap();
        core.write_all_at(b"end", length - 3).unwrap();
        let mut compressed = Vec::new();
        write(&core, &mut compressed).unwrap();
        assert!(compressed.len() < 50 << 10, "{}", compressed.len());
        let mut again = Vec::new();
        MultiGzDecoder::new(&*compressed)
            .read_to_end(&mut again)
            .unwrap();
        let mut expected = vec![0; again.len()];
        expected[7 << 20..(7 << 20) + 4].copy_from_slice(b"data");
        expected[again.len() - 3..].copy_from_slice(b"end");
        assert_eq!(again.len() as u64, length);
        assert!(again == expected);
    }
}
