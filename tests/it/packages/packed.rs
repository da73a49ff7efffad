//! Packages of this package's fixtures.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, OnceLock};

use autotest_package::{Content, Packing};
use tempfile::TempDir;

use super::super::binary::{example_path, fixture_path};

/// The version and target of all packages.
const VERSION: &str = "1.0.0";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// An executable without its debug information, if there is a `strip`: packing takes long enough.
fn stripped(name: &str, executable: &Path) -> PathBuf {
    let dir = dir().join("stripped");
    fs::create_dir_all(&dir).unwrap();
    let path = dir.join(name);
    let mut strip = Command::new("strip");
    let stripped = strip.arg("-o").arg(&path).arg(executable).status();
    match stripped.is_ok_and(|status| status.success()) {
        true => path,
        false => executable.to_owned(),
    }
}

/// The directory of all packages that tests share.
fn dir() -> &'static Path {
    static DIR: OnceLock<TempDir> = OnceLock::new();
    DIR.get_or_init(|| tempfile::tempdir().unwrap()).path()
}

/// The package of a fixture, as a suite.
pub(crate) fn package(fixture: &'static str) -> PathBuf {
    packed(fixture, || fixture_path(fixture).to_owned())
}

/// The package of an example, which has fewer features than a fixture.
pub(super) fn package_of_example(example: &'static str) -> PathBuf {
    packed(example, || example_path(example))
}

fn packed(name: &'static str, executable: impl FnOnce() -> PathBuf) -> PathBuf {
    static PACKED: Mutex<BTreeMap<&str, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut packed = PACKED.lock().unwrap();
    let packed = packed.entry(name).or_insert_with(|| {
        let executable = Content::File(stripped(name, &executable()));
        let packing = Packing::new(name, VERSION, TARGET, executable);
        packing.write_into(dir()).unwrap().0
    });
    packed.clone()
}

/// A package whose executable does not run tests: it is `sh`, which takes the flags of a test for its own.
pub(super) fn package_of_shell(dir: &Path) -> PathBuf {
    let packing = Packing::new("shell", VERSION, TARGET, Content::File("/bin/sh".into()));
    packing.write_into(dir).unwrap().0
}

/// The name of a fixture's package.
pub(super) fn file_name(fixture: &str) -> String {
    format!("{fixture}-{VERSION}-{TARGET}.tar.bz2")
}

/// An original package: files without a manifest.
pub(super) fn plain(path: &Path, files: &[(&str, &str)]) {
    let mut archive = tar::Builder::new(bzip2::write::BzEncoder::new(
        fs::File::create(path).unwrap(),
        bzip2::Compression::fast(),
    ));
    for (name, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive
            .append_data(&mut header, name, text.as_bytes())
            .unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap();
}
