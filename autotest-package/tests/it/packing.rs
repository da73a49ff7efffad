//! Making packages.

use std::fs;
use std::path::Path;

use autotest_package::{Content, Limits, Package, Packing};

use super::archive::{Target, native_executable};

fn packing() -> Packing {
    let mut packing = Packing::new(
        "bvt",
        "1.2.0",
        "x86_64-unknown-linux-musl",
        Content::Bytes(native_executable()),
    );
    packing
        .data("blobs/small.bin", Content::Bytes(vec![7; 100]))
        .unwrap();
    packing
        .license("MIT", Content::Bytes(b"Permission".to_vec()))
        .unwrap();
    packing
}

fn packed(packing: &Packing) -> Vec<u8> {
    let mut package = Vec::new();
    packing.write(&mut package).unwrap();
    package
}

#[test]
fn the_manifest_comes_first_then_all_files_by_path() {
    let package = packed(&packing());
    let tar = bzip2::read::BzDecoder::new(package.as_slice());
    let mut archive = tar::Archive::new(tar);
    let mut lines = Vec::new();
    for entry in archive.entries().unwrap() {
        let entry = entry.unwrap();
        let header = entry.header();
        lines.push(format!(
            "{} {:o} {}:{} {:?}:{:?} {}",
            entry.path().unwrap().display(),
            header.mode().unwrap(),
            header.uid().unwrap(),
            header.gid().unwrap(),
            header.username().unwrap().unwrap(),
            header.groupname().unwrap().unwrap(),
            header.mtime().unwrap(),
        ));
    }
    assert_eq!(
        lines,
        [
            r#"manifest.json 644 0:0 "":"" 0"#,
            r#"blobs/small.bin 644 0:0 "":"" 0"#,
            r#"bvt 755 0:0 "":"" 0"#,
            r#"licenses/MIT 644 0:0 "":"" 0"#,
            r#"run 755 0:0 "":"" 0"#,
        ]
    );
}

#[test]
fn the_same_files_make_the_same_package() {
    assert_eq!(packed(&packing()), packed(&packing()));
    let mut later = packing();
    later.modified(1_700_000_000);
    assert_ne!(packed(&packing()), packed(&later));
}

#[test]
fn the_manifest_has_sizes_checksums_and_modes() {
    let package = packed(&packing());
    let package = Package::open(package.as_slice(), Limits::default()).unwrap();
    let manifest = package.manifest().unwrap();
    assert_eq!(
        manifest.file_name(),
        "bvt-1.2.0-x86_64-unknown-linux-musl.tar.bz2"
    );
    let mut json = serde_json::to_value(manifest).unwrap();
    let files = json["files"].as_array_mut().unwrap();
    let run = files.pop().unwrap();
    assert_eq!(
        run,
        serde_json::json!({
            "path": "run", "size": 42, "mode": "0755",
            "sha256": "4fdf979e8e62f956745489dcd694bf072ea02741ad620d4b2be0168bb789e806",
        })
    );
    let paths: Vec<&str> = files
        .iter()
        .map(|file| file["path"].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["blobs/small.bin", "bvt", "licenses/MIT"]);
    json["files"] = serde_json::Value::Null;
    assert_eq!(
        json,
        serde_json::json!({
            "v": 1, "suite": "bvt", "version": "1.2.0", "target": "x86_64-unknown-linux-musl",
            "executable": "bvt", "files": null,
        })
    );
}

#[test]
fn a_package_appears_whole_under_its_name() {
    let target = Target::new();
    let (path, manifest) = packing().write_into(target.path()).unwrap();
    assert_eq!(path, target.path().join(manifest.file_name()));
    assert_eq!(target.names(), [manifest.file_name().as_str(), "there"]);
    assert_eq!(fs::read(path).unwrap(), packed(&packing()));
}

#[track_caller]
fn check_fails(packing: &Packing, message: &str) {
    let target = Target::new();
    let error = packing.write_into(target.path()).unwrap_err();
    assert_eq!(error.to_string(), message);
    assert_eq!(target.names(), ["there"]);
}

#[test]
fn what_cannot_be_read_leaves_nothing() {
    let missing = Content::File("/does/not/exist".into());
    let packing = Packing::new("bvt", "1.2.0", "x86_64-unknown-linux-musl", missing);
    let message = "failed to read `/does/not/exist`: No such file or directory (os error 2)";
    check_fails(&packing, message);
}

#[test]
fn names_that_no_package_has() {
    let executable = || Content::Bytes(native_executable());
    check_fails(
        &Packing::new("../bvt", "1.2.0", "x86_64-unknown-linux-musl", executable()),
        "the package would have an invalid manifest: its suite `../bvt` is empty or has other characters \
         than letters, digits and `_.+-`",
    );
    check_fails(
        &Packing::new("bvt", "v1", "x86_64-unknown-linux-musl", executable()),
        "the package would have an invalid manifest: its version `v1` does not begin with a digit",
    );
}

#[test]
fn paths_that_no_package_has() {
    for (path, message) in [
        ("../data", "the file `../data` has a path with `..`"),
        ("/data", "the file `/data` has an absolute path"),
        ("bvt", "the file `bvt` occurs twice"),
        ("run", "the file `run` occurs twice"),
        (
            "manifest.json",
            "the file `manifest.json` has a name that is reserved for the installed package",
        ),
        (
            "./data",
            "the file `./data` has a path that is not written plainly (write `data`)",
        ),
        (
            "bvt/data",
            "the file `bvt/data` is below `bvt`, which is not a directory",
        ),
        (
            "run/data",
            "the file `run/data` is below `run`, which is not a directory",
        ),
        (
            "blobs/small.bin/data",
            "the file `blobs/small.bin/data` is below `blobs/small.bin`, which is not a directory",
        ),
        ("blobs", "the file `blobs` occurs twice"),
        (
            "Blobs/other.bin",
            "the file `Blobs/other.bin` differs from `blobs` only in upper and lower case",
        ),
        (
            "blobs/Small.bin",
            "the file `blobs/Small.bin` differs from `blobs/small.bin` only in upper and lower case",
        ),
        (
            "Manifest.json",
            "the file `Manifest.json` differs from `manifest.json` only in upper and lower case",
        ),
    ] {
        let error = packing()
            .data(path, Content::Bytes(Vec::new()))
            .unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn a_refused_file_changes_nothing() {
    let mut packing = packing();
    let mut add = |path: &str| {
        let added = packing.data(path, Content::Bytes(Vec::new()));
        added.map(drop).map_err(|error| error.to_string())
    };
    let refused = "differs from `blobs` only in upper and lower case";
    for path in ["Blobs/x", "BLOBS/x"] {
        assert_eq!(add(path), Err(format!("the file `{path}` {refused}")));
    }
    assert_eq!(add("blobs/x"), Ok(()));
}

#[test]
fn names_of_suites_that_are_names_of_other_files() {
    let executable = || Content::Bytes(native_executable());
    let suite = |name: &str| Packing::new(name, "1.2.0", "x86_64-unknown-linux-musl", executable());
    check_fails(&suite("run"), "the file `run` occurs twice");
    check_fails(
        &suite("Run"),
        "the file `Run` differs from `run` only in upper and lower case",
    );
    let error = suite("licenses")
        .license("MIT", Content::Bytes(Vec::new()))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the file `licenses/MIT` is below `licenses`, which is not a directory"
    );
}

#[test]
fn a_path_that_is_too_long_for_a_header_comes_back() {
    let mut packing = packing();
    let path = format!("{}/data", "long".repeat(40));
    packing
        .data(&path, Content::Bytes(b"contents".to_vec()))
        .unwrap();
    let package = packed(&packing);
    let package = Package::open(package.as_slice(), Limits::default()).unwrap();
    assert_eq!(package.read_file(&path, 100).unwrap(), b"contents");
}

#[test]
fn the_script_starts_the_executable_beside_it() {
    let target = Target::new();
    let shell = Content::File("/bin/sh".into());
    let mut package = Vec::new();
    Packing::new("bvt", "1.2.0", "any", shell)
        .write(&mut package)
        .unwrap();
    let staged = Package::open(package.as_slice(), Limits::default())
        .and_then(|package| package.stage(target.path(), None))
        .unwrap();
    let into = target.path().join("suite");
    staged.commit(&into).unwrap();
    let output = std::process::Command::new(into.join("run"))
        .args(["-c", "echo $0: $1", "name", "two words"])
        .current_dir(Path::new("/"))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "name: two words\n");
}
