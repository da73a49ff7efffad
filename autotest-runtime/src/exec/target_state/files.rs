//! File systems, devices and files.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::Own;
use super::items::Items;
use super::kernel_file::{self, Values, if_any};
use super::rows::Reading;

/// The limit on the entries of a directory that are looked at.
const MAX_ENTRIES: usize = 10_000;

/// Mount points, with the type of the file system.
pub(super) fn mounts(_: &Reading<'_>) -> io::Result<Items> {
    let text = kernel_file::text("/proc/self/mountinfo")?;
    Ok(text.lines().filter_map(mount).collect())
}

/// Parses a line such as `36 35 98:0 /root /mnt rw,noatime shared:1 - ext3 /dev/root rw`.
fn mount(line: &str) -> Option<(String, String)> {
    let (before, after) = line.split_once(" - ")?;
    let point = before.split(' ').nth(4)?;
    let kind = after.split(' ').next()?;
    Some((unescaped(point), kind.to_owned()))
}

/// Decodes a path in which the kernel wrote blanks and backslashes as octal numbers.
fn unescaped(path: &str) -> String {
    if !path.contains('\\') {
        return path.to_owned();
    }
    [
        ("\\040", " "),
        ("\\011", "\t"),
        ("\\012", "\n"),
        ("\\134", "\\"),
    ]
    .iter()
    .fold(path.to_owned(), |path, (code, c)| path.replace(code, c))
}

/// Files and devices in use as swap.
pub(super) fn swaps(_: &Reading<'_>) -> io::Result<Items> {
    let text = kernel_file::text("/proc/swaps")?;
    let names = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next());
    Ok(names.map(|name| (unescaped(name), String::new())).collect())
}

/// Loop devices in use, with their backing files.
pub(super) fn loop_devices(_: &Reading<'_>) -> io::Result<Items> {
    // `/sys/block` contains links to it.
    const DEVICES: &str = "/sys/devices/virtual/block";
    let mut used = Items::new();
    // The directory does not exist before the first such device.
    let Some(devices) = if_any(Values::below(DEVICES))? else {
        return Ok(used);
    };
    for name in names(DEVICES)?.filter(|name| name.starts_with("loop")) {
        if let Some(file) = devices.get(&format!("{name}/loop/backing_file"))? {
            used.insert(&format!("/dev/{name}"), &file);
        }
    }
    Ok(used)
}

/// Block devices except loop devices.
pub(super) fn block_devices(_: &Reading<'_>) -> io::Result<Items> {
    let others = names("/sys/block")?.filter(|name| !name.starts_with("loop"));
    let others = others.map(|name| (format!("/dev/{name}"), String::new()));
    Ok(others.collect())
}

/// Files in directories for temporary files.
pub(super) fn temporary(reading: &Reading<'_>) -> io::Result<Items> {
    let own = reading.own;
    let mut dirs = vec![own.tmp.as_path(), Path::new("/tmp"), Path::new("/var/tmp")];
    dirs.dedup();
    files(&dirs, own)
}

pub(super) fn shared_memory(reading: &Reading<'_>) -> io::Result<Items> {
    files(&[Path::new("/dev/shm")], reading.own)
}

pub(super) fn message_queues(reading: &Reading<'_>) -> io::Result<Items> {
    files(&[Path::new("/dev/mqueue")], reading.own)
}

/// The files in directories, except those of the framework.
fn files(dirs: &[&Path], own: &Own) -> io::Result<Items> {
    let mut files = Items::new();
    for dir in dirs {
        for entry in kernel_file::entries(dir, MAX_ENTRIES)? {
            let name = entry.file_name();
            let is_own =
                !own.prefix.is_empty() && name.as_bytes().starts_with(own.prefix.as_bytes());
            if !is_own {
                files.insert(&dir.join(name).to_string_lossy(), "");
            }
        }
    }
    Ok(files)
}

/// `true` if this user owns the file.
pub(super) fn is_of_this_user(path: &str) -> bool {
    let user = rustix::process::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() == user)
}

/// The names in a directory.
fn names(dir: &str) -> io::Result<impl Iterator<Item = String> + use<>> {
    let entries = kernel_file::entries(dir, MAX_ENTRIES)?.into_iter();
    Ok(entries.map(|entry| entry.file_name().to_string_lossy().into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_has_its_point_and_its_type() {
        let line = r"36 35 98:0 /root /mnt/a\040b rw,noatime shared:1 master:2 - ext4 /dev/root rw";
        let expected = ("/mnt/a b".to_owned(), "ext4".to_owned());
        assert_eq!(mount(line), Some(expected));
        assert_eq!(mount("36 35"), None);
    }

    #[test]
    fn the_files_of_the_framework_do_not_count() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["job.1_net", "other"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let own = Own {
            tmp: dir.path().into(),
            prefix: "job.".into(),
        };
        let found = files(&[dir.path()], &own).unwrap();
        let other = dir.path().join("other").display().to_string();
        assert!(found.by_name().into_keys().eq([&*other]), "{found:?}");
    }
}
