//! Files that another machine sends.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::tree::Home;

fn mode(home: &Home, path: &str) -> u32 {
    let metadata = fs::symlink_metadata(home.jobdir().join(path)).unwrap();
    metadata.permissions().mode() & 0o7777
}

#[test]
fn a_file_replaces_what_is_there_and_has_its_permissions() {
    let home = Home::new();
    let tree = home.tree();
    for (text, bits) in [("longer", 0o666), ("new", 0o4705)] {
        let mut file = tree.receive_file(Path::new("a/b/out"), bits).unwrap();
        file.write_all(text.as_bytes()).unwrap();
        assert_eq!(home.read("a/b/out"), text);
        assert_eq!(mode(&home, "a/b/out"), bits & 0o777);
    }
}

#[test]
fn a_link_is_replaced_and_not_followed() {
    let home = Home::new();
    let tree = home.tree();
    let elsewhere = home.elsewhere("elsewhere");
    fs::write(&elsewhere, "mine").unwrap();
    tree.receive_link(Path::new("a/link"), &elsewhere).unwrap();
    assert_eq!(
        fs::read_link(home.jobdir().join("a/link")).unwrap(),
        elsewhere
    );
    tree.receive_link(Path::new("a/link"), Path::new("other"))
        .unwrap();
    assert_eq!(
        fs::read_link(home.jobdir().join("a/link")).unwrap(),
        Path::new("other")
    );
    tree.receive_link(Path::new("a/link"), &elsewhere).unwrap();
    tree.receive_file(Path::new("a/link"), 0o600)
        .unwrap()
        .write_all(b"theirs")
        .unwrap();
    assert_eq!(home.read("a/link"), "theirs");
    assert_eq!(fs::read_to_string(elsewhere).unwrap(), "mine");
}

#[test]
fn nothing_is_received_through_a_link() {
    let home = Home::new();
    let tree = home.tree();
    fs::create_dir(home.elsewhere("dir")).unwrap();
    symlink(home.elsewhere("dir"), home.jobdir().join("link")).unwrap();
    tree.receive_file(Path::new("link/file"), 0o644)
        .unwrap_err();
    tree.receive_link(Path::new("link/file"), Path::new("x"))
        .unwrap_err();
    tree.receive_dir(Path::new("link")).unwrap_err();
    tree.set_received_mode(Path::new("link"), 0o700)
        .unwrap_err();
    tree.receive_file(Path::new(""), 0o644).unwrap_err();
    assert_eq!(fs::read_dir(home.elsewhere("dir")).unwrap().count(), 0);
}

#[test]
fn a_directory_is_made_once_and_has_its_permissions_in_the_end() {
    let home = Home::new();
    let tree = home.tree();
    tree.receive_dir(Path::new("a/b")).unwrap();
    tree.receive_dir(Path::new("a/b")).unwrap();
    tree.receive_file(Path::new("a/b/c"), 0o644).unwrap();
    tree.set_received_mode(Path::new("a/b"), 0o2711).unwrap();
    assert_eq!((mode(&home, "a/b"), mode(&home, "a")), (0o711, 0o755));
    assert_eq!(home.names("a"), ["b"]);
}

#[test]
fn a_directory_is_not_replaced_by_a_file() {
    let home = Home::new();
    home.put("a/file", "x");
    home.tree().receive_file(Path::new("a"), 0o644).unwrap_err();
    assert_eq!(home.read("a/file"), "x");
}
