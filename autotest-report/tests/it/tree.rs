//! The results tree in its place, whatever a test does to its files.

use std::fs;
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};

use autotest_report::{Tree, is_linked};
use rustix::fs::{FileType, Mode, OFlags};
use tempfile::TempDir;

/// A job's directory, and files elsewhere that no report may touch.
pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    pub(crate) fn new() -> Home {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("job")).unwrap();
        Home { dir }
    }

    pub(crate) fn jobdir(&self) -> PathBuf {
        self.dir.path().join("job")
    }

    /// A path beside the job's directory.
    pub(crate) fn elsewhere(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn tree(&self) -> Tree {
        Tree::open(&self.jobdir()).unwrap()
    }

    /// Writes a file of the job, and makes the directory that it is in.
    pub(crate) fn put(&self, path: &str, text: &str) {
        let path = self.jobdir().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.jobdir().join(path)).unwrap()
    }

    /// Which file it is, whatever its name and its bytes.
    pub(crate) fn inode(&self, path: &str) -> u64 {
        fs::metadata(self.jobdir().join(path)).unwrap().ino()
    }

    /// The names in a directory of the job.
    pub(crate) fn names(&self, dir: &str) -> Vec<String> {
        let entries = fs::read_dir(self.jobdir().join(dir)).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    fn link(&self, target: &Path, path: &str) {
        symlink(target, self.jobdir().join(path)).unwrap();
    }
}

#[test]
fn a_tree_knows_where_it_is() {
    let home = Home::new();
    assert_eq!(home.tree().jobdir(), home.jobdir());
    let here = Tree::open(Path::new(".")).unwrap();
    assert_eq!(here.jobdir(), std::env::current_dir().unwrap());
}

#[test]
fn files_grow_and_nothing_is_to_be_rebuilt() {
    let home = Home::new();
    fs::create_dir(home.jobdir().join("a")).unwrap();
    let tree = home.tree();
    let mut log = tree.append_to("status.log");
    let mut keyval = tree.append_to("a/keyval");
    log.append(b"one\n").unwrap();
    keyval.append(b"k=v\n").unwrap();
    writeln!(log, "two").unwrap();
    tree.write_whole("a/chart.json", b"{}").unwrap();
    tree.write_whole("a/chart.json", b"{\"x\": 1}").unwrap();
    assert_eq!(home.read("status.log"), "one\ntwo\n");
    assert_eq!(home.read("a/keyval"), "k=v\n");
    assert_eq!(home.read("a/chart.json"), "{\"x\": 1}");
    assert_eq!(home.names("a"), ["chart.json", "keyval"]);
    assert!(!tree.needs_rebuild());
    tree.commit().unwrap();
    log.append(b"three\n").unwrap();
    assert_eq!(home.read("status.log"), "one\ntwo\nthree\n");
}

#[test]
fn a_file_that_a_test_removed_is_made_again_and_owes_its_beginning() {
    let home = Home::new();
    let tree = home.tree();
    let mut log = tree.append_to("status.log");
    log.append(b"one\n").unwrap();
    fs::remove_file(home.jobdir().join("status.log")).unwrap();
    log.append(b"two\n").unwrap();
    assert_eq!(home.read("status.log"), "two\n");
    assert!(tree.needs_rebuild());
}

#[test]
fn a_directory_that_a_test_removed_is_made_again() {
    let home = Home::new();
    let tree = home.tree();
    tree.append_to("a/results/keyval").append(b"k=v\n").unwrap();
    assert_eq!(home.read("a/results/keyval"), "k=v\n");
    assert!(tree.needs_rebuild());
}

#[test]
fn the_job_s_directory_is_made_again_too() {
    for path in ["status.log", "a/keyval"] {
        let home = Home::new();
        let tree = home.tree();
        fs::remove_dir(home.jobdir()).unwrap();
        tree.append_to(path).append(b"one\n").unwrap();
        assert_eq!(home.read(path), "one\n");
        assert!(tree.needs_rebuild());
    }
}

#[test]
fn no_link_in_place_of_a_directory_is_followed() {
    let home = Home::new();
    let outside = home.elsewhere("outside");
    fs::create_dir_all(outside.join("b")).unwrap();
    home.link(&outside, "a");
    let tree = home.tree();
    for path in ["a/keyval", "a/b/keyval", "a/c/keyval"] {
        tree.append_to(path).append(b"k=v\n").unwrap_err();
        tree.write_whole(path, b"k=v\n").unwrap_err();
    }
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    assert_eq!(fs::read_dir(outside.join("b")).unwrap().count(), 0);
    assert!(!tree.needs_rebuild(), "nothing was removed");
}

#[test]
fn no_link_in_place_of_a_file_is_followed() {
    let home = Home::new();
    let outside = home.elsewhere("outside");
    fs::write(&outside, "theirs").unwrap();
    home.link(&outside, "status.log");
    home.link(&outside, "junit.xml");
    home.link(&home.elsewhere("nowhere"), "keyval");
    let tree = home.tree();
    tree.append_to("status.log").append(b"one\n").unwrap_err();
    tree.append_to("keyval").append(b"k=v\n").unwrap_err();
    tree.write_whole("junit.xml", b"<testsuites/>").unwrap();
    assert_eq!(home.read("junit.xml"), "<testsuites/>");
    assert_eq!(fs::read_to_string(&outside).unwrap(), "theirs");
    assert!(!home.elsewhere("nowhere").exists());
}

#[test]
fn a_pipe_or_a_second_name_of_a_file_elsewhere_is_refused() {
    let home = Home::new();
    let pipe = home.jobdir().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        FileType::Fifo,
        Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let outside = home.elsewhere("outside");
    fs::write(&outside, "theirs").unwrap();
    fs::hard_link(&outside, home.jobdir().join("second")).unwrap();
    let tree = home.tree();
    let refused = |path: &str| {
        let opened = tree.open_file(Path::new(path), OFlags::RDWR);
        opened.unwrap_err().to_string()
    };
    assert_eq!(refused("pipe"), "it is not a regular file");
    assert_eq!(refused("second"), "it is a link to another file");
    // Nobody reads the pipe, and nobody waits for that.
    tree.append_to("pipe").append(b"one\n").unwrap_err();
    tree.append_to("second").append(b"one\n").unwrap_err();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "theirs");
}

#[test]
fn a_file_is_opened_as_asked_and_never_inherited_or_waited_for() {
    let home = Home::new();
    let tree = home.tree();
    for how in [OFlags::RDWR, OFlags::WRONLY | OFlags::APPEND] {
        // New, then as it was found.
        for _ in 0..2 {
            let file = tree.open_file(Path::new("stdout"), how).unwrap();
            let flags = rustix::fs::fcntl_getfl(&file).unwrap();
            assert!(flags.contains(how | OFlags::NONBLOCK), "{flags:?}");
            let flags = rustix::io::fcntl_getfd(&file).unwrap();
            assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
            drop(file);
        }
        fs::remove_file(home.jobdir().join("stdout")).unwrap();
    }
}

#[test]
fn a_path_without_a_file_name_is_refused() {
    let tree = Home::new().tree();
    let error = tree.write_whole("..", b"").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn a_gap_in_a_file_is_an_error_once_and_nothing_is_written_behind_it() {
    let home = Home::new();
    fs::create_dir(home.jobdir().join("status.log")).unwrap();
    let mut log = home.tree().append_to("status.log");
    log.append(b"one\n").unwrap_err();
    fs::remove_dir(home.jobdir().join("status.log")).unwrap();
    log.append(b"two\n").unwrap();
    assert!(home.names("").is_empty());
}

#[test]
fn a_whole_file_is_written_beside_others_of_a_similar_name() {
    let home = Home::new();
    home.put(".junit.xml.0", "theirs");
    let tree = home.tree();
    tree.write_whole("junit.xml", b"<testsuites/>").unwrap();
    assert_eq!(home.read("junit.xml"), "<testsuites/>");
    assert_eq!(home.read(".junit.xml.0"), "theirs");
    assert_eq!(home.names(""), [".junit.xml.0", "junit.xml"]);
}

#[test]
fn a_thousand_names_are_tried_for_a_whole_file() {
    let home = Home::new();
    for number in 0..1000 {
        home.put(&format!(".keyval.{number}"), "");
    }
    let tree = home.tree();
    tree.write_whole("keyval", b"k=v\n").unwrap();
    home.put(".keyval.1000", "");
    let error = tree.write_whole("keyval", b"k=w\n").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(home.read("keyval"), "k=v\n");
}

#[test]
fn a_whole_file_that_cannot_be_placed_leaves_nothing_behind() {
    let home = Home::new();
    home.put("junit.xml/theirs", "");
    home.tree().write_whole("junit.xml", b"<x/>").unwrap_err();
    assert_eq!(home.names(""), ["junit.xml"]);
}

#[test]
fn a_file_is_linked_as_long_as_it_has_a_name() {
    let home = Home::new();
    home.put("a", "");
    let file = fs::File::open(home.jobdir().join("a")).unwrap();
    assert!(is_linked(&file));
    fs::rename(home.jobdir().join("a"), home.jobdir().join("b")).unwrap();
    assert!(is_linked(&file));
    fs::remove_file(home.jobdir().join("b")).unwrap();
    assert!(!is_linked(&file));
}
