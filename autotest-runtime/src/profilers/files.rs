//! Moves the files that profilers wrote in an iteration to `profiling/iteration.N`.

use std::collections::BTreeSet;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use rustix::fs::{CWD, Dir, Mode, OFlags, mkdirat, openat, renameat};
use rustix::io::Errno;

/// The `iteration.N` directories made so far, which must not be moved themselves (formats §7).
#[derive(Clone, Debug, Default)]
pub(crate) struct IterationFiles(BTreeSet<CString>);

impl IterationFiles {
    /// Moves everything in `profdir` except the directories of earlier iterations into `iteration.N`. The files of
    /// iteration 0, which only a loop with a time limit has, stay where they are.
    ///
    /// Everything is opened relative to one descriptor, and no symbolic link is followed, since a test may have changed
    /// the paths.
    ///
    /// # Errors
    /// If the directory cannot be created or a file cannot be moved. The other files have been moved by then.
    pub(crate) fn store(&mut self, profdir: &Path, iteration: u64) -> io::Result<()> {
        if iteration == 0 {
            return Ok(());
        }
        let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
        let dir = openat(CWD, profdir, flags, Mode::empty())?;
        let name = CString::new(format!("iteration.{iteration}"))?;
        match mkdirat(&dir, &*name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        let into = openat(&dir, &*name, flags, Mode::empty())?;
        self.0.insert(name);
        let mut moved = Ok(());
        for entry in Dir::read_from(&dir)? {
            let entry = entry?;
            let file = entry.file_name();
            let is_kept = self.0.contains(file)
                || [".", ".."]
                    .map(OsStr::new)
                    .contains(&OsStr::from_bytes(file.to_bytes()));
            if !is_kept {
                moved = moved.and(renameat(&dir, file, &into, file));
            }
        }
        Ok(moved?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn files(dir: &Path) -> Vec<String> {
        let mut found = Vec::new();
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => found.extend(files(&path)),
                false => found.push(path.display().to_string()),
            }
        }
        found.sort();
        found
    }

    #[test]
    fn the_files_of_each_iteration_have_a_directory_and_those_of_iteration_0_stay() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path();
        let mut stored = IterationFiles::default();
        for iteration in [1, 2] {
            fs::write(dir.join("proc.csv"), "").unwrap();
            stored.store(dir, iteration).unwrap();
        }
        fs::write(dir.join("late"), "").unwrap();
        stored.store(dir, 0).unwrap();
        let expected = ["iteration.1/proc.csv", "iteration.2/proc.csv", "late"];
        let expected = expected.map(|file| dir.join(file).display().to_string());
        assert_eq!(files(dir), expected);
    }

    #[test]
    fn a_link_in_place_of_the_directory_is_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().join("real");
        fs::create_dir(&real).unwrap();
        fs::write(real.join("file"), "").unwrap();
        let link = home.path().join("profiling");
        std::os::unix::fs::symlink(&real, &link).unwrap();
        IterationFiles::default().store(&link, 1).unwrap_err();
        assert_eq!(files(&real).len(), 1);
    }
}
