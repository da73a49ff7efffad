//! Original packages, which have no manifest.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use autotest_package::{Limits, Package};

use super::archive::{Archive, Header, Target, file, pax, unpack};

#[test]
fn files_directories_and_links_inside_are_unpacked() {
    let target = Target::new();
    let script = Header {
        mode: 0o775,
        ..file("./bin/x", 10)
    };
    let package = Archive::default()
        .entry(b'5', "./", "", 0o755)
        .entry(b'5', "./bin/", "", 0o755)
        .header(&script)
        .contents(b"#!/bin/sh\n")
        .link(b'2', "./bin/y", "x")
        .link(b'2', "z", "./bin/../bin/x")
        .link(b'1', "hard", "./bin/x")
        .link(b'2', "all", "bin")
        .pack();
    unpack(&package, Limits::default(), &target).unwrap();
    let dir = target.path().join("package");
    for path in ["bin/x", "bin/y", "z", "hard", "all/x"] {
        assert_eq!(fs::read(dir.join(path)).unwrap(), b"#!/bin/sh\n", "{path}");
    }
    let mode = fs::metadata(dir.join("bin/x"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o7777, 0o755);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let long = "name".repeat(40);
    for archive in [
        Archive::default().extended(b'L', format!("{long}\0").as_bytes()),
        Archive::default().extended(b'x', &[pax("mtime", "1.5"), pax("path", &long)].concat()),
    ] {
        let target = Target::new();
        let package = archive.file("short", b"contents").pack();
        unpack(&package, Limits::default(), &target).unwrap();
        let contents = fs::read(target.path().join("package").join(&long)).unwrap();
        assert_eq!(contents, b"contents");
    }
}

#[test]
fn a_package_of_the_system_s_tar_is_read() {
    let dir = Target::new();
    fs::create_dir(dir.path().join("src")).unwrap();
    fs::write(dir.path().join("src/a.py"), "import os\n").unwrap();
    let made = Command::new("tar")
        .args(["-cjf", "test-a.tar.bz2", "--owner=nobody", "-C", "src", "."])
        .current_dir(dir.path())
        .status();
    if !made.is_ok_and(|status| status.success()) {
        println!("left out: tar or bzip2 is not installed");
        return;
    }
    let package = fs::read(dir.path().join("test-a.tar.bz2")).unwrap();
    let target = Target::new();
    unpack(&package, Limits::default(), &target).unwrap();
    assert_eq!(
        fs::read(target.path().join("package/a.py")).unwrap(),
        b"import os\n"
    );
}

#[test]
fn it_has_no_manifest_and_no_executable() {
    let package = Archive::default().file("a", b"contents").pack();
    let open = || Package::open(package.as_slice(), Limits::default()).unwrap();
    assert_eq!(open().manifest(), None);
    let message = "the package has no `manifest.json`: it is not a suite's package";
    assert_eq!(open().read_file("a", 100).unwrap_err().to_string(), message);
    assert_eq!(
        open().read_executable(100).unwrap_err().to_string(),
        message
    );
}
