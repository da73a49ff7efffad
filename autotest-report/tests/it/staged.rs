//! A tree that is made again beside the one in place: what is right already stays, and nothing changes before
//! the commit.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;

use autotest_report::Tree;
use rustix::fs::OFlags;

use crate::tree::Home;

/// Has a file that is in place made again in these steps, and says whether it is still the same one.
#[track_caller]
fn check(in_place: &[u8], told: &[&[u8]], stays: bool) {
    let home = Home::new();
    let path = home.jobdir().join("a/log");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, in_place).unwrap();
    let before = home.inode("a/log");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("a/log");
    for bytes in told {
        log.append(bytes).unwrap();
    }
    drop(log);
    assert!(fs::read(&path).unwrap() == in_place, "changed too early");
    tree.commit().unwrap();
    assert!(fs::read(&path).unwrap() == told.concat());
    assert_eq!(home.inode("a/log") == before, stays);
    assert_eq!(home.names(""), ["a"]);
    assert!(!tree.needs_rebuild());
}

#[test]
fn a_file_with_the_same_bytes_stays() {
    check(b"one\ntwo\n", &[b"one\n", b"two\n"], true);
    check(b"one\ntwo\n", &[b"one\ntwo\n"], true);
}

#[test]
fn a_file_with_other_bytes_is_replaced() {
    check(b"one\ntwo\n", &[b"one\n", b"owt\n"], false);
    check(b"one\ntwo\n", &[b"eno\n"], false);
    check(b"one\ntwo\n", &[b"one\n"], false);
    check(b"one\n", &[b"one\n", b"two\n", b"three\n"], false);
    check(b"one\nt", &[b"one\n", b"two\n"], false);
    check(b"", &[b"one\n"], false);
}

/// Files are read in pieces of 4 KiB.
#[test]
fn long_files_are_compared_to_their_last_byte() {
    for length in [4095, 4096, 4097, 8192, 8193, 20_000] {
        let bytes: Vec<u8> = (0..length).map(|i: u32| (i / 7 % 251) as u8).collect();
        let lines: Vec<&[u8]> = bytes.chunks(1000).collect();
        check(&bytes, &lines, true);
        check(&bytes, &[&bytes], true);
        check(&bytes[..bytes.len() - 1], &lines, false);
        check(&bytes, &[&bytes[..bytes.len() - 1]], false);
        let mut other = bytes.clone();
        *other.last_mut().unwrap() ^= 1;
        check(&other, &lines, false);
        check(&other, &[&bytes], false);
    }
}

#[test]
fn a_whole_file_stays_only_if_it_is_the_same() {
    for (in_place, stays) in [("<a/>", true), ("<a/><b/>", false), ("<a>", false)] {
        let home = Home::new();
        home.put("junit.xml", in_place);
        let before = home.inode("junit.xml");
        let tree = Tree::staged(&home.jobdir()).unwrap();
        tree.write_whole("junit.xml", b"<a/>").unwrap();
        assert_eq!(home.read("junit.xml"), in_place);
        tree.commit().unwrap();
        assert_eq!(home.read("junit.xml"), "<a/>");
        assert_eq!(home.inode("junit.xml") == before, stays);
        assert_eq!(home.names(""), ["junit.xml"]);
    }
}

#[test]
fn the_last_whole_file_counts_even_if_it_is_the_one_in_place() {
    let home = Home::new();
    home.put(".autoserv_execute", "1\n0\n0\n");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    tree.write_whole(".autoserv_execute", b"1\n").unwrap();
    tree.write_whole(".autoserv_execute", b"1\n0\n0\n").unwrap();
    tree.commit().unwrap();
    assert_eq!(home.read(".autoserv_execute"), "1\n0\n0\n");
}

#[test]
fn a_file_that_stays_goes_on_behind_what_was_told() {
    let home = Home::new();
    home.put("status.log", "one\ntwo\nthree\n");
    home.put("keyval", "k=v\n");
    let before = home.inode("status.log");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("status.log");
    let mut keyval = tree.append_to("keyval");
    log.append(b"one\n").unwrap();
    keyval.append(b"k=v\n").unwrap();
    tree.commit().unwrap();
    log.append(b"2\n").unwrap();
    keyval.append(b"l=w\n").unwrap();
    log.append(b"3\n").unwrap();
    assert_eq!(home.read("status.log"), "one\n2\n3\n");
    assert_eq!(home.read("keyval"), "k=v\nl=w\n");
    assert_eq!(home.inode("status.log"), before);
}

#[test]
fn what_was_not_told_again_is_cut_off_after_the_commit_too() {
    let home = Home::new();
    home.put("status.log", "one\ntwo\n");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("status.log");
    log.append(b"one\n").unwrap();
    tree.commit().unwrap();
    drop(log);
    assert_eq!(home.read("status.log"), "one\n");
}

#[test]
fn a_file_that_was_replaced_goes_on_in_its_place() {
    let home = Home::new();
    home.put("status.log", "eno\n");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("status.log");
    log.append(b"one\n").unwrap();
    tree.commit().unwrap();
    log.append(b"two\n").unwrap();
    assert_eq!(home.read("status.log"), "one\ntwo\n");
    assert!(!tree.needs_rebuild());
}

#[test]
fn a_file_that_is_not_the_job_s_alone_is_replaced() {
    let home = Home::new();
    let outside = home.elsewhere("outside");
    fs::write(&outside, "one\n").unwrap();
    fs::hard_link(&outside, home.jobdir().join("second")).unwrap();
    symlink(&outside, home.jobdir().join("link")).unwrap();
    let tree = Tree::staged(&home.jobdir()).unwrap();
    for path in ["second", "link"] {
        tree.append_to(path).append(b"one\n").unwrap();
    }
    tree.commit().unwrap();
    for path in ["second", "link"] {
        let found = fs::symlink_metadata(home.jobdir().join(path)).unwrap();
        assert!(found.is_file() && found.nlink() == 1, "{path}");
        assert_eq!(home.read(path), "one\n");
    }
}

#[test]
fn no_link_in_place_of_a_directory_is_followed() {
    let home = Home::new();
    let outside = home.elsewhere("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("keyval"), "k=v\n").unwrap();
    symlink(&outside, home.jobdir().join("a")).unwrap();
    let tree = Tree::staged(&home.jobdir()).unwrap();
    tree.append_to("a/keyval").append(b"k=v\n").unwrap();
    tree.commit().unwrap_err();
    assert!(tree.needs_rebuild());
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
}

#[test]
fn a_file_that_stays_is_never_inherited_or_waited_for() {
    let home = Home::new();
    home.put("status.log", "one\ntwo\n");
    let path = fs::canonicalize(home.jobdir().join("status.log")).unwrap();
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("status.log");
    log.append(b"one\n").unwrap();
    let flags = OFlags::from_bits_retain(flags_of(&path));
    assert!(
        flags.contains(OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::APPEND | OFlags::RDWR),
        "{flags:?}"
    );
}

/// The flags of the open file at `path`, as the kernel shows them for each descriptor.
fn flags_of(path: &Path) -> u32 {
    let mut open = fs::read_dir("/proc/self/fd").unwrap();
    let descriptor = open.find_map(|entry| {
        let link = entry.unwrap().path();
        let is_it = fs::read_link(&link).is_ok_and(|target| target == path);
        is_it.then(|| link.file_name().unwrap().to_owned())
    });
    let info = Path::new("/proc/self/fdinfo").join(descriptor.unwrap());
    let info = fs::read_to_string(info).unwrap();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    u32::from_str_radix(flags.unwrap().trim(), 8).unwrap()
}

#[test]
fn one_file_that_cannot_be_placed_keeps_no_other_one_back() {
    let home = Home::new();
    home.put("a/b/keyval/theirs", "");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    for path in ["a/b/keyval", "a/b/other", "status.log"] {
        tree.append_to(path).append(b"one\n").unwrap();
    }
    let error = tree.commit().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
    assert_eq!(
        error.to_string(),
        "`a/b/keyval`: Is a directory (os error 21)"
    );
    assert_eq!(home.read("a/b/other"), "one\n");
    assert_eq!(home.read("status.log"), "one\n");
    assert!(tree.needs_rebuild());
    assert_eq!(home.names(""), ["a", "status.log"]);
}

#[test]
fn what_cannot_be_cut_off_is_an_error_of_the_commit() {
    let home = Home::new();
    home.put("log", "one\ntwo\n");
    let tree = Tree::staged(&home.jobdir()).unwrap();
    let mut log = tree.append_to("log");
    log.append(b"one\n").unwrap();
    // A directory waits to be put in its place.
    tree.append_to("log/keyval").append(b"k=v\n").unwrap();
    drop(log);
    tree.commit().unwrap_err();
    assert!(tree.needs_rebuild());
    assert_eq!(home.read("log"), "one\ntwo\n");
}

#[test]
fn what_waited_in_a_killed_process_is_dropped() {
    let home = Home::new();
    let dropped = Tree::staged(&home.jobdir()).unwrap();
    dropped.write_whole("a/junit.xml", b"<x/>").unwrap();
    drop(dropped);
    assert_eq!(home.names(""), [".rebuilt"]);
    Tree::staged(&home.jobdir()).unwrap().commit().unwrap();
    assert!(home.names("").is_empty());
}

#[test]
fn whatever_a_test_put_in_place_of_the_stage_is_removed() {
    let home = Home::new();
    home.put(".rebuilt", "theirs");
    Tree::staged(&home.jobdir()).unwrap().commit().unwrap();
    let outside = home.elsewhere("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("theirs"), "").unwrap();
    symlink(&outside, home.jobdir().join(".rebuilt")).unwrap();
    Tree::staged(&home.jobdir()).unwrap().commit().unwrap();
    assert!(home.names("").is_empty());
    assert!(outside.join("theirs").exists());
}

#[test]
fn a_stage_that_cannot_be_cleared_is_an_error() {
    let home = Home::new();
    // The kernel takes no path of 4096 bytes: this one is short enough, and that of the stage is not.
    let mut jobdir = home.jobdir();
    while jobdir.as_os_str().len() < 4000 {
        jobdir.push("d".repeat(50));
    }
    let left = 4094 - jobdir.as_os_str().len() - 1;
    jobdir.push("d".repeat(left));
    fs::create_dir_all(&jobdir).unwrap();
    Tree::open(&jobdir).unwrap();
    Tree::staged(&jobdir).unwrap_err();
}

/// A job goes on: the next test need not wait for the files of those that ended.
#[test]
fn files_of_runs_are_owed_where_a_job_is_resumed() {
    let home = Home::new();
    home.put("a/keyval", "k=v\n");
    home.put("a/chart.json", "{}");
    home.put("status.log", "eno\n");
    let tree = Tree::resumed(&home.jobdir()).unwrap();
    let mut of_run = tree.append_to("a/keyval");
    let mut of_job = tree.append_to("status.log");
    of_run.append(b"k=w\n").unwrap();
    of_job.append(b"one\n").unwrap();
    tree.write_whole("a/chart.json", b"[]").unwrap();
    tree.write_whole("junit.xml", b"<x/>").unwrap();
    tree.commit().unwrap();
    of_run.append(b"l=w\n").unwrap();
    assert_eq!(home.read("a/keyval"), "k=v\n");
    assert_eq!(home.read("a/chart.json"), "{}");
    assert_eq!(home.read("status.log"), "one\n");
    assert_eq!(home.read("junit.xml"), "<x/>");
    assert!(tree.needs_rebuild());
    // Those of tests that run now are not.
    tree.append_to("b/keyval").append(b"k=v\n").unwrap();
    tree.write_whole("b/chart.json", b"{}").unwrap();
    tree.append_to("tap").append(b"1..0\n").unwrap();
    assert_eq!(home.read("b/keyval"), "k=v\n");
    assert_eq!(home.read("b/chart.json"), "{}");
    assert_eq!(home.read("tap"), "1..0\n");
}
