//! A host that makes a results directory of a stream, as simply as can be.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use autotest_core::Event;
use autotest_report::Record;
use autotest_report::wire::{End, FrameReader, Item};

/// A larger file is compared by its length, blocks and one part.
const LARGE_BYTES: u64 = 100 << 20;

/// What a host keeps of a job.
pub(super) struct Host {
    dir: PathBuf,
    modes: BTreeMap<PathBuf, u32>,
    /// The directories of runs.
    subdirs: BTreeMap<u32, String>,
    pub(super) journal: Vec<u8>,
    pub(super) left_out: Vec<(PathBuf, String)>,
    /// How often a file was sent.
    pub(super) sent: BTreeMap<PathBuf, u32>,
}

impl Host {
    pub(super) fn new(dir: &Path) -> Host {
        fs::create_dir(dir).unwrap();
        Host {
            dir: dir.to_owned(),
            modes: BTreeMap::new(),
            subdirs: BTreeMap::new(),
            journal: Vec::new(),
            left_out: Vec::new(),
            sent: BTreeMap::new(),
        }
    }

    /// The number of the record to ask for.
    pub(super) fn next_seq(&self) -> u64 {
        self.journal.iter().filter(|byte| **byte == b'\n').count() as u64
    }

    /// Takes a stream. Returns how it ended; `None` if it was cut.
    pub(super) fn take(&mut self, stream: &[u8]) -> Option<End> {
        let mut reader = FrameReader::new(stream);
        let mut end = None;
        while let Ok(Some(item)) = reader.next() {
            end = self.item(item);
        }
        end
    }

    fn item(&mut self, item: Item<'_, &[u8]>) -> Option<End> {
        match item {
            Item::Record(line) => self.record(line),
            Item::Dir { path, mode } => {
                fs::create_dir_all(self.dir.join(&path)).unwrap();
                self.modes.insert(path, mode);
            }
            Item::File(frame, contents) => {
                let path = self.dir.join(&frame.path);
                let _ = fs::remove_file(&path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let file = File::create_new(&path).unwrap();
                if contents.copy_to(&file).is_ok() {
                    *self.sent.entry(frame.path.clone()).or_default() += 1;
                }
                self.modes.insert(frame.path, frame.mode);
            }
            Item::Link { path, to } => {
                let path = self.dir.join(path);
                let _ = fs::remove_file(&path);
                symlink(to, path).unwrap();
            }
            Item::LeftOut { path, reason } => self.left_out.push((path, reason)),
            Item::End(end) => return Some(end),
        }
        None
    }

    fn record(&mut self, line: &[u8]) {
        self.journal.extend_from_slice(line);
        let record = Record::from_line(line).unwrap();
        match record.event {
            Event::TestStart(start) => {
                self.subdirs.insert(record.run, start.subdir);
            }
            Event::JobResume(resume) => {
                for (run, now) in resume.moved.iter() {
                    let before = self.subdirs.insert(*run, now.clone()).unwrap();
                    let _ = fs::rename(self.dir.join(&before), self.dir.join(now));
                    let modes = std::mem::take(&mut self.modes).into_iter();
                    let moved = modes.map(|(path, mode)| match path.strip_prefix(&before) {
                        Ok(below) => (Path::new(now).join(below), mode),
                        Err(_) => (path, mode),
                    });
                    self.modes = moved.collect();
                }
            }
            _ => {}
        }
    }

    /// The directory, with the modes of everything in it.
    pub(super) fn finish(&self) -> BTreeMap<PathBuf, Entry> {
        fs::write(self.dir.join("journal.jsonl"), &self.journal).unwrap();
        for (path, mode) in self.modes.iter().rev() {
            let mode = Permissions::from_mode(*mode);
            fs::set_permissions(self.dir.join(path), mode).unwrap();
        }
        entries(&self.dir)
    }
}

/// The lines of the journal in a stream.
pub(super) fn journal_of(stream: &[u8]) -> Vec<u8> {
    let mut reader = FrameReader::new(stream);
    let mut journal = Vec::new();
    while let Ok(Some(item)) = reader.next() {
        if let Item::Record(line) = item {
            journal.extend_from_slice(line);
        }
    }
    journal
}

/// A file, a directory or a link.
#[derive(Debug, PartialEq)]
pub(super) enum Entry {
    File(u32, Vec<u8>),
    Large(u64, bool, Vec<u8>),
    Dir(u32),
    Link(PathBuf),
    Special,
}

/// Everything below a directory.
pub(super) fn entries(dir: &Path) -> BTreeMap<PathBuf, Entry> {
    let mut found = BTreeMap::new();
    let mut open = vec![PathBuf::new()];
    while let Some(below) = open.pop() {
        for entry in fs::read_dir(dir.join(&below)).unwrap() {
            let path = below.join(entry.unwrap().file_name());
            if path.as_os_str().len() > 1000 {
                continue;
            }
            let metadata = fs::symlink_metadata(dir.join(&path)).unwrap();
            let mode = metadata.mode() & 0o7777;
            let kind = metadata.file_type();
            let entry = if kind.is_dir() {
                open.push(path.clone());
                Entry::Dir(mode)
            } else if kind.is_symlink() {
                Entry::Link(fs::read_link(dir.join(&path)).unwrap())
            } else if !kind.is_file() {
                Entry::Special
            } else if metadata.len() > LARGE_BYTES {
                let mut part = vec![0; 1 << 20];
                let file = File::open(dir.join(&path)).unwrap();
                file.read_exact_at(&mut part, metadata.len() / 2).unwrap();
                Entry::Large(metadata.len(), metadata.blocks() < 2048, part)
            } else {
                Entry::File(mode, fs::read(dir.join(&path)).unwrap())
            };
            found.insert(path, entry);
        }
    }
    found
}

/// Both have the same files, but for those that were left out.
#[track_caller]
pub(super) fn check_same(job: &Path, host: &Host) {
    let rebuilt = host.finish();
    let is_left_out = |path: &Path| host.left_out.iter().any(|(out, _)| path.starts_with(out));
    let mut there = entries(job);
    there.retain(|path, entry| match entry {
        Entry::Dir(_) => true,
        _ => !is_left_out(path),
    });
    // What a supervisor leaves that is killed while it makes reports.
    there.retain(|path, _| !path.starts_with(".rebuilt"));
    let is_deep = |path: &Path| path.iter().count() > 150;
    let paths: BTreeSet<&PathBuf> = there.keys().chain(rebuilt.keys()).collect();
    let is_other = |path: &&&PathBuf| there.get(**path) != rebuilt.get(**path);
    let mut other = paths.iter().filter(is_other).filter(|path| !is_deep(path));
    if let Some(path) = other.next() {
        let (job, host) = (there.get(*path), rebuilt.get(*path));
        panic!("{}: {job:?}, but here {host:?}", path.display());
    }
}
