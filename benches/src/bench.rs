//! What a measurement may use: the workshop, places for results, how often to measure.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::row::LeftOut;
use crate::workshop::Workshop;

pub(crate) struct Bench {
    pub(crate) workshop: Workshop,
    pub(crate) is_quick: bool,
    tmpfs: Result<PathBuf, LeftOut>,
}

impl Bench {
    pub(crate) fn new(workshop: Workshop, is_quick: bool, tmpfs: Option<PathBuf>) -> Bench {
        Bench {
            workshop,
            is_quick,
            tmpfs: find_tmpfs(tmpfs),
        }
    }

    /// How many alternating rounds a ratio is made of.
    pub(crate) fn rounds(&self) -> usize {
        if self.is_quick { 3 } else { 7 }
    }

    /// A new directory in memory.
    pub(crate) fn tmpfs(&self) -> Result<TempDir, LeftOut> {
        let place = self.tmpfs.as_ref().map_err(LeftOut::clone)?;
        Ok(tempfile::tempdir_in(place)?)
    }

    /// A new directory on the disk that the repository is on.
    pub(crate) fn disk(&self) -> Result<TempDir, LeftOut> {
        Ok(tempfile::tempdir_in(self.workshop.dir())?)
    }
}

/// The place that was named, else the usual ones: the first that is in memory and can be written.
fn find_tmpfs(named: Option<PathBuf>) -> Result<PathBuf, LeftOut> {
    let places = match named {
        Some(place) => vec![place],
        None => vec!["/dev/shm".into(), std::env::temp_dir()],
    };
    let mounts = std::fs::read_to_string("/proc/self/mounts")?;
    let found = places.iter().find(|place| {
        let place = place.canonicalize().unwrap_or_default();
        file_system(&mounts, &place) == Some("tmpfs") && tempfile::tempdir_in(place).is_ok()
    });
    found.cloned().ok_or_else(|| {
        let places: Vec<_> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        let places = places.join("`, `");
        LeftOut(format!(
            "no tmpfs that can be written (tried `{places}`); name one with --tmpfs"
        ))
    })
}

/// The kind of file system that a path is on: that of the longest mount point above it.
fn file_system<'a>(mounts: &'a str, path: &Path) -> Option<&'a str> {
    let mounts = mounts.lines().filter_map(|line| {
        let mut fields = line.split(' ').skip(1);
        Some((fields.next()?, fields.next()?))
    });
    let above = mounts.filter(|(point, _)| path.starts_with(point));
    above
        .max_by_key(|(point, _)| point.len())
        .map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_mount_counts() {
        let mounts =
            "/dev/a / ext4 rw 0 0\ntmpfs /dev/shm tmpfs rw 0 0\nnone /dev devtmpfs rw 0 0\n";
        assert_eq!(file_system(mounts, Path::new("/dev/shm/x")), Some("tmpfs"));
        assert_eq!(
            file_system(mounts, Path::new("/dev/null")),
            Some("devtmpfs")
        );
        assert_eq!(file_system(mounts, Path::new("/home")), Some("ext4"));
    }

    #[test]
    fn a_place_that_is_not_there_is_told() {
        let reason = find_tmpfs(Some("/nowhere".into())).unwrap_err().0;
        assert!(reason.contains("tried `/nowhere`"), "{reason}");
    }
}
