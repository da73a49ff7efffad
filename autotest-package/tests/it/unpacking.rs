//! Reading suites' packages.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use autotest_package::{Architecture, Limits, Package};

use super::archive::{Target, manifest, native_executable, suite, unpack};

fn package() -> Vec<u8> {
    suite(&manifest(&[("blobs/data", b"contents")]))
        .file("blobs/data", b"contents")
        .pack()
}

fn open(package: &[u8]) -> Package<&[u8]> {
    Package::open(package, Limits::default()).unwrap()
}

#[test]
fn a_directory_appears_under_its_name() {
    let target = Target::new();
    unpack(&package(), Limits::default(), &target).unwrap();
    assert_eq!(target.names(), ["package", "there"]);
    let mode = |path: &str| {
        let metadata = fs::symlink_metadata(target.path().join("package").join(path)).unwrap();
        metadata.permissions().mode() & 0o7777
    };
    assert_eq!(
        [mode("bvt"), mode("blobs/data"), mode("blobs"), mode("")],
        [0o755, 0o644, 0o755, 0o755]
    );
    let json = fs::read(target.path().join("package/manifest.json")).unwrap();
    let manifest = autotest_package::Manifest::parse(&json).unwrap();
    assert_eq!(Some(&manifest), open(&package()).manifest());
}

#[test]
fn a_directory_that_is_there_is_not_overwritten() {
    let target = Target::new();
    unpack(&package(), Limits::default(), &target).unwrap();
    let error = unpack(&package(), Limits::default(), &target).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("Directory not empty (os error 39)"),
        "{error}"
    );
    assert_eq!(target.names(), ["package", "there"]);
}

#[test]
fn a_directory_is_replaced_whole() {
    let target = Target::new();
    let into = target.path().join("package");
    fs::create_dir(&into).unwrap();
    fs::write(into.join("old"), "").unwrap();
    let staged = open(&package()).stage(target.path(), None).unwrap();
    staged.replace(&into).unwrap();
    assert_eq!(target.names(), ["package", "there"]);
    assert!(!into.join("old").exists());
    assert!(into.join("bvt").exists());
}

#[test]
fn a_directory_that_cannot_be_replaced_stays() {
    let target = Target::new();
    let into = target.path().join("package");
    fs::create_dir(&into).unwrap();
    fs::write(into.join("old"), "").unwrap();
    let staged = open(&package()).stage(target.path(), None).unwrap();
    fs::remove_dir_all(staged.path()).unwrap();
    staged.replace(&into).unwrap_err();
    assert_eq!(target.names(), ["package", "there"]);
    assert!(into.join("old").exists());
}

#[test]
fn what_is_not_committed_is_gone() {
    let target = Target::new();
    drop(open(&package()).stage(target.path(), None).unwrap());
    assert_eq!(target.names(), ["there"]);
}

#[test]
fn one_file_is_read_without_the_rest() {
    assert_eq!(
        open(&package()).read_executable(1 << 20).unwrap(),
        native_executable()
    );
    assert_eq!(
        open(&package()).read_file("blobs/data", 8).unwrap(),
        b"contents"
    );
    let error = open(&package()).read_file("blobs/data", 7).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the package's entry `blobs/data` has more than 7 bytes"
    );
    let error = open(&package()).read_file("other", 7).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the package's entry `other` is in the manifest, but missing"
    );
}

#[test]
fn a_file_that_is_read_is_checked() {
    let package = suite(&manifest(&[("data", b"contents")]))
        .file("data", b"Contents")
        .pack();
    let error = open(&package).read_file("data", 8).unwrap_err();
    assert!(
        error.to_string().contains("according to the manifest"),
        "{error}"
    );
}

#[test]
fn architectures_are_told_apart() {
    let native = Architecture::native().unwrap();
    assert_eq!(Architecture::of(&native_executable()), Some(native));
    let mut aarch64 = native_executable();
    aarch64[4..6].copy_from_slice(&[2, 1]);
    aarch64[18..20].copy_from_slice(&[183, 0]);
    let aarch64 = Architecture::of(&aarch64).unwrap();
    assert_eq!(aarch64.to_string(), "aarch64");
    for other in [&b"\x7fELF"[..], b"#!/bin/sh, and something behind it", b""] {
        assert_eq!(Architecture::of(other), None);
    }
}
