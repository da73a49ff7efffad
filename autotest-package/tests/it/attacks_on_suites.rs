//! Suites' packages that are not what their manifest says.

use autotest_package::Sha256Sum;

use super::archive::{Archive, Header, check, file, manifest, native_executable, suite};

const DATA: &[(&str, &[u8])] = &[("data", b"contents")];

#[test]
fn a_file_that_is_not_listed() {
    let package = suite(&manifest(&[])).file("data", b"contents").pack();
    check(
        &package,
        "the package's entry `data` is not in the manifest",
    );
    let package = suite(&manifest(&[])).entry(b'5', "dir/", "", 0o755).pack();
    check(
        &package,
        "the package's entry `dir/` is not in the manifest",
    );
    let package = suite(&manifest(DATA)).file("./data", b"contents").pack();
    check(
        &package,
        "the package's entry `./data` is not in the manifest",
    );
}

#[test]
fn a_file_that_is_missing() {
    let package = suite(&manifest(DATA)).pack();
    check(
        &package,
        "the package's entry `data` is in the manifest, but missing",
    );
}

#[test]
fn a_file_of_another_size() {
    let package = suite(&manifest(DATA)).file("data", b"contents!").pack();
    check(
        &package,
        "the package's entry `data` has 9 bytes, but 8 according to the manifest",
    );
}

#[test]
fn a_file_with_other_contents() {
    let package = suite(&manifest(DATA)).file("data", b"Contents").pack();
    let sum = |contents: &[u8]| Sha256Sum::of(contents).unwrap();
    let message = format!(
        "the package's entry `data` has the sha256 {}, but {} according to the manifest",
        sum(b"Contents"),
        sum(b"contents"),
    );
    check(&package, &message);
}

#[test]
fn a_file_of_another_kind_or_mode() {
    let package = suite(&manifest(DATA)).link(b'2', "data", "bvt").pack();
    let message =
        "the package's entry `data` is a symbolic link; a suite's package may have only files";
    check(&package, message);
    let header = Header {
        mode: 0o755,
        ..file("data", 8)
    };
    let package = suite(&manifest(DATA))
        .header(&header)
        .contents(b"contents")
        .pack();
    check(
        &package,
        "the package's entry `data` has mode 0755, but 0644 according to the manifest",
    );
}

#[test]
fn a_file_twice() {
    let package = suite(&manifest(DATA))
        .file("data", b"contents")
        .file("data", b"contents")
        .pack();
    check(&package, "the package's entry `data` occurs twice");
    let package = suite(&manifest(&[]))
        .file("manifest.json", b"contents")
        .pack();
    check(&package, "the package's entry `manifest.json` occurs twice");
}

#[test]
fn an_executable_of_another_architecture() {
    let native = autotest_package::Architecture::native().unwrap();
    // The header of a MIPS, big-endian, 32 bits.
    let mut other = native_executable();
    other[4..6].copy_from_slice(&[1, 2]);
    other[18..20].copy_from_slice(&[0, 8]);
    let message = format!(
        "the package's entry `bvt` is for mips, but this machine runs {native}: build \
         the package for this target"
    );
    check(&with_executable(&other), &message);
    check(
        &with_executable(b"#!/bin/sh\n"),
        "the package's entry `bvt` is not an ELF executable",
    );
}

fn with_executable(contents: &[u8]) -> Vec<u8> {
    let mut manifest = manifest(&[]);
    manifest["files"][0]["size"] = contents.len().into();
    manifest["files"][0]["sha256"] = Sha256Sum::of(contents).unwrap().to_string().into();
    let header = Header {
        mode: 0o755,
        ..file("bvt", contents.len())
    };
    Archive::default()
        .file("manifest.json", manifest.to_string().as_bytes())
        .header(&header)
        .contents(contents)
        .pack()
}

/// A package whose manifest has this value at a place is refused for it.
#[track_caller]
fn check_manifest(place: &str, value: impl Into<serde_json::Value>, message: &str) {
    let mut manifest = manifest(DATA);
    *manifest.pointer_mut(place).unwrap() = value.into();
    let package = suite(&manifest).file("data", b"contents").pack();
    check(
        &package,
        &format!("the package has an invalid `manifest.json`: {message}"),
    );
}

#[test]
fn manifests_that_are_refused() {
    let version = "its format has version 2, but this program knows version 1: use a newer one";
    check_manifest("/v", 2, version);
    for suite in ["", "../bvt", "b/vt", "-bvt", ".bvt", "b vt"] {
        let message = format!(
            "its suite `{suite}` is empty or has other characters than letters, digits and `_.+-`"
        );
        check_manifest("/suite", suite, &message);
    }
    check_manifest(
        "/version",
        "next",
        "its version `next` does not begin with a digit",
    );
    let executable =
        |path| format!("its executable `{path}` is not one of its files, or has not the mode 0755");
    check_manifest("/executable", "data", &executable("data"));
    check_manifest("/executable", "/bin/sh", &executable("/bin/sh"));
    check_manifest(
        "/files/1/path",
        "../data",
        "its file `../data` has a path with `..`",
    );
    check_manifest(
        "/files/1/path",
        "/data",
        "its file `/data` has an absolute path",
    );
    check_manifest("/files/1/path", "bvt", "its file `bvt` occurs twice");
    let plain = "its file `./data` has a path that is not written plainly (write `data`)";
    check_manifest("/files/1/path", "./data", plain);
    let reserved = "its file `manifest.json` has a name that is reserved for the installed package";
    check_manifest("/files/1/path", "manifest.json", reserved);
}

#[test]
fn a_manifest_that_is_no_json() {
    let package = Archive::default().file("manifest.json", b"{").pack();
    let message = "the package has an invalid `manifest.json`: EOF while parsing an object at line 1 column 1";
    check(&package, message);
}

#[test]
fn a_manifest_that_is_too_large() {
    let header = Header {
        size: 1 << 30,
        ..file("manifest.json", 0)
    };
    let package = Archive::default().header(&header).pack();
    check(
        &package,
        "the package has an invalid `manifest.json`: it has more than 16777216 bytes",
    );
}

#[test]
fn a_manifest_that_is_a_link() {
    let package = Archive::default()
        .link(b'2', "manifest.json", "/etc/passwd")
        .pack();
    let message = "the package's entry `manifest.json` is a symbolic link; a suite's package may have only files";
    check(&package, message);
}
