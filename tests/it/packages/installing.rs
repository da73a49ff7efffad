//! Installing packages: from which repository, and only if they are not there.

use std::fs;
use std::path::{Path, PathBuf};

use autotest_package::{ChecksumList, Sha256Sum};
use tempfile::TempDir;

use super::super::binary::{fixture, walk};
use super::packed::plain;

const NAME: &str = "dep-x.tar.bz2";

/// Two repositories and a place for the package.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("old")).unwrap();
        fs::create_dir(place.path("new")).unwrap();
        place
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn text(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// Installs the package by a control function; what that printed.
    fn install(&self) -> String {
        let params = [
            "name=x".to_owned(),
            format!("dir={}", self.path("deps/x").display()),
            format!("older={}", self.path("old").display()),
            format!("newer=file://{}", self.path("new").display()),
        ];
        let params: Vec<&str> = params.iter().flat_map(|param| ["--param", param]).collect();
        let ran = fixture(
            "packaged",
            &[&["--control", "installs"], &params[..]].concat(),
        );
        let printed = ran.expect_code(0).file("debug/control.stdout");
        printed.replace(self.0.path().to_str().unwrap(), "<place>")
    }
}

fn sum(path: &Path) -> Sha256Sum {
    Sha256Sum::of(fs::File::open(path).unwrap()).unwrap()
}

#[test]
fn the_repository_that_was_added_last_is_tried_first() {
    let place = Place::new();
    plain(&place.path("old/dep-x.tar.bz2"), &[("version", "old")]);
    assert_eq!(place.install(), "installed\n");
    assert_eq!(place.text("deps/x/version"), "old");
    plain(&place.path("new/dep-x.tar.bz2"), &[("version", "new")]);
    assert_eq!(place.install(), "installed\n");
    assert_eq!(place.text("deps/x/version"), "new");
    assert_eq!(
        walk(&place.path("deps")),
        [".x-dep-lock", "x/", "x/.checksum", "x/version"]
    );
    let checksum = format!("{}\n", sum(&place.path("new/dep-x.tar.bz2")));
    assert_eq!(place.text("deps/x/.checksum"), checksum);
}

#[test]
fn nothing_is_installed_again_while_the_checksum_is_the_same() {
    let place = Place::new();
    plain(&place.path("new/dep-x.tar.bz2"), &[("file", "original")]);
    place.install();
    fs::write(place.path("deps/x/file"), "changed since").unwrap();
    place.install();
    assert_eq!(place.text("deps/x/file"), "changed since");
    // The list says so without the package.
    let mut list = ChecksumList::default();
    list.set(NAME, sum(&place.path("new/dep-x.tar.bz2")).into());
    fs::write(place.path("new/packages.checksum"), list.to_string()).unwrap();
    fs::remove_file(place.path("new/dep-x.tar.bz2")).unwrap();
    assert_eq!(place.install(), "installed\n");
}

#[test]
fn a_package_with_the_wrong_checksum_is_not_installed() {
    let place = Place::new();
    plain(&place.path("new/dep-x.tar.bz2"), &[("file", "other")]);
    let md5 = "0c9a4ed2d9a8f2e35a1f1d1bb40d5ea2";
    fs::write(
        place.path("new/packages.checksum"),
        format!("{md5} {NAME}\n"),
    )
    .unwrap();
    assert_eq!(
        place.install(),
        format!(
            "`{NAME}` could not be fetched from any repository: `<place>/new`: it has the wrong checksum: \
             `{md5}` is expected; `<place>/old`: it does not have it\n"
        )
    );
    assert_eq!(walk(&place.path("deps")), [".x-dep-lock"]);
    // The one that has the right one is taken.
    plain(&place.path("old/dep-x.tar.bz2"), &[("file", "right")]);
    fs::write(
        place.path("old/dep-x.tar.bz2.checksum"),
        sum(&place.path("old/dep-x.tar.bz2")).to_string(),
    )
    .unwrap();
    assert_eq!(place.install(), "installed\n");
    assert_eq!(place.text("deps/x/file"), "right");
}

#[test]
fn a_package_with_an_md5_of_the_original_is_installed_once() {
    let place = Place::new();
    plain(&place.path("new/dep-x.tar.bz2"), &[("file", "original")]);
    let output = std::process::Command::new("md5sum")
        .arg(place.path("new/dep-x.tar.bz2"))
        .output();
    let Ok(output) = output else {
        println!("left out: md5sum is not installed");
        return;
    };
    let md5 = String::from_utf8(output.stdout).unwrap()[..32].to_owned();
    fs::write(
        place.path("new/packages.checksum"),
        format!("{md5} {NAME}\n"),
    )
    .unwrap();
    assert_eq!(place.install(), "installed\n");
    fs::write(place.path("deps/x/file"), "changed since").unwrap();
    assert_eq!(place.install(), "installed\n");
    assert_eq!(place.text("deps/x/file"), "changed since");
}

#[test]
fn a_package_that_is_refused_keeps_the_one_that_is_installed() {
    let place = Place::new();
    plain(&place.path("old/dep-x.tar.bz2"), &[("file", "good")]);
    place.install();
    let mut bytes = fs::read(place.path("old/dep-x.tar.bz2")).unwrap();
    bytes.truncate(bytes.len() - 10);
    fs::write(place.path("new/dep-x.tar.bz2"), bytes).unwrap();
    assert_eq!(
        place.install(),
        format!("`{NAME}`: the package is truncated\n")
    );
    assert_eq!(place.text("deps/x/file"), "good");
    assert_eq!(
        walk(&place.path("deps")),
        [".x-dep-lock", "x/", "x/.checksum", "x/file"]
    );
}

#[test]
fn a_directory_with_other_files_is_not_replaced() {
    let place = Place::new();
    plain(&place.path("new/dep-x.tar.bz2"), &[("file", "good")]);
    fs::create_dir_all(place.path("deps/x")).unwrap();
    place.install();
    assert_eq!(place.text("deps/x/file"), "good");
    fs::remove_file(place.path("deps/x/.checksum")).unwrap();
    assert_eq!(
        place.install(),
        "`<place>/deps/x` has files of its own, which a package would replace: name another directory, or \
         remove it\n"
    );
    assert_eq!(walk(&place.path("deps")), [".x-dep-lock", "x/", "x/file"]);
}

#[test]
fn a_list_that_is_none_is_an_error() {
    let place = Place::new();
    plain(&place.path("new/dep-x.tar.bz2"), &[("file", "good")]);
    fs::write(place.path("new/packages.checksum"), "nonsense\n").unwrap();
    let printed = place.install();
    let message =
        "`<place>/new`: `packages.checksum`: line 1 is not a checksum and the name of a file;";
    assert!(printed.contains(message), "{printed}");
}
