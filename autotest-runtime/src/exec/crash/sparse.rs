//! Copies a core dump to a sparse file, up to limits.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::time::{Duration, Instant};

/// The limit on the data that is kept, without holes.
const MAX_BYTES: u64 = 256 << 20;

/// The disk space to leave free.
const FREE_BYTES: u64 = 64 << 20;

/// How long the crashed process may have to wait.
const PATIENCE: Duration = Duration::from_secs(30);

/// The number of bytes to read at once.
const BUFFER_BYTES: usize = 256 << 10;

/// The granularity of holes.
const PAGE_BYTES: usize = 4096;

const ZEROS: [u8; PAGE_BYTES] = [0; PAGE_BYTES];

/// Copies a core dump. Returns the reason if it was cut.
pub(super) fn copy(mut from: impl Read, to: &File) -> io::Result<Option<String>> {
    let start = Instant::now();
    let mut buffer = vec![0; BUFFER_BYTES];
    let (mut length, mut written) = (0, 0);
    let cut = loop {
        let count = fill(&mut from, &mut buffer)?;
        if count == 0 {
            break None;
        }
        written += write(to, length, &buffer[..count])?;
        length += count as u64;
        if let Some(limit) = exceeded(to, written, start) {
            break Some(format!(
                "the core is cut after {} MiB: {limit}",
                length >> 20
            ));
        }
    };
    to.set_len(length)?;
    Ok(cut)
}

/// Copies a core dump without limits.
pub(super) fn copy_all(mut from: impl Read, to: &File) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut length = 0;
    loop {
        match fill(&mut from, &mut buffer)? {
            0 => return to.set_len(length),
            count => {
                write(to, length, &buffer[..count])?;
                length += count as u64;
            }
        }
    }
}

/// The limit that is exceeded, if any.
fn exceeded(to: &File, written: u64, start: Instant) -> Option<&'static str> {
    let stat = rustix::fs::fstatvfs(to);
    let free = stat.map_or(u64::MAX, |stat| stat.f_bavail.saturating_mul(stat.f_frsize));
    if written > MAX_BYTES {
        Some("it has more than 256 MiB of data")
    } else if free < FREE_BYTES {
        Some("the disk is almost full")
    } else if start.elapsed() > PATIENCE {
        Some("it took more than 30 s to read")
    } else {
        None
    }
}

/// Reads until the buffer is full or the input ends. Returns the number of bytes.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut count = 0;
    while count < buffer.len() {
        match from.read(&mut buffer[count..]) {
            Ok(0) => break,
            Ok(read) => count += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(count)
}

/// Writes the pages that are not all zeros. Returns the number of bytes written.
fn write(to: &File, at: u64, bytes: &[u8]) -> io::Result<u64> {
    let mut written = 0;
    for (page, at) in bytes.chunks(PAGE_BYTES).zip((at..).step_by(PAGE_BYTES)) {
        if page != &ZEROS[..page.len()] {
            to.write_all_at(page, at)?;
            written += page.len() as u64;
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn what_is_empty_takes_no_space() {
        let mut core = vec![0; 8 << 20];
        core[0] = 1;
        core[5 << 20] = 2;
        core.push(3);
        let file = tempfile::tempfile().unwrap();
        assert_eq!(copy(&*core, &file).unwrap(), None);
        let mut copied = vec![0; core.len()];
        file.read_exact_at(&mut copied, 0).unwrap();
        assert!(copied == core);
        let metadata = file.metadata().unwrap();
        assert_eq!(metadata.len(), core.len() as u64);
        assert!(metadata.blocks() * 512 < 1 << 20);
    }

    #[test]
    fn a_core_is_cut_at_the_limit() {
        let file = tempfile::tempfile().unwrap();
        let cut = copy(io::repeat(7), &file).unwrap().unwrap();
        assert_eq!(
            cut,
            "the core is cut after 256 MiB: it has more than 256 MiB of data"
        );
    }
}
